import type { Clock } from "../mixer/clock.ts";
import type { RecordingInfo, RecordingStore } from "./store.ts";

/** One side of the call, readable again for a while after it was mixed. */
export interface RepairedSource {
  /**
   * Fills `output` with the samples from `position` on, zeros where there are none, and answers how
   * many it supplied.
   */
  read(position: number, output: Int16Array): number;
}

/**
 * Something an operator may want to know. The call goes on. `recording_failed`: the store refuses, for
 * now or for good; `recording_too_slow`: it does not keep up.
 */
export interface RecorderWarning {
  code: "recording_failed" | "recording_too_slow" | "recording_events_full";
  message: string;
  /** `false` when it is over: the store takes again. @default {true} */
  active?: boolean;
}

/** What a recorder reads, where it writes and how much. */
export interface RecorderOptions {
  user: RepairedSource;
  bot: RepairedSource;
  store: RecordingStore;
  /** Tells when a store that refused is asked again. */
  clock: Clock;
  /** What the recording begins with; copied. */
  info: RecordingInfo;
  /** Samples per channel of one mixed frame. */
  frameSamples: number;
  /** Most samples per channel that are kept. */
  maxSamples: number;
  /** How much later than it was mixed a frame is read again and written: whole frames. */
  delaySamples: number;
  /** Frames written to the store at a time. @default {20} */
  blockFrames?: number;
  /** Most blocks in memory; the store may fall behind by one less. @default {9} */
  maxBlocks?: number;
  /** @default {10_000} */
  maxEvents?: number;
  /** Most characters of all events as JSON. @default {2_097_152} */
  maxEventCharacters?: number;
  /** Is told of sound that was lost because the store did not take it. Must not throw. */
  onGap?: (samples: number) => void;
  /** Must not throw. */
  onWarning?: (warning: RecorderWarning) => void;
}

/**
 * The options with their defaults.
 *
 * @throws {RangeError} when a number is out of range or does not fit the others
 */
export function resolveRecorderOptions(options: RecorderOptions): Required<RecorderOptions> {
  const resolved = {
    blockFrames: 20,
    maxBlocks: 9,
    maxEvents: 10_000,
    maxEventCharacters: 2 * 1024 * 1024,
    onGap: () => {},
    onWarning: () => {},
    ...options,
  };
  atLeast(1, "frameSamples", resolved.frameSamples);
  atLeast(0, "maxSamples", resolved.maxSamples);
  atLeast(0, "delaySamples", resolved.delaySamples);
  atLeast(1, "blockFrames", resolved.blockFrames);
  atLeast(2, "maxBlocks", resolved.maxBlocks);
  atLeast(0, "maxEvents", resolved.maxEvents);
  atLeast(0, "maxEventCharacters", resolved.maxEventCharacters);
  if (resolved.delaySamples % resolved.frameSamples !== 0) {
    throw new RangeError(
      `Cannot create recorder: delaySamples must be whole frames of ${resolved.frameSamples}, ` +
        `received ${resolved.delaySamples}`,
    );
  }
  return resolved;
}

function atLeast(least: number, name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot create recorder: ${name} must be an integer of at least ${least}, received ${value}`,
  );
}
