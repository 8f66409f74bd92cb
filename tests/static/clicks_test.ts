/** What is heard above the band of speech where the player cuts into it: clicks, if there are any. */
import assert from "node:assert/strict";
import { JitterBuffer } from "../../static/audio/jitter_buffer.js";
import { Playout } from "../../static/audio/playout.js";
import { clickDbfs, p95, speechCuts, telephoneSpeech } from "../mixer/support/clicks.ts";
import { testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";

const RATE = 8000;
const CUTS = 400;
const SEED = 12;
const REPORT = Deno.env.get("REPORT") === "1";
/** Of speech before the cut and after it, in samples. */
const BEFORE = 1000;
const AFTER = 4000;
const QUANTUM = 128;
/** By a skip, and how it is blended: 5 ms; and what the resampler takes ahead. */
const SKIPPED = 1600;
const BLEND = 40;
const TAKEN = 20;

/** A device at the call's rate, on which somebody speaks: nothing is resampled, so all is exact. */
class Listener {
  readonly buffer = new JitterBuffer({ inputRateHz: RATE, channels: 1, outputRateHz: RATE });
  readonly out = new Int16Array(AFTER + BEFORE);
  frames = 0;
  readonly #quantum = new Float32Array(QUANTUM);

  constructor(speech: Int16Array) {
    this.buffer.jump(false, 0);
    this.buffer.push(speech, 0, 0, false);
  }

  play(frames: number): this {
    for (let left = frames; left > 0; left -= QUANTUM) {
      this.buffer.pull(this.#quantum, this.frames * 1000 / RATE);
      this.out.set(this.#quantum.map((sample) => Math.round(32768 * sample)), this.frames);
      this.frames += QUANTUM;
    }
    return this;
  }
}

/** Plays what was said around a cut, and answers at which frame the edge is. */
type Edge = (listener: Listener, speech: Int16Array) => number;

const EDGES: Record<string, Edge> = {
  "an underrun and the sound after it": ({ buffer }, speech) => {
    buffer.jump(false, 0);
    buffer.push(speech.subarray(0, BEFORE), 0, 0, false);
    buffer.push(new Int16Array(1000), 0, BEFORE + 5000, false);
    return BEFORE;
  },
  "a jump elsewhere": (listener, speech) => {
    listener.play(8 * QUANTUM);
    listener.buffer.jump(false, 9000);
    listener.buffer.push(speech.subarray(2000), 0, 9000, false);
    return 8 * QUANTUM;
  },
  "a pause": (listener) => {
    listener.play(8 * QUANTUM).buffer.pause();
    return 8 * QUANTUM;
  },
  "a mute": (listener) => {
    listener.play(8 * QUANTUM).buffer.mixer.set({ user: { mute: true } });
    return 8 * QUANTUM + 60;
  },
  "a leap of the time stretch": (listener) => {
    listener.play(8 * QUANTUM).buffer.setSpeed(1.5);
    return 8 * QUANTUM + 40;
  },
  "a hole in the call": (listener, speech) => {
    listener.buffer.jump(false, 0);
    listener.buffer.push(speech.subarray(0, BEFORE), 0, 0, false);
    listener.buffer.push(speech.subarray(BEFORE + 800), 0, BEFORE + 800, false);
    return BEFORE;
  },
};

for (const [name, edge] of Object.entries(EDGES)) {
  testWith(["espeak-ng", "sox"], `JitterBuffer does not click at ${name}`, async () => {
    const speech = await telephoneSpeech();
    const levels = cutsOf(speech)
      .map((cut) => {
        const piece = speech.subarray(cut - BEFORE, cut + AFTER);
        const listener = new Listener(piece);
        const frame = edge(listener, piece);
        listener.play(16 * QUANTUM);
        return clickDbfs(listener.out, frame);
      });
    assertSoft(levels);
  });
}

testWith(
  ["espeak-ng", "sox"],
  "Playout does not click at a skip, where a hard cut would",
  async () => {
    const speech = await telephoneSpeech();
    const skipped = new Int16Array(AFTER);
    const hard = new Int16Array(AFTER);
    const out = new Float32Array(AFTER);
    const levels: number[] = [];
    const clicks: number[] = [];
    for (const cut of cutsOf(speech)) {
      const playout = new Playout({ inputRateHz: RATE, outputRateHz: RATE, capacity: 8192 });
      playout.ring.write(speech.subarray(cut - BEFORE, cut + AFTER), 1);
      playout.start();
      playout.fill(out.subarray(0, BEFORE), 0, 1);
      playout.ring.jump(SKIPPED, BLEND);
      playout.fill(out.subarray(BEFORE, BEFORE + 800), 0, 1);
      skipped.set(out.map((sample) => Math.round(32768 * sample)));
      // What was taken already is played before the skip.
      levels.push(clickDbfs(skipped, BEFORE + TAKEN));
      hard.set(speech.subarray(cut - BEFORE, cut));
      hard.set(speech.subarray(cut + SKIPPED, cut + SKIPPED + 800), BEFORE);
      clicks.push(clickDbfs(hard, BEFORE));
    }
    assertSoft(levels);
    assert.ok(p95(clicks) > -60, `the measure sees clicks: ${p95(clicks)} dBFS`);
  },
);

/** Places with enough speech around them. */
function cutsOf(speech: Int16Array): number[] {
  return speechCuts(speech, CUTS + 100, seededRandom(SEED))
    .filter((cut) => cut >= BEFORE && cut + AFTER <= speech.length)
    .slice(0, CUTS);
}

function assertSoft(levels: number[]): void {
  if (REPORT) console.log(`${levels.length} cuts: p95 ${p95(levels).toFixed(1)} dBFS`);
  assert.equal(levels.length, CUTS);
  assert.ok(p95(levels) <= -80, `${p95(levels)} dBFS`);
}
