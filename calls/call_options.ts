import type { Clock } from "../mixer/clock.ts";
import type { TrackFormat } from "../mixer/decode.ts";
import type { Ticker } from "../mixer/ticker.ts";
import type { CallRate } from "../mixer/timeline.ts";
import type {
  RecordedEvent,
  RecordingRef,
  RecordingState,
  RecordingStore,
  RecordingSummary,
} from "../recordings/store.ts";
import type { Call } from "./call.ts";
import type { CallSink } from "./call_sinks.ts";

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

/** What an operator may want to know of a call. */
export interface CallWarning {
  readonly code: string;
  readonly message: string;
  /** `false` when what was warned of is over. @default {true} */
  readonly active?: boolean;
  /** Where in the call it was noticed, in samples. */
  readonly position?: number;
  /** The side it is about, if it is about one. */
  readonly track?: "user" | "bot";
}

/** What happens to calls, for those who follow them. Handlers must not throw, and not wait. */
export interface CallObserver {
  /** A call was announced: its audio is to come. */
  onAnnounce?(call: Call): void;
  /** A call is over whose audio never began. */
  onWithdraw?(call: Call): void;
  /** The audio begins. */
  onStart?(call: Call): void;
  /** A call whose audio had begun is over; its recording may not be complete yet. */
  onEnd?(call: Call, reason: string): void;
  onWarning?(call: Call, warning: CallWarning): void;
  /** Something that happened at a position: a barge-in, a pause, a transcript line. */
  onEvent?(call: Call, event: RecordedEvent): void;
  /** The call is paused or goes on, or its ingest socket was lost or found again. */
  onUpdate?(call: Call): void;
  /** The store did not take so many samples per channel in time; they are lost to the recording. */
  onRecordingGap?(call: Call, samples: number): void;
  /** Somebody began or ceased to listen. */
  onListeners?(call: Call, change: { joined: boolean }): void;
  /** The store has let go of a recording, or it was deleted. */
  onRecording?(
    recording: RecordingRef,
    state: RecordingState,
    summary?: RecordingSummary,
  ): void;
}

/** Makes a consumer of the live audio of a call whose audio begins; `undefined` if it needs none. */
export type CallSinkFactory = (call: Call) => CallSink | undefined;

/** What every call of a process shares. */
export interface CallEnvironment {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly store: RecordingStore;
  readonly observer: CallObserver;
  /** Who else consumes the live audio of every call. @default none */
  readonly sinks?: readonly CallSinkFactory[];
  readonly holdbackMs: number;
  readonly botQueueMs: number;
  /** How long a call outlives its ingest socket, ms. */
  readonly graceMs: number;
  /** How far back a call that is not recorded can be heard, ms; 0 for not at all. @default {0} */
  readonly rewindMs?: number;
  /** How long an announced call waits for its audio, ms. */
  readonly announceMs: number;
}
