/**
 * What makes a track TransformStream-shaped, for those who embed the mixer. A server pushes and reads
 * without the cost of streams.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { TickedStream } from "./ticked_stream.ts";
import type { Ticker } from "./ticker.ts";
import type { Timeline } from "./timeline.ts";

/** How often a full track is asked again whether it has room, ms. */
const ROOM_MS = 50;
/** How long after their time windows are given, ms. */
const HOLDBACK_MS = 100;

/** What of a track its streams need. */
interface Streamed {
  readonly timeline: Timeline;
  readonly end: number;
  hasRoom(samples: number): boolean;
  push(samples: Int16Array): unknown;
  read(position: number, output: Int16Array): number;
}

/** Takes chunks of PCM16, frame by frame, and waits as long as the track has no room for more. */
export function writableOf(
  track: Streamed,
  clock: Clock,
  close: () => void,
): WritableStream<Int16Array> {
  const { frameSamples } = track.timeline;
  return new WritableStream<Int16Array>({
    write: async (samples, { signal }) => {
      for (let from = 0; from < samples.length; from += frameSamples) {
        const piece = samples.subarray(from, from + frameSamples);
        while (!track.hasRoom(piece.length) && !signal.aborted) {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, ROOM_MS));
        }
        signal.throwIfAborted();
        track.push(piece);
      }
    },
    close,
  });
}

/** Gives windows of 50 ms, each an array of its own, until all is given of a track that is closed. */
export function readableOf(
  track: Streamed,
  ticker: Ticker,
  isClosed: () => boolean,
): ReadableStream<Int16Array> {
  const { timeline } = track;
  const { frameSamples } = timeline;
  const holdback = timeline.samples(HOLDBACK_MS);
  let position = 0;
  const next = (nowMs: number) => {
    if (position + frameSamples + holdback > timeline.positionAt(nowMs)) return undefined;
    const window = new Int16Array(frameSamples);
    track.read(position, window);
    position += frameSamples;
    return window;
  };
  const ended = () => isClosed() && position >= track.end;
  return new TickedStream(ticker, timeline.startMs, { next, ended }).readable;
}
