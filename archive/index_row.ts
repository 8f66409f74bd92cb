import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { RecordingState } from "../recordings/store.ts";
import type { EndedCall } from "./ended_call.ts";

/** A row of the table `call`, by column. */
export type CallRow = Record<string, SQLOutputValue>;

/** Takes what {@linkcode valuesOf} answers. */
export const INSERT_CALL = `
  INSERT INTO call (id, organisation, announcedAt, startedAt, endedAt, sampleRate, samples, reason,
    media, metadata, recording, bytes, sha256)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A call as the values of a row. */
export function valuesOf(call: EndedCall): SQLInputValue[] {
  return [
    call.id,
    call.organisation,
    call.announcedAt,
    call.startedAt,
    call.endedAt,
    call.sampleRate,
    call.samples,
    call.reason,
    call.media === undefined ? null : JSON.stringify(call.media),
    JSON.stringify(call.metadata),
    call.recording ?? null,
    call.bytes ?? null,
    call.sha256 ?? null,
  ];
}

/** A row as a call. */
export function callOfRow(row: CallRow): EndedCall {
  const { media, recording, bytes, sha256 } = row;
  return {
    id: String(row.id),
    organisation: String(row.organisation),
    sampleRate: Number(row.sampleRate),
    announcedAt: Number(row.announcedAt),
    startedAt: Number(row.startedAt),
    endedAt: Number(row.endedAt),
    samples: Number(row.samples),
    reason: String(row.reason),
    metadata: JSON.parse(String(row.metadata)),
    ...(typeof media === "string" && { media: JSON.parse(media) }),
    ...(typeof recording === "string" && { recording: recording as RecordingState }),
    ...(bytes !== null && { bytes: Number(bytes) }),
    ...(typeof sha256 === "string" && { sha256 }),
  };
}
