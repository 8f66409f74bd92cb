import { CallIndex, type CallIndexOptions } from "../../archive/call_index.ts";
import type { EndedCall } from "../../archive/ended_call.ts";
import { openIndexDatabase } from "../../archive/index_database.ts";
import { ManualClock } from "../../mixer/clock.ts";

/** An index in memory, and what it warns of. */
export function anIndex(changes: Partial<CallIndexOptions> = {}) {
  const warnings: string[] = [];
  const index = new CallIndex({
    database: openIndexDatabase(undefined, (message) => warnings.push(message)),
    clock: new ManualClock(),
    endedCallsKept: 100,
    onWarning: (message) => warnings.push(message),
    ...changes,
  });
  return { index, warnings };
}

/** A call of a second that was not recorded. */
export function anEndedCall(changes: Partial<EndedCall> = {}): EndedCall {
  const { startedAt = 1000 } = changes;
  return {
    id: "CA1",
    organisation: "acme",
    sampleRate: 8000,
    announcedAt: startedAt,
    startedAt,
    endedAt: startedAt + 1000,
    samples: 8000,
    reason: "ended",
    metadata: {},
    media: { live: true, recording: false, maxDurationSeconds: 60 },
    ...changes,
  };
}
