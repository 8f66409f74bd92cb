import assert from "node:assert/strict";
import { MuteList } from "../../mixer/mute_list.ts";
import { SampleRing } from "../../mixer/sample_ring.ts";
import { TrackReader } from "../../mixer/track_reader.ts";
import { testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { clickDbfs, p95, speechCuts, telephoneSpeech } from "./support/clicks.ts";
import { noise, tone } from "./tones.ts";

const FADE = 40;

class Rig {
  readonly ring: SampleRing;
  readonly mutes = new MuteList();
  readonly reader: TrackReader;

  constructor(fade = FADE, capacity = 48_000) {
    this.ring = new SampleRing(capacity);
    this.reader = new TrackReader(this.ring, this.mutes, fade);
  }

  /** Reads windows from 0 on up to `length`; answers the lane and how much of it was supplied. */
  read(length: number, window = 400, from = 0): { lane: Int16Array; supplied: number } {
    const lane = new Int16Array(length);
    let supplied = 0;
    for (let at = 0; at < length; at += window) {
      supplied += this.reader.read(from + at, lane.subarray(at, Math.min(length, at + window)));
    }
    return { lane, supplied };
  }
}

Deno.test("TrackReader.read() never touches continuous sound, whatever its values", () => {
  for (const window of [1, 7, 400]) {
    const rig = new Rig();
    const sound = noise(8000, 5);
    sound.fill(0, 0, 2);
    rig.ring.write(800, sound);
    const { lane, supplied } = rig.read(8800, window);
    assert.deepEqual(lane.subarray(0, 800), new Int16Array(800));
    assert.deepEqual(lane.subarray(800), sound);
    assert.equal(supplied, 8000);
  }
});

Deno.test("TrackReader.read() fades in what does not start at zero, over 5 ms", () => {
  const rig = new Rig();
  rig.ring.write(395, new Int16Array(405).fill(10_000));
  const { lane } = rig.read(800);
  assert.equal(lane[394], 0);
  for (let index = 0; index < FADE; index++) {
    const gain = 0.5 * (1 - Math.cos(Math.PI * (index + 0.5) / FADE));
    assert.equal(lane[395 + index], Math.round(10_000 * gain), "across the window's edge");
  }
  assert.ok(lane.subarray(395 + FADE).every((sample) => sample === 10_000));
});

Deno.test("TrackReader.read() lets sound that breaks off ring out over 5 ms, and no longer", () => {
  for (const end of [777, 800, 801]) {
    const rig = new Rig();
    const sound = tone(300, 8000, end, 12_000);
    rig.ring.write(0, sound);
    const { lane, supplied } = rig.read(1600);
    assert.equal(supplied, end, "what rings out was not supplied");
    assert.deepEqual(lane.subarray(0, end), sound);
    const expected = tone(300, 8000, end + FADE, 12_000);
    for (let index = 0; index < FADE; index++) {
      const gain = 0.5 * (1 + Math.cos(Math.PI * (index + 0.5) / FADE));
      const error = Math.abs(lane[end + index] - expected[end + index] * gain);
      assert.ok(error < 60, `${error} off at ${index}`);
    }
    assert.ok(lane.subarray(end + FADE).every((sample) => sample === 0));
  }
});

Deno.test("TrackReader.read() adds what rings out to what starts meanwhile", () => {
  const rig = new Rig();
  rig.ring.write(0, tone(300, 8000, 400, 12_000).fill(0, 0, 1));
  rig.ring.write(410, new Int16Array(390));
  const { lane } = rig.read(800);
  const alone = new Rig();
  alone.ring.write(0, tone(300, 8000, 400, 12_000));
  assert.deepEqual(lane, alone.read(800).lane);
});

Deno.test("TrackReader.read() leaves quiet edges as they are", () => {
  const rig = new Rig();
  rig.ring.write(400, new Int16Array(100).fill(-8));
  const { lane } = rig.read(800);
  assert.deepEqual(lane.subarray(400, 500), new Int16Array(100).fill(-8));
  assert.ok(lane.subarray(500).every((sample) => sample === 0));
});

Deno.test("TrackReader.read() gives nothing of a muted stretch, and does not count it", () => {
  const rig = new Rig(0);
  rig.ring.write(0, new Int16Array(2000).fill(5000));
  rig.mutes.begin(100);
  rig.mutes.end(150);
  rig.mutes.begin(390);
  rig.mutes.end(1210);
  const { lane, supplied } = rig.read(2000);
  assert.equal(supplied, 2000 - 50 - 820);
  lane.forEach((sample, at) => {
    const muted = (at >= 100 && at < 150) || (at >= 390 && at < 1210);
    assert.equal(sample, muted ? 0 : 5000);
  });
});

Deno.test("TrackReader.read() continues what came before a mute, never what is muted", () => {
  const rig = new Rig();
  rig.ring.write(0, tone(300, 8000, 1000, 12_000));
  rig.mutes.begin(500);
  const broken = new Rig();
  broken.ring.write(0, tone(300, 8000, 500, 12_000));
  assert.deepEqual(rig.read(1200).lane, broken.read(1200).lane);
});

Deno.test("TrackReader.read() continues a sound from its own samples, not from muted ones before it", () => {
  const rig = new Rig();
  rig.ring.write(0, tone(300, 8000, 1000, 30_000));
  rig.mutes.begin(300);
  rig.mutes.end(970);
  rig.ring.removeFrom(970);
  rig.ring.write(970, new Int16Array(30).fill(100));
  const { lane } = rig.read(1200);
  const peak = Math.max(...lane.subarray(340).map(Math.abs));
  assert.ok(peak <= 100, `${peak} after the pause`);
});

Deno.test("TrackReader of a recorder reads what has been repaired where a live one read a hole", () => {
  const rig = new Rig();
  const sound = tone(440, 8000, 2000, 9000);
  rig.ring.write(0, sound, 0, 700);
  rig.ring.write(1105, sound, 1105, 2000);
  const live = rig.read(2000).lane;
  assert.ok(live.subarray(740, 1105).every((sample) => sample === 0));
  assert.notEqual(live[1110], sound[1110], "faded in");
  rig.ring.write(700, sound, 700, 1105);
  const recorder = new TrackReader(rig.ring, rig.mutes, FADE);
  const recorded = new Int16Array(2000);
  assert.equal(recorder.read(0, recorded), 2000);
  assert.deepEqual(recorded, sound);
});

Deno.test("TrackReader.read() bounds what a sound of a few samples costs and does", () => {
  const rig = new Rig();
  const full = Int16Array.of(32767);
  for (let at = 1; at < 1600; at += 2) rig.ring.write(at, full);
  const { lane, supplied } = rig.read(2000);
  assert.equal(supplied, 800);
  assert.ok(lane.subarray(1640).every((sample) => sample === 0));
});

testWith(["espeak-ng", "sox"], "Scenario 12: gap edges do not click, either side", async () => {
  const speech = await telephoneSpeech();
  const cuts = speechCuts(speech, 400, seededRandom(12));
  const levels = { end: [] as number[], start: [] as number[], hard: [] as number[] };
  for (const cut of cuts) {
    for (const [kind, fade] of [["end", FADE], ["start", FADE], ["hard", 0]] as const) {
      const rig = new Rig(fade, 2400);
      const [from, to] = kind === "start" ? [cut, cut + 800] : [cut - 800, cut];
      rig.ring.write(800, speech.subarray(from, to));
      levels[kind].push(clickDbfs(rig.read(2400).lane, kind === "start" ? 800 : 1600));
    }
  }
  if (Deno.env.has("REPORT")) {
    for (const [kind, list] of Object.entries(levels)) {
      console.log(kind, "p95", p95(list).toFixed(1), "max", Math.max(...list).toFixed(1));
    }
  }
  assert.ok(p95(levels.end) <= -80, `${p95(levels.end)} dBFS where sound breaks off`);
  assert.ok(p95(levels.start) <= -80, `${p95(levels.start)} dBFS where it starts`);
  assert.ok(p95(levels.hard) > -60, "the measure sees clicks");
});
