import { seededRandom } from "./random.ts";

/** A call as Twilio would stream it. */
export interface TwilioPlanOptions {
  callSid: string;
  /** Travels as the custom parameter `token`; left out, none is sent. */
  token?: string;
  /** Mu-law bytes at 8 kHz: 160 make a frame. A last part of a frame is not sent. */
  user?: Uint8Array;
  bot?: Uint8Array;
  /** When a side's first frame begins. @default 0 */
  userFromMs?: number;
  botFromMs?: number;
  /** Least and most delay on the way, e.g. `[5, 80]`; order is kept, as TCP does. @default [0, 0] */
  jitterMs?: readonly [number, number];
  /** Of jitter, repeats and reordering. @default 1 */
  seed?: number;
  live?: boolean;
  recording?: boolean;
  /** Further custom parameters, which become metadata. */
  parameters?: Record<string, string>;
  dtmf?: readonly { atMs: number; digit: string }[];
  /** Times at which Twilio sends no frames of a side. Time goes on, chunk numbers do not. */
  gaps?: readonly { track: "user" | "bot"; fromMs: number; toMs: number }[];
  /** Part of the media messages that is sent twice, 0 to 1. @default 0 */
  repeat?: number;
  /** Part of the media messages that is overtaken by up to 3 later ones, 0 to 1. @default 0 */
  reorder?: number;
}

/** One message of the stream and when it is sent. */
export interface TwilioMessage {
  readonly atMs: number;
  readonly text: string;
}

interface Draft {
  /** When the sender has it: for media, when its last sample has been spoken. */
  dueMs: number;
  media: boolean;
  body: Record<string, unknown>;
}

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const MAX_OVERTAKEN = 3;

/** Twilio's name for the stream of a call, derived so that it is the same in every run. */
export function streamSidOf(callSid: string): string {
  return `MZ${callSid.slice(2)}`;
}

/**
 * Every message of a call from `connected` to the last media, ordered by the time it is sent; the
 * `stop` is the client's. Numbers are strings, as Twilio has them.
 */
export function planTwilioCall(options: TwilioPlanOptions): TwilioMessage[] {
  const { jitterMs: [leastMs, mostMs] = [0, 0], seed = 1, repeat = 0, reorder = 0 } = options;
  const random = seededRandom(seed);
  const streamSid = streamSidOf(options.callSid);
  const drafts = [
    ...mediaDrafts("inbound", options.user, options.userFromMs, gapsOf(options, "user")),
    ...mediaDrafts("outbound", options.bot, options.botFromMs, gapsOf(options, "bot")),
    ...(options.dtmf ?? []).map(dtmfDraft),
  ].sort((a, b) => a.dueMs - b.dueMs);
  // Sequence numbers follow the order in which Twilio has the messages; `start` is the first.
  const numbered = drafts.map(({ dueMs, media, body }, index) => {
    const sequenceNumber = String(index + 2);
    return { dueMs, media, text: JSON.stringify({ ...body, sequenceNumber, streamSid }) };
  });
  for (let i = 0; i < numbered.length; i++) {
    if (!numbered[i].media || random() >= reorder) continue;
    const to = Math.min(numbered.length - 1, i + 1 + Math.floor(random() * MAX_OVERTAKEN));
    numbered.splice(to, 0, ...numbered.splice(i, 1));
    i = to; // not overtaken a second time
  }
  const messages: TwilioMessage[] = opening(options, streamSid);
  let atMs = 0;
  for (const { dueMs, media, text } of numbered) {
    atMs = Math.max(atMs, dueMs + leastMs + random() * (mostMs - leastMs));
    messages.push({ atMs, text });
    if (media && random() < repeat) messages.push({ atMs, text });
  }
  return messages;
}

function opening(options: TwilioPlanOptions, streamSid: string): TwilioMessage[] {
  const { callSid, token, live, recording, parameters } = options;
  const customParameters = {
    ...parameters,
    ...(token === undefined ? {} : { token }),
    ...(live === undefined ? {} : { live: String(live) }),
    ...(recording === undefined ? {} : { recording: String(recording) }),
  };
  const start = {
    streamSid,
    accountSid: "AC00000000000000000000000000000000",
    callSid,
    tracks: ["inbound", "outbound"],
    customParameters,
    mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
  };
  return [
    { event: "connected", protocol: "Call", version: "1.0.0" },
    { event: "start", sequenceNumber: "1", start, streamSid },
  ].map((message) => ({ atMs: 0, text: JSON.stringify(message) }));
}

type Gap = { fromMs: number; toMs: number };

function gapsOf({ gaps = [] }: TwilioPlanOptions, track: "user" | "bot"): Gap[] {
  return gaps.filter((gap) => gap.track === track);
}

function* mediaDrafts(
  track: "inbound" | "outbound",
  audio: Uint8Array = new Uint8Array(),
  fromMs = 0,
  gaps: Gap[],
): Generator<Draft> {
  let chunk = 0;
  for (let at = 0; at + FRAME_BYTES <= audio.length; at += FRAME_BYTES) {
    const timestampMs = fromMs + at / FRAME_BYTES * FRAME_MS;
    if (gaps.some((gap) => timestampMs >= gap.fromMs && timestampMs < gap.toMs)) continue;
    const media = {
      track,
      chunk: String(++chunk),
      timestamp: String(timestampMs),
      payload: audio.slice(at, at + FRAME_BYTES).toBase64(),
    };
    yield { dueMs: timestampMs + FRAME_MS, media: true, body: { event: "media", media } };
  }
}

function dtmfDraft({ atMs, digit }: { atMs: number; digit: string }): Draft {
  const dtmf = { track: "inbound_track", digit };
  return { dueMs: atMs, media: false, body: { event: "dtmf", dtmf } };
}
