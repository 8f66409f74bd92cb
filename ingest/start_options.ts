/**
 * The fields with which a call begins, as zod schemas: one for each field, for whoever takes them
 * (an ingest message, an HTTP request), and how a failure is told.
 *
 * @module
 */
import { z } from "zod";
import { IngestError } from "./provider.ts";
import { shown, shownKind } from "./shown.ts";

/** Most entries of a call's metadata. */
const MAX_METADATA_ENTRIES = 64;
/** Longest name of a metadata entry, in characters. */
const MAX_METADATA_KEY_CHARS = 128;
/** Longest value of a metadata entry, in characters. */
export const MAX_METADATA_VALUE_CHARS = 1024;

/** Error option for a schema whose value may be repeated in the message. */
export function takes(what: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => `takes ${what}, received ${shown(issue.input)}` };
}

/** Error option for a schema whose value may be private: only its kind is told. */
export function takesPrivate(what: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => `takes ${what}, received ${shownKind(issue.input)}` };
}

function integer(min: number, max: number) {
  const option = takes(`an integer from ${min} to ${max}`);
  return z.int(option).min(min, option).max(max, option);
}

const callIdOption = takes("1 to 128 of A-Z a-z 0-9 _ . - (and not . or .. alone)");

/** `.` and `..` are refused because no URL path can carry them. */
export const callIdSchema = z.string(callIdOption)
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,128}$/, callIdOption);

/** The call's rate in Hz. */
export const sampleRateSchema = z.literal([8000, 16000], takes("8000 or 16000"));

const trackFormatSchema = z.object({
  encoding: z.enum(["pcm_s16le", "mulaw", "alaw"], takes("pcm_s16le, mulaw or alaw")),
  sampleRate: integer(8000, 48000),
}, takes("an object with encoding and sampleRate"));

export const tracksSchema = z.object({
  user: trackFormatSchema.exactOptional(),
  bot: trackFormatSchema.exactOptional(),
}, takes("an object with user and bot"));

/** Longest recording a call may ask for, in seconds: a day. */
export const maxDurationSecondsSchema = integer(1, 86400);

export const flagSchema = z.boolean(takes("true or false"));

export const mediaSchema = z.object({
  live: flagSchema.exactOptional(),
  recording: flagSchema.exactOptional(),
  maxDurationSeconds: maxDurationSecondsSchema.exactOptional(),
}, takes("an object with live, recording and maxDurationSeconds"));

const metadataValueOption = takesPrivate(`text of at most ${MAX_METADATA_VALUE_CHARS} characters`);

/** The values may be personal (telephone numbers, names) and are never told in a message. */
export const metadataSchema = z.record(
  z.string(),
  z.string(metadataValueOption).max(MAX_METADATA_VALUE_CHARS, metadataValueOption),
  takesPrivate("an object of strings"),
).refine((entries) => Object.keys(entries).length <= MAX_METADATA_ENTRIES, {
  error: (issue) =>
    `takes at most ${MAX_METADATA_ENTRIES} entries, received ${
      Object.keys(issue.input as object).length
    }`,
}).refine((entries) => Object.keys(entries).every((key) => key.length <= MAX_METADATA_KEY_CHARS), {
  error: `takes names of at most ${MAX_METADATA_KEY_CHARS} characters, received a longer one`,
});

/**
 * Reads the fields of a start message with `schema`.
 *
 * @throws {IngestError} `bad_start`, naming the first field that is wrong, what it takes and what
 * was received
 */
export function readStart<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const field = path.map((part) => String(part).slice(0, MAX_METADATA_KEY_CHARS)).join(".");
  throw new IngestError("bad_start", `Cannot start call: ${field || "start"} ${message}`);
}
