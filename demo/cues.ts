import type { Timeline } from "./timeline.ts";

/** One message of the demo call and when it is sent. */
export interface Cue {
  /** Since the round began. */
  readonly atMs: number;
  /** As it goes over the wire: JSON text, or a byte of track and the mu-law after it. */
  readonly message: string | Uint8Array<ArrayBuffer>;
}

const USER = 0;
const BOT = 1;
const BYTES_PER_MS = 8;
const FRAME_MS = 20;
const FRAME_BYTES = FRAME_MS * BYTES_PER_MS;
/** Speech synthesis hands over pieces of about this size, far faster than they are spoken. */
const BOT_PIECE_BYTES = 200 * BYTES_PER_MS;

/**
 * Every message of one round of the demo call, ordered by time. The user's sound comes in 20 ms
 * frames, each sent when its last sample has been spoken; a bot's utterance comes all at once. The
 * cues hold their own copies of the audio and can be sent any number of times.
 *
 * @param user the contents of `user.mulaw`
 * @param bot the contents of `bot.mulaw`
 */
export function compileCues(timeline: Timeline, user: Uint8Array, bot: Uint8Array): Cue[] {
  const cues: Cue[] = [
    ...transcriptCues(timeline),
    ...botCues(timeline, bot),
    ...timeline.clearsMs.map((atMs) => ({ atMs, message: JSON.stringify({ type: "clear" }) })),
    ...userCues(timeline, user),
  ];
  // The sort is stable: what is due at the same time stays in the order above.
  return cues.sort((a, b) => a.atMs - b.atMs);
}

function* transcriptCues(timeline: Timeline): Generator<Cue> {
  for (const track of ["user", "bot"] as const) {
    for (const { startMs, text } of timeline[track]) {
      const event = { type: "event", name: "transcript", data: { track, text } };
      yield { atMs: startMs, message: JSON.stringify(event) };
    }
  }
}

function* botCues(timeline: Timeline, bot: Uint8Array): Generator<Cue> {
  for (const { startMs, startByte, endByte } of timeline.bot) {
    for (let from = startByte; from < endByte; from += BOT_PIECE_BYTES) {
      const piece = bot.subarray(from, Math.min(from + BOT_PIECE_BYTES, endByte));
      yield { atMs: startMs, message: frame(BOT, piece) };
    }
  }
}

function* userCues(timeline: Timeline, user: Uint8Array): Generator<Cue> {
  for (let fromMs = 0; fromMs + FRAME_MS <= timeline.durationMs; fromMs += FRAME_MS) {
    if (timeline.mutes.some((mute) => fromMs >= mute.fromMs && fromMs < mute.toMs)) continue;
    const start = userByte(timeline, fromMs);
    const message = frame(USER, user.subarray(start, start + FRAME_BYTES));
    yield { atMs: fromMs + FRAME_MS, message };
  }
}

/** Where in `user.mulaw` the sound of a moment is: in an utterance, or else in the background. */
function userByte(timeline: Timeline, atMs: number): number {
  for (const { startMs, startByte, endByte } of timeline.user) {
    const byte = startByte + (atMs - startMs) * BYTES_PER_MS;
    if (byte >= startByte && byte < endByte) return byte;
  }
  const { startByte, endByte } = timeline.background;
  return startByte + (atMs * BYTES_PER_MS) % (endByte - startByte);
}

function frame(track: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(1 + payload.length);
  message[0] = track;
  message.set(payload, 1);
  return message;
}
