/**
 * Answers recordings as files.
 *
 * @module
 */
import type { Context } from "hono";
import { exportWav } from "../recordings/export.ts";
import { exportFlac } from "../recordings/export_flac.ts";
import { type ExportOptions, exportView } from "../recordings/export_view.ts";
import { FlacPoolBusyError } from "../recordings/flac_pool.ts";
import type { StoredRecording } from "../recordings/store.ts";
import { ApiError } from "./api_error.ts";
import {
  answerCondition,
  isRangeCurrent,
  validatorHeaders,
  validatorsOf,
} from "./recordings_conditions.ts";
import { rangeOf } from "./recordings_range.ts";
import type { Services } from "./services.ts";

/** Nobody keeps a copy of what was said: deleted is deleted. */
const CACHE_CONTROL = "private, no-store";

/** When somebody who was refused may come again, seconds. */
const RETRY_SECONDS = 10;

/** Answers a WAV file, or the one range of it that is asked for. */
export function answerWav(
  c: Context,
  recording: StoredRecording,
  options: ExportOptions,
  { downloads }: Pick<Services, "downloads">,
): Response {
  const { view, byteLength, stream } = exportWav(recording, options);
  const validators = validatorsOf(recording.info, view.tag);
  const unmodified = answerCondition(c, validators, CACHE_CONTROL);
  if (unmodified !== null) return unmodified;
  const headers = {
    "Cache-Control": CACHE_CONTROL,
    ...validatorHeaders(validators),
    "Accept-Ranges": "bytes",
    "Content-Type": "audio/wav",
    "Content-Disposition": `attachment; filename="${view.name}.wav"`,
  };
  const isRanged = c.req.method === "GET" && isRangeCurrent(c.req.raw.headers, validators);
  const range = isRanged ? rangeOf(c.req.header("range"), byteLength) : null;
  if (range === "unsatisfiable") {
    c.header("Content-Range", `bytes */${byteLength}`);
    throw new ApiError(416, "bad_range", `The file has ${byteLength} bytes; ask for some of these`);
  }
  const { organisation } = recording.info;
  const isRead = c.req.method === "GET";
  if (isRead) downloads.check(organisation);
  const counted = (start?: number, end?: number) =>
    isRead ? downloads.track(organisation, stream(start, end)) : stream(start, end);
  if (range === null) {
    return c.body(counted(), 200, { ...headers, "Content-Length": String(byteLength) });
  }
  const { start, end } = range;
  return c.body(counted(start, end), 206, {
    ...headers,
    "Content-Length": String(end - start),
    "Content-Range": `bytes ${start}-${end - 1}/${byteLength}`,
  });
}

/** Answers a FLAC file, as it is encoded: its length is not known before. */
export async function answerFlac(
  c: Context,
  recording: StoredRecording,
  options: ExportOptions,
  { flacPool: pool, clock, downloads }: Pick<Services, "flacPool" | "clock" | "downloads">,
): Promise<Response> {
  const view = exportView(recording.info, options);
  const validators = validatorsOf(recording.info, `${view.tag}-flac`);
  const unmodified = answerCondition(c, validators, CACHE_CONTROL);
  if (unmodified !== null) return unmodified;
  const headers = {
    "Cache-Control": CACHE_CONTROL,
    ...validatorHeaders(validators),
    "Accept-Ranges": "none",
    "Content-Type": "audio/flac",
    "Content-Disposition": `attachment; filename="${view.name}.flac"`,
  };
  if (c.req.method === "HEAD") return c.body(null, 200, headers);
  const { organisation } = recording.info;
  downloads.check(organisation);
  try {
    const stream = await exportFlac(recording, view, { pool, clock });
    return c.body(downloads.track(organisation, stream), 200, headers);
  } catch (error) {
    if (!(error instanceof FlacPoolBusyError)) throw error;
    c.header("Retry-After", String(RETRY_SECONDS));
    throw new ApiError(
      503,
      "conversions_busy",
      "Limit reached: conversions are in progress; retry later, or take format=wav",
    );
  }
}
