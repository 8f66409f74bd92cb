import assert from "node:assert/strict";
import { ActiveWarnings } from "../../calls/active_warnings.ts";
import { CallHealth } from "../../calls/health.ts";
import { BOT, type MixedFrame, USER } from "../../mixer/mixer.ts";

const RATE = 8000;
const FRAME = 400;
/** Frames of a second. */
const SECOND = 20;

/** Sound of a side in a frame: none was supplied, or samples of this size. */
type Sound = number | undefined;

function aHealth(options: { capSamples?: number } = {}) {
  const told: string[] = [];
  const warnings = new ActiveWarnings(({ code, track, active, position }) => {
    told.push(`${active ? "+" : "-"}${code}${track ? ` ${track}` : ""} ${position! / RATE}`);
  });
  let paused = false;
  const health = new CallHealth({ sampleRate: RATE, warnings, isPaused: () => paused, ...options });
  let position = 0;
  const write = (frames: number, user: Sound, bot: Sound) => {
    const frame = {
      user: new Int16Array(FRAME).fill(user ?? 0),
      bot: new Int16Array(FRAME).fill(bot ?? 0),
      mix: new Int16Array(FRAME),
      sources: (user === undefined ? 0 : USER) | (bot === undefined ? 0 : BOT),
    };
    for (let n = 0; n < frames; n++, position += FRAME) {
      health.write({ ...frame, position } as MixedFrame);
    }
  };
  /** What was told since the last time. */
  const news = () => told.splice(0);
  return { warnings, write, news, pause: (value: boolean) => paused = value };
}

Deno.test("CallHealth tells of a side that sends nothing for 20 s, and that it sends again", () => {
  const { write, news, warnings } = aHealth();
  write(20 * SECOND - 2, 1000, undefined);
  assert.deepEqual(news(), []);
  write(2, 1000, undefined);
  assert.deepEqual(news(), ["+track_silent bot 19.95"]);
  assert.deepEqual(warnings.list, [{ code: "track_silent", track: "bot", position: 19.95 * RATE }]);
  // Zeros that are sent are not nothing; a single message is not yet a side that sends.
  write(8, 1000, 0);
  assert.deepEqual(news(), []);
  write(2, 1000, 0);
  assert.deepEqual(news(), ["-track_silent bot 20.45"]);
  assert.deepEqual(warnings.list, []);
});

Deno.test("CallHealth tells of 20 s in which neither side is heard, whatever is sent", () => {
  const { write, news } = aHealth();
  write(20 * SECOND - 2, 184, -184);
  assert.deepEqual(news(), []);
  write(2, 184, -184);
  assert.deepEqual(news(), ["+both_silent 19.95"]);
  write(8, undefined, 185);
  assert.deepEqual(news(), []);
  write(2, undefined, 185);
  assert.deepEqual(news(), ["-both_silent 20.45"]);
});

Deno.test("CallHealth tells of a side that is clipped for a second, until it was not for eight", () => {
  const { write, news } = aHealth();
  write(10 * SECOND, 31_999, undefined);
  write(SECOND - 2, -32_124, undefined);
  assert.deepEqual(news(), []);
  write(2, -32_124, undefined);
  assert.deepEqual(news(), ["+clipping user 10.95"]);
  write(8 * SECOND - 2, 31_999, undefined);
  assert.deepEqual(news(), []);
  write(2, 31_999, undefined);
  assert.deepEqual(news(), ["-clipping user 18.95"]);
});

Deno.test("CallHealth tells of a bot that speaks over the user for 3 s", () => {
  const { write, news } = aHealth();
  write(10 * SECOND, 1000, undefined);
  write(3 * SECOND - 2, 1000, 1000);
  assert.deepEqual(news(), []);
  write(2, 1000, 1000);
  assert.deepEqual(news(), ["+talk_over 12.95"]);
  write(28, 0, 1000);
  assert.deepEqual(news(), []);
  write(2, 0, 1000);
  assert.deepEqual(news(), ["-talk_over 14.45"]);
});

Deno.test("CallHealth tells that the recording is about to reach its cap, and that it did", () => {
  const { write, news } = aHealth({ capSamples: 100 * RATE });
  write(40 * SECOND, 1000, 0);
  assert.deepEqual(news(), []);
  write(60 * SECOND, 1000, 0);
  assert.deepEqual(news(), ["+recording_cap_near 50.05"]);
  write(2, 1000, 0);
  assert.deepEqual(news(), ["-recording_cap_near 100.05"]);
  const long = aHealth({ capSamples: 1800 * RATE });
  long.write(1740 * SECOND, 1000, 0);
  assert.deepEqual(long.news(), []);
  long.write(2, 1000, 0);
  assert.deepEqual(long.news(), ["+recording_cap_near 1740.05"]);
});

Deno.test("CallHealth says everything once of a call on hold for an hour, and nothing of a pause", () => {
  const held = aHealth();
  held.write(3600 * SECOND, undefined, undefined);
  assert.deepEqual(held.news(), [
    "+track_silent user 19.95",
    "+track_silent bot 19.95",
    "+both_silent 19.95",
  ]);
  const paused = aHealth();
  paused.pause(true);
  paused.write(3600 * SECOND, undefined, undefined);
  assert.deepEqual(paused.news(), []);
});
