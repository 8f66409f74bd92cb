import type { RecordingState, RecordingSummary } from "../recordings/store.ts";
import type { CallMedia } from "./call_options.ts";

/** What is left of a call that has ended. */
export interface EndedCall {
  readonly id: string;
  readonly organisation: string;
  readonly sampleRate: number;
  /** Wall time, ms since the Unix epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why it ended; `unknown` for a call of an earlier process. */
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was done with its audio; unknown for a call of an earlier process. */
  readonly media?: CallMedia;
  /** What has become of its recording; left out when there is none (any more). */
  readonly recording?: RecordingState;
}

/** The calls that ended, newest last, up to a limit; the oldest are forgotten first. */
export class EndedCalls {
  readonly #limit: number;
  readonly #calls = new Map<string, EndedCall>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of calls that are remembered. */
  get size(): number {
    return this.#calls.size;
  }

  /** Takes up the calls of earlier processes, as far as their recordings tell. */
  restore(recordings: RecordingSummary[]): void {
    const calls = recordings.map(describeRecording).sort((a, b) => a.endedAt - b.endedAt);
    for (const call of calls) this.add(call);
  }

  add(call: EndedCall): void {
    this.#calls.delete(call.id);
    this.#calls.set(call.id, call);
    if (this.#calls.size > this.#limit) this.#calls.delete(this.#calls.keys().next().value!);
  }

  get(id: string): EndedCall | undefined {
    return this.#calls.get(id);
  }

  /** Notes what has become of a call's recording, `undefined` that it is gone. */
  setRecording(id: string, state: RecordingState | undefined): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    const { recording: _, ...rest } = call;
    this.#calls.set(id, state === undefined ? rest : { ...rest, recording: state });
  }

  delete(id: string): void {
    this.#calls.delete(id);
  }

  /** The calls of an organisation, in the order in which they ended. */
  of(organisation: string): EndedCall[] {
    return [...this.#calls.values()].filter((call) => call.organisation === organisation);
  }
}

/** An ended call of which only the recording is known. */
export function describeRecording(recording: RecordingSummary): EndedCall {
  const { callId: id, organisation, sampleRate, startedAt, samples, metadata, state } = recording;
  const { media, reason = "unknown" } = recording;
  const endedAt = startedAt + (samples * 1000) / sampleRate;
  const call = { id, organisation, sampleRate, startedAt, endedAt, reason, metadata };
  return { ...call, ...(media && { media }), recording: state };
}
