import assert from "node:assert/strict";
import { compileCues, type Cue } from "../../demo/cues.ts";
import timeline from "../../demo/timeline.json" with { type: "json" };

const DEMO = new URL("../../demo/", import.meta.url);
const user = await Deno.readFile(new URL("user.mulaw", DEMO));
const bot = await Deno.readFile(new URL("bot.mulaw", DEMO));
const cues = compileCues(timeline, user, bot);

function audioCues(track: number): { atMs: number; payload: Uint8Array }[] {
  return cues.flatMap(({ atMs, message }) =>
    typeof message !== "string" && message[0] === track
      ? [{ atMs, payload: message.subarray(1) }]
      : []
  );
}

function jsonCues(type: string): { atMs: number; json: { type: string; data?: unknown } }[] {
  return cues.flatMap(({ atMs, message }: Cue) => {
    const json = typeof message === "string" ? JSON.parse(message) : undefined;
    return json?.type === type ? [{ atMs, json }] : [];
  });
}

Deno.test("compileCues() is ordered by time and within the round", () => {
  assert.ok(cues.every(({ atMs }, i) => i === 0 || atMs >= cues[i - 1].atMs));
  assert.ok(cues[0].atMs >= 0 && cues.at(-1)!.atMs <= timeline.durationMs);
});

Deno.test("compileCues() sends the user as 20 ms frames when they have been spoken", () => {
  const frames = audioCues(0);
  assert.ok(frames.every(({ payload }) => payload.length === 160));
  const times = frames.map(({ atMs }) => atMs);
  const muted = ({ fromMs, toMs }: { fromMs: number; toMs: number }, startMs: number) =>
    startMs >= fromMs && startMs < toMs;
  const wanted = Array.from({ length: timeline.durationMs / 20 }, (_, index) => index * 20)
    .filter((startMs) => !timeline.mutes.some((mute) => muted(mute, startMs)))
    .map((startMs) => startMs + 20);
  assert.deepEqual(times, wanted);
});

Deno.test("compileCues() places every byte of the user's speech and noise", () => {
  const line = new Map(audioCues(0).map(({ atMs, payload }) => [atMs - 20, payload]));
  const heard = new Uint8Array(timeline.durationMs * 8);
  for (const [startMs, payload] of line) heard.set(payload, startMs * 8);
  let from = 0;
  for (const { startMs, startByte, endByte } of timeline.user) {
    const at = startMs * 8;
    assert.deepEqual(
      heard.subarray(at, at + endByte - startByte),
      user.subarray(startByte, endByte),
    );
    for (let byte = from; byte < at; byte++) {
      const sentMs = Math.floor(byte / 160) * 20;
      if (line.has(sentMs)) assert.equal(heard[byte], user[byte % 8000], `byte ${byte}`);
    }
    from = at + endByte - startByte;
  }
});

Deno.test("compileCues() sends each of the bot's utterances whole, at once", () => {
  const pieces = audioCues(1);
  assert.deepEqual(Uint8Array.from(joined(pieces)), bot);
  assert.deepEqual(
    [...new Set(pieces.map(({ atMs }) => atMs))],
    timeline.bot.map((u) => u.startMs),
  );
  assert.ok(pieces.every(({ payload }) => payload.length > 0 && payload.length <= 1600));
});

function joined(pieces: { payload: Uint8Array }[]): number[] {
  return pieces.flatMap(({ payload }) => [...payload]);
}

Deno.test("compileCues() sends a transcript line at each utterance, and the clear", () => {
  const spoken = (["user", "bot"] as const).flatMap((track) =>
    timeline[track].map(({ startMs, text }) => ({ startMs, track, text }))
  ).sort((a, b) => a.startMs - b.startMs);
  const lines = jsonCues("event");
  assert.deepEqual(lines.map(({ atMs }) => atMs), spoken.map(({ startMs }) => startMs));
  assert.deepEqual(
    lines.map(({ json }) => json.data),
    spoken.map(({ track, text }) => ({ track, text })),
  );
  assert.deepEqual(jsonCues("clear").map(({ atMs }) => atMs), timeline.clearsMs);
});
