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
import type { RecordingInfo, StoredRecording } from "../recordings/store.ts";
import { ApiError } from "./api_error.ts";
import {
  conditionStatus,
  isRangeCurrent,
  validatorHeaders,
  type Validators,
} from "./recordings_conditions.ts";
import { rangeOf } from "./recordings_range.ts";
import type { Services } from "./services.ts";

/** Nobody keeps a copy of what was said: deleted is deleted. */
const CACHE_CONTROL = { "Cache-Control": "private, no-store" };

/** When somebody who was refused may come again, seconds. */
const RETRY_SECONDS = 10;

/** Answers a WAV file, or the one range of it that is asked for. */
export function answerWav(
  c: Context,
  recording: StoredRecording,
  options: ExportOptions,
): Response {
  const { view, byteLength, stream } = exportWav(recording, options);
  const validators = { etag: `"${view.tag}"`, modifiedAt: endOf(recording.info) };
  const unmodified = answerCondition(c, validators);
  if (unmodified !== null) return unmodified;
  const headers = {
    ...CACHE_CONTROL,
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
  if (range === null) {
    return c.body(stream(), 200, { ...headers, "Content-Length": String(byteLength) });
  }
  const { start, end } = range;
  return c.body(stream(start, end), 206, {
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
  { flacPool: pool, clock }: Services,
): Promise<Response> {
  const view = exportView(recording.info, options);
  const validators = { etag: `"${view.tag}-flac"`, modifiedAt: endOf(recording.info) };
  const unmodified = answerCondition(c, validators);
  if (unmodified !== null) return unmodified;
  const headers = {
    ...CACHE_CONTROL,
    ...validatorHeaders(validators),
    "Accept-Ranges": "none",
    "Content-Type": "audio/flac",
    "Content-Disposition": `attachment; filename="${view.name}.flac"`,
  };
  if (c.req.method === "HEAD") return c.body(null, 200, headers);
  try {
    return c.body(await exportFlac(recording, view, { pool, clock }), 200, headers);
  } catch (error) {
    if (!(error instanceof FlacPoolBusyError)) throw error;
    c.header("Retry-After", String(RETRY_SECONDS));
    throw new ApiError(
      503,
      "conversions_busy",
      "As many recordings are being converted as may; try again, or take format=wav",
    );
  }
}

/** Answers what the request's conditions demand in place of the response, if they do. */
export function answerCondition(c: Context, validators: Validators): Response | null {
  const status = conditionStatus(c.req.raw.headers, validators);
  if (status === null) return null;
  if (status === 304) return c.body(null, 304, { ...validatorHeaders(validators) });
  throw new ApiError(412, "changed", "It is not any more what If-Match or the like expects");
}

/** When the last sample was recorded, ms since the Unix epoch; unknown while more are coming. */
export function endOf({ state, startedAt, samples, sampleRate }: RecordingInfo) {
  return state === "recording" ? undefined : startedAt + samples * 1000 / sampleRate;
}
