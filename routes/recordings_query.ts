import { z } from "@hono/zod-openapi";
import { MAX_PEAK_PIXELS } from "../recordings/export_peaks.ts";
import { ApiError } from "./api_error.ts";

const seconds = (description: string) =>
  z.string().regex(/^\d{1,9}(\.\d{1,30})?$/, "takes seconds, such as 12.5")
    .optional()
    .openapi({ description, example: "12.5" });

const part = {
  from: seconds("start of the part, seconds since the call began"),
  to: seconds("end of the part; what the recording does not have is left out"),
};

/** Query of a recording. */
export const recordingQuerySchema = z.object({
  channels: z.enum(["1", "2"]).default("1").describe("1 the mix, 2 left the user, right the bot"),
  track: z.enum(["user", "bot"]).optional().describe("that side alone, in one channel"),
  format: z.enum(["wav", "flac"]).default("wav"),
  ...part,
});

const count = (most: number, description: string) =>
  z.coerce.number().int().min(1).max(most).optional().describe(description);

/** Query of a recording's peaks. */
export const peaksQuerySchema = z.object({
  samplesPerPixel: count(2 ** 31 - 1, "a multiple of the samples of 12.5 ms"),
  pixels: count(MAX_PEAK_PIXELS, "in place of that: about so many pixels, and never more"),
  format: z.enum(["json", "dat"]).default("json").describe("audiowaveform version 2"),
  ...part,
});

/** The samples from `from` up to `to`, each the nearest to the second asked for. @throws {ApiError} 400 */
export function readPart(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  sampleRate: number,
): { start?: number; end?: number } {
  const start = from === undefined ? 0 : Math.round(Number(from) * sampleRate);
  if (to === undefined) return { start };
  const end = Math.round(Number(to) * sampleRate);
  if (end > start) return { start, end };
  throw new ApiError(400, "bad_query", `to must be after from, received ${to} after ${from ?? 0}`);
}
