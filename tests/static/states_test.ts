import assert from "node:assert/strict";
import { clockText, type Parts, stateOf, STATES } from "../../static/states.js";
import { Tap } from "../../static/tap.js";

const IDLE: Parts = {
  isReachable: true,
  isOnline: true,
  call: "live",
  isPrivate: false,
  isIngestLost: false,
  recording: "recording",
  hasStarted: false,
  isHeld: false,
  isSuspended: false,
  connection: "idle",
};
const audio = { playing: true, finished: false, live: true, keepalive: false };
const LIVE: Parts = { ...IDLE, hasStarted: true, connection: "open", audio };
const ENDED: Parts = { ...LIVE, call: "ended", connection: "ended", recording: "complete" };
/** Its recording was asked for and has not come yet. */
const OPENED: Parts = { ...IDLE, call: "ended", recording: "complete", hasStarted: true };

Deno.test("stateOf() shows one state for what call, connection, device and listener say", () => {
  const played = { ...audio, playing: false, finished: true };
  const cases: [Parts, string][] = [
    [{ ...IDLE, call: "unknown" }, "opening"],
    [{ ...IDLE, call: "unknown", isReachable: false }, "reconnecting"],
    [{ ...IDLE, call: "unknown", isReachable: false, isOnline: false }, "offline"],
    [{ ...IDLE, call: "announced" }, "announced"],
    [IDLE, "idle"],
    [{ ...IDLE, refused: 401 }, "refused"],
    [{ ...LIVE, refused: 429 }, "full"],
    [{ ...LIVE, connection: "connecting" }, "connecting"],
    [{ ...LIVE, call: "announced", connection: "open" }, "announced"],
    [LIVE, "live"],
    [{ ...LIVE, audio: { ...audio, keepalive: true } }, "silence"],
    [{ ...LIVE, isPrivate: true, audio: { ...audio, keepalive: true } }, "private"],
    [{ ...LIVE, isIngestLost: true }, "interrupted"],
    [{ ...LIVE, audio: { ...audio, live: false } }, "behind"],
    [{ ...LIVE, isPrivate: true, audio: { ...audio, live: false } }, "behind"],
    [{ ...LIVE, isHeld: true }, "held"],
    [{ ...LIVE, isSuspended: true }, "suspended"],
    [{ ...LIVE, isSuspended: true, isHeld: true }, "held"],
    [{ ...LIVE, connection: "reconnecting" }, "reconnecting"],
    [{ ...LIVE, isReachable: false }, "reconnecting"],
    [{ ...LIVE, connection: "reconnecting", isOnline: false }, "offline"],
    [{ ...LIVE, isOnline: false }, "live"],
    [{ ...LIVE, call: "ended", connection: "ending" }, "live"],
    [{ ...ENDED, recording: "recording", audio: played }, "completing"],
    [{ ...ENDED, recording: "failed", audio: played }, "over"],
    [{ ...ENDED, recording: "recovered", audio: played }, "ended"],
    [{ ...IDLE, call: "ended", recording: "complete" }, "ended"],
    [{ ...LIVE, connection: "removed" }, "over"],
    [{ ...ENDED, audio: { ...audio, live: false } }, "playing"],
    [{ ...ENDED, audio: { ...audio, live: false }, isHeld: true }, "ended"],
    [{ ...ENDED, audio: played }, "ended"],
    [{ ...OPENED, connection: "connecting" }, "connecting"],
    [{ ...OPENED, connection: "reconnecting" }, "reconnecting"],
  ];
  for (const [parts, state] of cases) assert.equal(stateOf(parts), state, JSON.stringify(parts));
});

Deno.test("docs/player.md explains every state", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/player.md", import.meta.url));
  for (const { label } of Object.values(STATES)) assert.ok(text.includes(`| ${label} `), label);
});

Deno.test("clockText() shows hours only when there are some", () => {
  assert.deepEqual([0, 7.9, 754, 3723].map(clockText), ["0:00", "0:07", "12:34", "1:02:03"]);
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
