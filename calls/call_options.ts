import type { TrackFormat } from "../mixer/decode.ts";
import type { CallRate } from "../mixer/timeline.ts";

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
