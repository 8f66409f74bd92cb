import assert from "node:assert/strict";
import { startIngestPeer } from "./ingest_peer.ts";
import { startTwilioCall } from "./twilio_client.ts";
import { planTwilioCall } from "./twilio_plan.ts";

interface Media {
  track: string;
  chunk: string;
  timestamp: string;
  payload: string;
}
interface Message {
  event: string;
  sequenceNumber?: string;
  media?: Media;
  start?: { callSid: string; customParameters: Record<string, string> };
}

const SEED = 7;
const CALL = "CA0123456789abcdef0123456789abcdef";

function ramp(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

function parse(text: string): Message {
  return JSON.parse(text);
}

function audioOf(messages: Message[], track: string): number[] {
  const media = messages.flatMap((message) => message.media ?? []);
  return media.filter((m) => m.track === track)
    .flatMap(({ payload }) => [...Uint8Array.fromBase64(payload)]);
}

Deno.test("planTwilioCall() numbers messages, chunks and timestamps as strings", () => {
  const plan = planTwilioCall({ callSid: CALL, user: ramp(480), bot: ramp(320), botFromMs: 20 });
  const messages = plan.map(({ text }) => parse(text));
  const events = messages.map(({ event }) => event);
  assert.deepEqual(events, ["connected", "start", "media", "media", "media", "media", "media"]);
  assert.deepEqual(messages.slice(1).map((m) => m.sequenceNumber), ["1", "2", "3", "4", "5", "6"]);
  const bot = messages.flatMap((m) => m.media ?? []).filter((m) => m.track === "outbound");
  assert.deepEqual(bot.map(({ chunk, timestamp }) => [chunk, timestamp]), [["1", "20"], [
    "2",
    "40",
  ]]);
  assert.deepEqual(audioOf(messages, "inbound"), [...ramp(480)]);
});

Deno.test(`planTwilioCall() delays by the jitter and keeps the order (seed ${SEED})`, () => {
  const user = ramp(160 * 500);
  const plan = planTwilioCall({ callSid: CALL, user, jitterMs: [5, 80], seed: SEED });
  const media = plan.slice(2);
  const late = media.map(({ atMs, text }) => atMs - (Number(parse(text).media!.timestamp) + 20));
  assert.ok(Math.min(...late) >= 5 && Math.max(...late) <= 80);
  assert.ok(Math.max(...late) - Math.min(...late) > 40, "there is jitter");
  assert.ok(media.every(({ atMs }, i) => i === 0 || atMs >= media[i - 1].atMs));
  const chunks = media.map(({ text }) => Number(parse(text).media!.chunk));
  assert.deepEqual(chunks, chunks.map((_, index) => index + 1));
});

Deno.test(`planTwilioCall() repeats and reorders as asked, by at most 3 (seed ${SEED})`, () => {
  const options = { callSid: CALL, user: ramp(160 * 1000), seed: SEED };
  const plan = planTwilioCall({ ...options, repeat: 0.05, reorder: 0.05 });
  const sequence = plan.slice(2).map(({ text }) => Number(parse(text).sequenceNumber));
  const repeated = sequence.length - new Set(sequence).size;
  assert.ok(repeated > 20 && repeated < 90, `${repeated} repeated`);
  const unique = [...new Set(sequence)];
  assert.deepEqual(unique.toSorted((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i + 2));
  const moved = unique.map((number, index) => Math.abs(number - (index + 2)));
  assert.ok(Math.max(...moved) >= 1 && Math.max(...moved) <= 3, `${Math.max(...moved)} places`);
});

Deno.test("planTwilioCall() sends nothing in a gap while time goes on", () => {
  const gaps = [{ track: "user" as const, fromMs: 40, toMs: 80 }];
  const plan = planTwilioCall({ callSid: CALL, user: ramp(160 * 6), gaps });
  const media = plan.flatMap(({ text }) => parse(text).media ?? []);
  assert.deepEqual(media.map(({ timestamp }) => timestamp), ["0", "20", "80", "100"]);
  assert.deepEqual(media.map(({ chunk }) => chunk), ["1", "2", "3", "4"]);
});

Deno.test("startTwilioCall() streams in real time, then hangs up", async () => {
  await using peer = startIngestPeer(() => undefined);
  const call = await startTwilioCall({
    url: `${peer.origin}/ingest/twilio`,
    callSid: CALL,
    token: "key",
    live: true,
    recording: false,
    parameters: { agent: "support" },
    user: ramp(160 * 20),
    bot: ramp(160 * 10),
    dtmf: [{ atMs: 105, digit: "5" }],
  });
  await call.sent;
  assert.equal((await call.stop()).code, 1000);
  const { messages } = await peer.session(0);
  const parsed = messages.map(({ data }) => parse(data as string));
  assert.equal(parsed.at(-1)!.event, "stop");
  assert.equal(parsed.filter(({ event }) => event === "stop").length, 1);
  assert.equal(parsed.filter(({ event }) => event === "dtmf").length, 1);
  assert.deepEqual(parsed[1].start!.customParameters, {
    agent: "support",
    token: "key",
    live: "true",
    recording: "false",
  });
  assert.deepEqual(audioOf(parsed, "inbound"), [...ramp(160 * 20)]);
  assert.deepEqual(audioOf(parsed, "outbound"), [...ramp(160 * 10)]);
  const tookMs = messages.at(-1)!.atMs - messages[0].atMs;
  assert.ok(tookMs > 380 && tookMs < 700, `took ${tookMs} ms`);
});

Deno.test("TwilioCall.drop() leaves without a stop", async () => {
  await using peer = startIngestPeer(() => undefined);
  const url = `${peer.origin}/ingest/twilio`;
  const call = await startTwilioCall({ url, callSid: CALL, user: ramp(160 * 500) });
  await call.drop();
  const { messages, closed } = await peer.session(0);
  await closed;
  assert.ok(messages.every(({ data }) => parse(data as string).event !== "stop"));
});
