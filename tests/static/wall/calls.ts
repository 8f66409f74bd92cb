import type { Described } from "../../../static/wall/calls_model.js";

/** A call as the server would describe it. */
export function described(id: string, call: Partial<Described> = {}): Described {
  return {
    id,
    state: "live",
    startedAt: 1000,
    durationSeconds: 0,
    sampleRate: 8000,
    media: { live: true, recording: true },
    metadata: {},
    listeners: 0,
    listenUrl: `ws://host/live/${id}/ws`,
    playerUrl: `http://host/live/${id}/player`,
    recording: null,
    ...call,
  };
}
