import { IngestError, type TrackName } from "./provider.ts";
import { shown } from "./shown.ts";

/** What a Twilio media message says. */
export interface TwilioMedia {
  track: TrackName;
  /** Time of the first sample, ms since the stream began. */
  mediaMs: number;
  /** Counts the messages of a track. */
  sequence: number;
  /** mu-law bytes in base64, not checked. */
  payload: string;
}

/** Timestamps and counters must fit 32 bits: 49 days of ms. */
const MAX_COUNT = 2 ** 32 - 1;

/**
 * The media message exactly as Twilio writes it. Whatever matches is JSON without escapes or
 * repeated keys, with exactly these fields, so its groups are what `JSON.parse` would answer.
 */
const MEDIA =
  /^\{"event":"media","sequenceNumber":"\d{1,10}","media":\{"track":"(inbound|outbound)","chunk":"(\d{1,10})","timestamp":"(\d{1,10})","payload":"([A-Za-z0-9+/=]*)"\},"streamSid":"[A-Za-z0-9]*"\}$/;

/** A message of 20 ms has about 400 characters; longer ones are left to the parser that bounds them. */
const MAX_SCANNED_CHARS = 4096;

/**
 * Reads a media message of Twilio's exact shape into `media` without parsing JSON, in little more
 * than half the time. Answers `false`, with `media` as it was, when the message may be anything
 * else: then it takes {@linkcode readTwilioMedia}, which answers the same wherever both do.
 */
export function scanTwilioMedia(message: string, media: TwilioMedia): boolean {
  if (message.length > MAX_SCANNED_CHARS) return false;
  const match = MEDIA.exec(message);
  if (match === null) return false;
  const sequence = Number(match[2]);
  const mediaMs = Number(match[3]);
  if (sequence > MAX_COUNT || mediaMs > MAX_COUNT) return false;
  media.track = match[1] === "inbound" ? "user" : "bot";
  media.mediaMs = mediaMs;
  media.sequence = sequence;
  media.payload = match[4];
  return true;
}

/**
 * Reads the `media` field of a parsed media message into `media`, which an error leaves as it was.
 * The sequence number is the track's `chunk`, or the socket's `sequenceNumber` from a sender that
 * has no chunks.
 *
 * @throws {IngestError} `bad_message`, `bad_frame` or `unknown_track`
 */
export function readTwilioMedia(message: Record<string, unknown>, media: TwilioMedia): void {
  const fields = message.media;
  if (typeof fields !== "object" || fields === null) {
    throw new IngestError(
      "bad_message",
      `Cannot take audio: media takes an object, received ${shown(fields)}`,
    );
  }
  const { track, chunk, timestamp, payload } = fields as Record<string, unknown>;
  if (track !== "inbound" && track !== "outbound") {
    throw new IngestError(
      "unknown_track",
      `Cannot take audio: media.track takes inbound or outbound, received ${shown(track)}`,
    );
  }
  const mediaMs = readCount("media.timestamp", timestamp);
  const sequence = chunk === undefined
    ? readCount("sequenceNumber", message.sequenceNumber)
    : readCount("media.chunk", chunk);
  if (typeof payload !== "string") {
    throw new IngestError(
      "bad_frame",
      `Cannot take audio: media.payload takes base64 text, received ${shown(payload)}`,
    );
  }
  media.track = track === "inbound" ? "user" : "bot";
  media.mediaMs = mediaMs;
  media.sequence = sequence;
  media.payload = payload;
}

/** Twilio writes numbers as text. */
function readCount(field: string, text: unknown): number {
  if (typeof text === "string" && /^\d{1,10}$/.test(text)) {
    const count = Number(text);
    if (count <= MAX_COUNT) return count;
  }
  throw new IngestError(
    "bad_message",
    `Cannot take audio: ${field} takes an integer from 0 to ${MAX_COUNT} as text, received ` +
      shown(text),
  );
}
