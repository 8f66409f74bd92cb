import { z } from "zod";
import type { TrackFormat } from "../mixer/decode.ts";
import type { MediaOptions, StartEvent } from "./provider.ts";
import {
  callIdSchema,
  MAX_METADATA_VALUE_CHARS,
  maxDurationSecondsSchema,
  metadataSchema,
  readStart,
  takes,
  takesPrivate,
} from "./start_options.ts";

/** The only format Twilio has. */
const MULAW: TrackFormat = { encoding: "mulaw", sampleRate: 8000 };

/** Longest credential in a custom parameter, in characters. */
const MAX_TOKEN_CHARS = 4096;

const flagOption = takes("true, false, 1, 0, yes or no as text");
const textFlagSchema = z.string(flagOption)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(["true", "false", "1", "0", "yes", "no"], flagOption))
  .transform((text) => ["true", "1", "yes"].includes(text));

const durationOption = takes("an integer from 1 to 86400 as text");
const tokenOption = takesPrivate(`at most ${MAX_TOKEN_CHARS} characters`);
const streamSidOption = takes(`text of at most ${MAX_METADATA_VALUE_CHARS} characters`);

const startSchema = z.object({
  callSid: callIdSchema,
  streamSid: z.string(streamSidOption).max(MAX_METADATA_VALUE_CHARS, streamSidOption)
    .exactOptional(),
  mediaFormat: z.object({
    encoding: z.literal("audio/x-mulaw", takes("audio/x-mulaw")),
    sampleRate: z.literal(8000, takes("8000")),
    channels: z.literal(1, takes("1")),
  }, takes("an object with encoding, sampleRate and channels")),
  customParameters: z.looseObject({
    token: z.string(tokenOption).max(MAX_TOKEN_CHARS, tokenOption).exactOptional(),
    live: textFlagSchema.exactOptional(),
    recording: textFlagSchema.exactOptional(),
    maxDurationSeconds: z.string(durationOption).regex(/^\d{1,5}$/, durationOption)
      .transform(Number).pipe(maxDurationSecondsSchema).exactOptional(),
  }, takesPrivate("an object of strings")).default(() => ({})),
}, takes("an object"));

const messageSchema = z.object({ start: startSchema });
const metadataMessageSchema = z.object({
  start: z.object({ customParameters: metadataSchema }),
});

/**
 * Reads a Twilio start message. The call's id is the `callSid`; custom parameters give the
 * credential (`token`), `live`, `recording` and `maxDurationSeconds`, all others become metadata,
 * next to the `streamSid`.
 *
 * A call's second stream is the same call going on, so `resume` is always true: it takes over a call
 * whose socket was lost, and begins a call nobody knows yet.
 *
 * @throws {IngestError} `bad_start`
 */
export function readTwilioStart(message: Record<string, unknown>): StartEvent {
  const { callSid, streamSid, customParameters } = readStart(messageSchema, message).start;
  const { token, live, recording, maxDurationSeconds, ...others } = customParameters;
  const named = streamSid === undefined ? others : { ...others, streamSid };
  const metadata = readStart(metadataMessageSchema, { start: { customParameters: named } })
    .start.customParameters;

  const media: MediaOptions = {};
  if (live !== undefined) media.live = live;
  if (recording !== undefined) media.recording = recording;
  if (maxDurationSeconds !== undefined) media.maxDurationSeconds = maxDurationSeconds;
  const event: StartEvent = {
    type: "start",
    callId: callSid,
    tracks: { user: { ...MULAW }, bot: { ...MULAW } },
    media,
    metadata,
    resume: true,
  };
  const credential = token?.trim();
  if (credential !== undefined && credential !== "") event.credential = credential;
  return event;
}
