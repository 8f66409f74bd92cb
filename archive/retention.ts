import { setImmediate } from "node:timers/promises";
import type { Clock, TimerHandle } from "../mixer/clock.ts";
import type { RecordingRef } from "../recordings/store.ts";
import type { CallIndex } from "./call_index.ts";
import type { KeptRecording } from "./index_tables.ts";

/** How long and how much is kept. `Infinity` is no limit. */
export interface RetentionLimits {
  /** How long an organisation's recordings are kept after their call's end, ms; and other calls. */
  maxAgeMs: (organisation: string) => number;
  /** What all recordings may take. */
  maxBytes: number;
  /** What one organisation's recordings may take. */
  maxBytesPerOrganisation: number;
}

/** What a round has done. */
export interface RetentionRound {
  /** Recordings that are gone because of their age. */
  aged: number;
  /** Recordings that are gone because there were too many. */
  crowded: number;
  /** What they took. */
  bytes: number;
  /** Calls without recording that are forgotten because of their age. */
  forgotten: number;
  /** Recordings that the store did not delete; it is asked again in the next round. */
  refused: number;
}

/** What a {@linkcode Retention} works with. */
export interface RetentionOptions {
  index: CallIndex;
  clock: Clock;
  limits: RetentionLimits;
  /** Deletes a recording for good, and notes it in the index. Rejects when the store refuses. */
  deleteRecording: (ref: RecordingRef) => Promise<unknown>;
  /** Is told of every round. Must not throw. */
  onRound?: (round: RetentionRound) => void;
  /** Is told when the store begins to refuse, once until it takes all again. Must not throw. */
  onWarning?: (message: string) => void;
}

/** Time between two rounds. */
const ROUND_MS = 120_000;
/** Most recordings that are deleted in a round: 30,000 an hour. */
const MAX_DELETED = 1000;
/** A store that refuses so often in a round is left alone until the next. */
const MAX_REFUSED = 20;
const BATCH = 50;

/**
 * Deletes the oldest recordings where there are limits: first those that are too old, then those that
 * are too many for their organisation, then those that are too many for the server. Calls that were not
 * recorded are forgotten at the same age. One that is still
 * being written, or completed, is never touched, nor counted.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #timer: TimerHandle;
  #sweeping: Promise<RetentionRound> | undefined;
  #isClosed = false;
  #isRefusing = false;
  /** Recordings that this round has tried. */
  #tried = new Set<string>();
  #round: RetentionRound = newRound();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Begins to sweep, every {@linkcode ROUND_MS}. */
  start(): void {
    this.#timer = this.#options.clock.setTimeout(async () => {
      await this.sweep().catch(this.#warn);
      if (!this.#isClosed) this.start();
    }, ROUND_MS);
  }

  /** Runs a round now, or answers the one that is running. */
  sweep(): Promise<RetentionRound> {
    this.#sweeping ??= this.#sweep().finally(() => this.#sweeping = undefined);
    return this.#sweeping;
  }

  /** Stops; settles when nothing is being deleted any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#timer);
    await this.#sweeping?.catch(() => {});
  }

  async #sweep(): Promise<RetentionRound> {
    const { index, clock, limits, onRound } = this.#options;
    const round = this.#round = newRound();
    this.#tried.clear();
    for (const { organisation } of index.usage()) {
      const endedBefore = clock.wallTime() - limits.maxAgeMs(organisation);
      round.aged += await this.#delete({ endedBefore, organisation });
      await this.#forget(endedBefore, organisation);
    }
    for (const { organisation, bytes } of index.usage()) {
      const excess = bytes - limits.maxBytesPerOrganisation;
      round.crowded += await this.#delete({ excess, organisation });
    }
    const total = index.usage().reduce((sum, { bytes }) => sum + bytes, 0);
    round.crowded += await this.#delete({ excess: total - limits.maxBytes });
    if (round.refused === 0) this.#isRefusing = false;
    onRound?.(round);
    return round;
  }

  /** Deletes the oldest, as long as there is an excess of bytes. Answers how many are gone. */
  async #delete(
    { excess = Infinity, endedBefore = Infinity, organisation }: {
      excess?: number;
      endedBefore?: number;
      organisation?: string;
    },
  ): Promise<number> {
    const { index } = this.#options;
    let deleted = 0;
    let leftBytes = excess;
    while (leftBytes > 0 && endedBefore > -Infinity) {
      const batch = index.oldestKept(endedBefore, BATCH + this.#tried.size, organisation)
        .filter(({ callId }) => !this.#tried.has(callId));
      if (batch.length === 0) break;
      for (const recording of batch.slice(0, BATCH)) {
        if (leftBytes <= 0 || !this.#mayGoOn) return deleted;
        if (!await this.#tryDelete(recording)) continue;
        leftBytes -= recording.bytes;
        deleted++;
      }
    }
    return deleted;
  }

  /** Forgets calls that have no recording to go with, because their metadata is as personal. */
  async #forget(endedBefore: number, organisation: string): Promise<void> {
    if (endedBefore === -Infinity) return;
    while (!this.#isClosed && this.#round.forgotten < MAX_DELETED) {
      const forgotten = this.#options.index.forgetUnrecorded(endedBefore, organisation);
      if (forgotten === 0) return;
      this.#round.forgotten += forgotten;
      await setImmediate();
    }
  }

  get #mayGoOn(): boolean {
    return !this.#isClosed && this.#tried.size < MAX_DELETED && this.#round.refused < MAX_REFUSED;
  }

  async #tryDelete({ organisation, callId, bytes }: KeptRecording): Promise<boolean> {
    this.#tried.add(callId);
    try {
      await this.#options.deleteRecording({ organisation, callId });
      this.#round.bytes += bytes;
      return true;
    } catch (error) {
      this.#round.refused++;
      if (!this.#isRefusing) this.#warn(error);
      this.#isRefusing = true;
      return false;
    }
  }

  readonly #warn = (error: unknown): void => {
    this.#options.onWarning?.(`Cannot delete what is too old or too much; tried again: ${error}`);
  };
}

function newRound(): RetentionRound {
  return { aged: 0, crowded: 0, bytes: 0, forgotten: 0, refused: 0 };
}
