import assert from "node:assert/strict";
import { toDb } from "../../static/meters.js";
import { clockText, stateOf } from "../../static/states.js";
import { Tap } from "../../static/tap.js";

const AUDIO = { playing: true, finished: false, playedFrames: 1, silentMs: 0, keepalive: false };
const still = { ...AUDIO, playing: false };

Deno.test("stateOf() shows one state for what connection, device and sound say", () => {
  const context = "running";
  const connection = "open";
  const cases: [Parameters<typeof stateOf>[0], string][] = [
    [{ connection: "idle", context }, "idle"],
    [{ connection: "connecting", context: "starting" }, "connecting"],
    [{ connection, context }, "buffering"],
    [{ connection, context, audio: { ...still, playedFrames: 0 } }, "buffering"],
    [{ connection, context, audio: AUDIO }, "live"],
    [{ connection, context, audio: still }, "live"],
    [{ connection, context, audio: { ...AUDIO, keepalive: true } }, "silence"],
    [{ connection, context: "interrupted", audio: AUDIO }, "suspended"],
    [{ connection: "reconnecting", context, audio: AUDIO }, "reconnecting"],
    [{ connection: "ended", context, audio: AUDIO }, "live"],
    [{ connection: "ended", context, audio: { ...still, finished: true } }, "ended"],
    [{ connection: "removed", context, audio: AUDIO }, "ended"],
    [{ connection: "refused", context }, "refused"],
  ];
  for (const [parts, state] of cases) assert.equal(stateOf(parts), state, JSON.stringify(parts));
});

Deno.test("clockText() shows hours only when there are some", () => {
  assert.deepEqual([0, 7.9, 754, 3723].map(clockText), ["0:00", "0:07", "12:34", "1:02:03"]);
});

Deno.test("toDb() reads dBFS down to its floor", () => {
  assert.deepEqual([1, 0.1, 0, 1e-9].map(toDb), [0, -20, -60, -60]);
});

Deno.test("Tap keeps ten minutes, in their place", () => {
  const tap = new Tap({ sampleRate: 10 });
  for (let frame = 0; frame < 7000; frame += 100) {
    tap.add({ frame, samples: new Float32Array(100).fill(frame) });
  }
  assert.equal(tap.batches[0].frame, 1000);
  assert.equal(tap.samples().length, 6000);
  assert.equal(tap.samples()[150], 1100);
});
