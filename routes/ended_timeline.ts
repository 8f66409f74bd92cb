import type { EventStream } from "../events/event_stream.ts";
import { framePixels } from "../events/pixels.ts";
import { PIXELS_PER_FRAME } from "../recordings/peaks.ts";
import type { RecordingRef } from "../recordings/store.ts";
import type { CallDescription } from "./call_description.ts";
import type { Services } from "./services.ts";
import { PIXELS_PER_MESSAGE, sendMarks, sendPeaks } from "./timeline_messages.ts";

/** What of a call that has ended is to be told, and to whom. */
export interface EndedTimeline {
  ref: RecordingRef;
  call: CallDescription;
  stream: EventStream;
  services: Services;
}

/** Tells a call that has ended from its recording, and closes the stream. Never rejects. */
export async function endedTimeline(options: EndedTimeline): Promise<void> {
  const { ref, stream, services } = options;
  let { call } = options;
  try {
    call = await settled(options);
    const stored = await services.store.open(ref);
    const { sampleRate } = call;
    const position = stored?.info.samples ?? Math.round(call.durationSeconds * sampleRate);
    stream.send({
      event: "snapshot",
      data: {
        id: call.id,
        state: "ended",
        sampleRate,
        startedAt: call.startedAt,
        position,
        from: stored === null ? position : 0,
        samplesPerPixel: sampleRate / 20,
        paused: false,
        ingestLost: false,
        listeners: 0,
        metadata: call.metadata,
        ...(call.media && { media: call.media }),
        recording: call.recording,
        reason: call.reason,
      },
    });
    if (stored !== null) {
      const { markers, events } = stored.info;
      const marks = [...markers, ...events].sort((a, b) => a.position - b.position);
      if (!await sendMarks(stream, marks)) return;
      const frames = Math.ceil(position / (sampleRate / 20));
      for (let from = 0; from < frames; from += PIXELS_PER_MESSAGE) {
        const to = from + PIXELS_PER_MESSAGE;
        const peaks = await stored.peaks(from * PIXELS_PER_FRAME, to * PIXELS_PER_FRAME);
        if (!await sendPeaks(stream, from, framePixels(peaks))) return;
      }
    }
    const { recording } = call;
    stream.send({ event: "ended", data: { position, reason: call.reason, recording } });
    if (recording !== null) stream.send({ event: "recording", data: recording });
  } catch (error) {
    services.log.warn("timeline failed", { id: call.id, error });
  } finally {
    stream.close();
  }
}

/** The call once the store has let go of its recording. */
async function settled({ ref, call, stream, services }: EndedTimeline): Promise<CallDescription> {
  if (call.recording?.state !== "recording") return call;
  const { promise, resolve } = Promise.withResolvers<string>();
  const leave = services.followers.follow(ref, (event) => {
    if (event.type === "recording") resolve(event.state);
  });
  stream.onEnd(() => resolve("recording"));
  stream.onEnd(leave);
  // It may have happened before it was followed.
  const known = (await services.calls.archive.find(ref.callId))?.recording;
  const state = known === "recording" ? await promise : known;
  leave();
  return { ...call, recording: state === undefined ? null : { ...call.recording, state } };
}
