import type { Clock } from "../mixer/clock.ts";
import type { TrackFormat } from "../mixer/decode.ts";
import type { Ticker } from "../mixer/ticker.ts";
import type { CallRate } from "../mixer/timeline.ts";
import type { RecordedEvent, RecordingStore } from "../recordings/store.ts";

/** What is done with a call's audio. */
export interface CallMedia {
  /** Whether people may listen. */
  readonly live: boolean;
  /** Whether it is recorded. */
  readonly recording: boolean;
  /** Caps the recording, never the listening. */
  readonly maxDurationSeconds: number;
}

/** What is known of a call before its audio comes. */
export interface CallDetails {
  readonly id: string;
  readonly organisation: string;
  readonly sampleRate: CallRate;
  readonly formats: { readonly user: TrackFormat; readonly bot: TrackFormat };
  readonly media: CallMedia;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the bot's audio is to be spoken from its arrival on, or a leg as the caller hears it. */
  readonly botAudio: "speech" | "live";
}

/** Why a call was refused, or what an operator may want to know of it. */
export interface CallWarning {
  readonly code: string;
  readonly message: string;
}

/** What happens to calls, for those who follow them. Handlers must not throw. */
export interface CallObserver {
  onStart?(id: string): void;
  onEnd?(id: string, reason: string): void;
  onWarning?(id: string, warning: CallWarning): void;
  /** Something that happened at a position: a barge-in, a pause, a transcript line. */
  onEvent?(id: string, event: RecordedEvent): void;
}

/** What every call of a process shares. */
export interface CallEnvironment {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly store: RecordingStore;
  readonly observer: CallObserver;
  readonly holdbackMs: number;
  readonly botQueueMs: number;
  /** How long a call outlives its ingest socket, ms. */
  readonly graceMs: number;
  /** How long an announced call waits for its audio, ms. */
  readonly announceMs: number;
}
