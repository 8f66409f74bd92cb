import type { Context } from "hono";
import {
  mergePeaks,
  type PeaksOptions,
  type PeaksView,
  peaksView,
} from "../recordings/export_peaks.ts";
import { DAT_HEADER_BYTES, peaksDat, peaksJson } from "../recordings/export_peaks_format.ts";
import type { StoredRecording } from "../recordings/store.ts";
import { PIXEL_BYTES } from "../recordings/peaks.ts";
import { ApiError } from "./api_error.ts";
import { answerCondition, validatorHeaders, validatorsOf } from "./recordings_conditions.ts";

/** They may be kept, but the call may go on and the recording may be deleted: ask each time. */
const CACHE_CONTROL = "private, no-cache";

/** Answers the peaks of a recording, without reading any sound. */
export async function answerPeaks(
  c: Context,
  recording: StoredRecording,
  options: PeaksOptions,
  format: "json" | "dat",
): Promise<Response> {
  const view = readView(recording, options);
  const validators = validatorsOf(recording.info, `${view.tag}-${format}`);
  const unmodified = answerCondition(c, validators, CACHE_CONTROL);
  if (unmodified !== null) return unmodified;
  const headers = {
    "Cache-Control": CACHE_CONTROL,
    ...validatorHeaders(validators),
    ...(format === "json" ? { "Content-Type": "application/json" } : {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(DAT_HEADER_BYTES + PIXEL_BYTES * view.length),
    }),
  };
  if (c.req.method === "HEAD") return c.body(null, 200, headers);
  const values = await mergePeaks(recording, view);
  return c.body(format === "json" ? peaksJson(view, values) : peaksDat(view, values), 200, headers);
}

function readView({ info }: StoredRecording, options: PeaksOptions): PeaksView {
  try {
    return peaksView(info, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError(400, "bad_query", error.message);
  }
}
