import type { Clock } from "../mixer/clock.ts";
import { REPAIR_MS } from "../mixer/track_buffer.ts";
import { Recorder, type RecorderOptions } from "../recordings/recorder.ts";
import type { CallDetails } from "./call_options.ts";
import type { Pipeline } from "../mixer/pipeline.ts";

/** How long a call that has ended waits for the store to take the rest of its recording, ms. */
const STORE_PATIENCE_MS = 30_000;

/** A recorder of everything that goes through the pipeline from its beginning on. */
export function recordCall(
  details: CallDetails,
  pipeline: Pipeline,
  options: Pick<RecorderOptions, "store" | "clock" | "onGap" | "onWarning"> & { startedAt: number },
): Recorder {
  const { id, organisation, sampleRate, metadata, media } = details;
  const { startedAt, ...rest } = options;
  const { timeline } = pipeline;
  return new Recorder({
    ...rest,
    ...pipeline.repairedSources(),
    info: {
      version: 2,
      callId: id,
      organisation,
      sampleRate,
      channels: 2,
      startedAt,
      state: "recording",
      samples: 0,
      media,
      metadata,
      markers: [],
      events: [],
    },
    frameSamples: timeline.frameSamples,
    maxSamples: media.maxDurationSeconds * sampleRate,
    delaySamples: timeline.samples(REPAIR_MS),
  });
}

/** Completes a recording that ends at `endPosition`, without waiting for a store that hangs. */
export async function finishRecording(
  recorder: Recorder,
  endPosition: number,
  reason: string,
  clock: Clock,
): Promise<void> {
  const patience = new AbortController();
  const timer = clock.setTimeout(() => patience.abort(), STORE_PATIENCE_MS);
  await recorder.finish(endPosition, { reason, signal: patience.signal });
  clock.clearTimeout(timer);
}
