import type { EventStream } from "../events/event_stream.ts";
import { PIXEL_BYTES } from "../recordings/peaks.ts";
import type { RecordedEvent } from "../recordings/store.ts";

/** Most bytes of pixels in one message. */
const MAX_PEAKS_BYTES = 16 * 1024;
/** Most events in one message. */
const MAX_MARKS = 500;

/** Frames whose pixels fit one message. */
export const PIXELS_PER_MESSAGE = MAX_PEAKS_BYTES / PIXEL_BYTES;

/** Sends pixels, the first of them that of frame `from`; waits for room. Answers whether it went on. */
export async function sendPeaks(
  stream: EventStream,
  from: number,
  pixels: Int8Array<ArrayBuffer>,
): Promise<boolean> {
  for (let at = 0; at < pixels.length; at += MAX_PEAKS_BYTES) {
    if (!await stream.hasRoom()) return false;
    const part = pixels.subarray(at, at + MAX_PEAKS_BYTES);
    stream.send({ event: "peaks", data: peaksMessage(from + at / PIXEL_BYTES, part) });
  }
  return true;
}

/** Data of a `peaks` message. */
export function peaksMessage(from: number, pixels: Int8Array<ArrayBuffer>) {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  return { from, data: bytes.toBase64() };
}

/** Sends what happened so far; waits for room. Answers whether it went on. */
export async function sendMarks(
  stream: EventStream,
  events: readonly RecordedEvent[],
): Promise<boolean> {
  for (let at = 0; at < events.length;) {
    if (!await stream.hasRoom()) return false;
    const marks = marksOf(events, at);
    stream.send({ event: "marks", data: marks });
    at += marks.length;
  }
  return true;
}

/** As many events from `at` on as go into one message: at least one. */
function marksOf(events: readonly RecordedEvent[], at: number): RecordedEvent[] {
  let characters = 0;
  let end = at;
  while (end < events.length && end < at + MAX_MARKS && characters < MAX_PEAKS_BYTES) {
    characters += JSON.stringify(events[end++]).length;
  }
  return events.slice(at, end);
}
