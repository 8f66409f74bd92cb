import assert from "node:assert/strict";
import { Player } from "../../static/audio/player.js";
import { TapWriter } from "../../static/audio/tap_writer.js";

const RATE = 8000;
const QUANTUM = 128;
const FRAME = 400;

/** As much of a status as is looked at here. */
interface Said {
  playing: boolean;
  live: boolean;
  position: number;
  edge: number;
  frame: number;
  speed: number;
  user: { peak: number; rms: number; clips: number };
  bot: { peak: number; rms: number; clips: number };
}

/** A player and what it says, fed with constant sound: `user` and `bot`. */
function opened({ user = 8000, bot = 4000 } = {}) {
  const statuses: Said[] = [];
  const answers: { samples: number; turn: number }[] = [];
  const player = new Player(RATE, (status) => statuses.push(status as Said));
  player.answer = (answer) => answers.push(answer as { samples: number; turn: number });
  let frames = 0;
  let position = 0;
  const out = new Float32Array(QUANTUM);
  const nowMs = () => frames * 1000 / RATE;
  return {
    player,
    statuses,
    answers,
    out,
    last: () => statuses[statuses.length - 1],
    open: () => player.onFeed({ type: "open", sampleRate: RATE, channels: 2 }, nowMs()),
    /** Plays so long, and lets frames come as they are spoken. */
    run(ms: number, feeding = true) {
      for (const end = frames + ms * RATE / 1000; frames < end; frames += QUANTUM) {
        while (feeding && position + FRAME <= frames) {
          const pcm = new Int16Array(2 * FRAME);
          for (let i = 0; i < pcm.length; i += 2) pcm.set([user, bot], i);
          player.onFeed({ type: "frame", pcm: pcm.buffer, position, atEdge: true }, nowMs());
          position += FRAME;
        }
        player.process(out, frames);
      }
    },
  };
}

Deno.test("Player is silent before there is a call, and keeps what it was told until then", () => {
  const { player, open, run, out, statuses, last } = opened();
  player.onPage({ type: "mix", mix: { bot: { mute: true } } });
  run(100, false);
  assert.deepEqual([statuses.length, out.every((sample) => sample === 0)], [0, true]);
  open();
  run(1000);
  assert.ok(last().playing);
  assert.ok(out.every((sample) => Math.abs(sample - 8000 / 32768) < 1e-3), `${out[0]}`);
});

Deno.test("Player that was paused before the call came is paused", () => {
  const { player, open, run, last } = opened();
  player.onPage({ type: "pause" });
  open();
  run(1000);
  assert.deepEqual([last().playing, last().live], [false, false]);
  player.onPage({ type: "play" });
  run(1000);
  assert.equal(last().playing, true);
});

Deno.test("Player reports every 50 ms where the sound of a frame is, and the newest", () => {
  const { open, run, statuses } = opened();
  open();
  run(3000);
  const playing = statuses.filter((status) => status.playing);
  for (let n = 1; n < playing.length; n++) {
    const frames = playing[n].frame - playing[n - 1].frame;
    assert.ok(frames >= 0.05 * RATE && frames < 0.05 * RATE + QUANTUM);
    assert.ok(Math.abs(playing[n].position - playing[n - 1].position - frames) < 4);
    assert.ok(playing[n].edge > playing[n].position && playing[n].edge <= playing[n].frame);
  }
});

Deno.test("Player's meters show each side as it plays, muted or not, and count clips", () => {
  const { player, open, run, out, last } = opened({ user: 8000, bot: -32768 });
  player.onPage({ type: "mix", mix: { bot: { mute: true }, user: { mute: true } } });
  open();
  run(2000);
  const { user, bot } = last();
  assert.ok(out.every((sample) => sample === 0));
  assert.deepEqual([user.peak, user.clips, bot.peak], [8000 / 32768, 0, 1]);
  assert.ok(Math.abs(user.rms - 8000 / 32768) < 1e-9);
  assert.ok(bot.clips >= 0.05 * RATE, `${bot.clips} clips`);
});

Deno.test("Player takes all that is live, and of the past what it needs", () => {
  const { player, open, run, answers } = opened();
  open();
  run(200);
  assert.equal(answers.at(-1)?.samples, Infinity);
  player.onFeed({ type: "jump", live: false, position: 0, turn: 7 }, 0);
  run(100, false);
  assert.deepEqual(answers.at(-1), { type: "wanted", samples: 1.5 * RATE, turn: 7 });
});

Deno.test("TapWriter posts all that was played, in its place", () => {
  const posted: { frame: number; samples: Float32Array }[] = [];
  const port = { postMessage: (message: typeof posted[0]) => void posted.push(message) };
  const writer = new TapWriter(port as unknown as MessagePort);
  const quantum = new Float32Array(QUANTUM);
  for (let frame = 0; frame < 100 * QUANTUM; frame += QUANTUM) {
    writer.write(quantum.fill(frame), frame);
  }
  assert.deepEqual(posted.map(({ frame }) => frame), [0, 4096, 8192]);
  assert.deepEqual([posted[1].samples.length, posted[1].samples[130]], [4096, 4096 + QUANTUM]);
});
