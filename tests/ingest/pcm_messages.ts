import { pcm } from "../../ingest/pcm.ts";
import type { ProviderParser } from "../../ingest/provider.ts";
import { openStarted } from "./parsing.ts";

/** A start message with every field. */
export const FULL_START = {
  type: "start",
  callId: "CA123",
  sampleRate: 16000,
  tracks: {
    user: { encoding: "mulaw", sampleRate: 8000 },
    bot: { encoding: "pcm_s16le", sampleRate: 24000 },
  },
  timestamps: true,
  media: { live: true, recording: true, maxDurationSeconds: 1800 },
  metadata: { agent: "support", from: "+15550100" },
  resume: false,
};

/** {@linkcode FULL_START} with some fields exchanged, as text. */
export function pcmStart(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...FULL_START, ...fields });
}

/** A parser that has taken {@linkcode pcmStart}. */
export function openPcm(fields: Record<string, unknown> = {}): ProviderParser {
  return openStarted({ provider: pcm, opening: [pcmStart(fields)] });
}
