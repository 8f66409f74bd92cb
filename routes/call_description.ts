import type { z } from "@hono/zod-openapi";
import type { Call } from "../calls/call.ts";
import type { EndedCall } from "../archive/ended_call.ts";
import type { callSchema } from "./call_schemas.ts";
import type { Services } from "./services.ts";
import { callUrls } from "./urls.ts";

/** One call as the API shows it. */
export type CallDescription = z.infer<typeof callSchema>;

/** Describes a call that has not ended, or has just ended. */
export function describeCall(
  call: Call,
  origin: string,
  { audience }: Pick<Services, "audience">,
): CallDescription {
  const { id, sampleRate, media, metadata } = call.details;
  const { recordingUrl: url, ...urls } = callUrls(origin, id);
  const { pipeline, recorder, problems } = call;
  const hasEnded = call.state === "ended";
  return {
    id,
    state: call.state,
    startedAt: call.startedAt,
    ...(hasEnded && { endedAt: call.startedAt + (call.position * 1000) / sampleRate }),
    durationSeconds: call.position / sampleRate,
    ...(hasEnded && { reason: call.reason }),
    sampleRate,
    media,
    metadata,
    listeners: audience.of(id),
    ...urls,
    recording: recorder === undefined ? null : { state: recorder.state, url },
    ...(pipeline && !hasEnded && {
      health: {
        ...pipeline.figures(),
        paused: call.paused,
        ingestLost: call.ingestLost,
        problems: { ...problems },
        warnings: call.warnings.list.map(({ position, ...warning }) => ({
          ...warning,
          since: call.startedAt + (position * 1000) / sampleRate,
        })),
      },
    }),
  };
}

/** Describes a call that has ended. */
export function describeEnded(call: EndedCall, origin: string): CallDescription {
  const { id, startedAt, endedAt, reason, sampleRate, metadata, media, recording } = call;
  const { recordingUrl: url, ...urls } = callUrls(origin, id);
  return {
    id,
    state: "ended",
    startedAt,
    endedAt,
    durationSeconds: (endedAt - startedAt) / 1000,
    reason,
    sampleRate,
    ...(media && { media }),
    metadata,
    listeners: 0,
    ...urls,
    recording: recording === undefined ? null : { state: recording, url },
  };
}
