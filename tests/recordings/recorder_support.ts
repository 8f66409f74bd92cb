/**
 * The two sides of a call, and stores that hang or refuse, for the tests of the recorder.
 *
 * @module
 */
import { ManualClock } from "../../mixer/clock.ts";
import { MemoryStore } from "../../recordings/memory.ts";
import {
  Recorder,
  type RecorderOptions,
  type RecorderWarning,
  type RepairedSource,
} from "../../recordings/recorder.ts";
import type { RecordingInfo, RecordingStore } from "../../recordings/store.ts";
import { anInfo, openOf, readAll } from "./store_contract.ts";

export const FRAME = 4;
export const DELAY = 40;

/** One side of a call: sample `i` of what was supplied has the value `i * step`. */
export class Tape implements RepairedSource {
  readonly samples = new Int16Array(10_000);
  /** Positions that were read, in order. */
  readonly reads: number[] = [];
  readonly #step: number;

  constructor(step: number, until = 10_000) {
    this.#step = step;
    this.supply(0, until);
  }

  supply(from: number, to: number): void {
    for (let i = from; i < to; i++) this.samples[i] = i * this.#step;
  }

  read(position: number, output: Int16Array): number {
    this.reads.push(position);
    output.set(this.samples.subarray(position, position + output.length));
    return output.length;
  }
}

/** A recorder of two tapes with small numbers: frames of 4 samples, a delay of 40, blocks of 20. */
export function setUp(changes: Partial<RecorderOptions> = {}) {
  const user = new Tape(1);
  const bot = new Tape(-2);
  const store = new MemoryStore();
  const warnings: RecorderWarning[] = [];
  const clock = new ManualClock();
  const recorder = new Recorder({
    user,
    bot,
    store,
    clock,
    info: anInfo({ sampleRate: 80 }),
    frameSamples: FRAME,
    maxSamples: 10_000,
    delaySamples: DELAY,
    blockFrames: 5,
    maxBlocks: 3,
    // What is over is told, too, and is no warning.
    onWarning: (warning) => void (warning.active !== false && warnings.push(warning)),
    ...changes,
  });
  return { user, bot, store, clock, warnings, recorder };
}

/** Lets everything that waits for nothing outside make progress. */
export const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Mixes frames at the pace of the store, as time would. */
export async function writeFrames(recorder: Recorder, from: number, to: number): Promise<void> {
  for (let position = from; position < to; position += FRAME) {
    recorder.write(position);
    if (position % (5 * FRAME) === 0) await settle();
  }
}

/** What the store has: the left and right samples. */
export async function stored(
  store: RecordingStore,
): Promise<{ user: Int16Array; bot: Int16Array }> {
  const bytes = await readAll((await openOf(store))!.read());
  const samples = new Int16Array(bytes.buffer);
  return {
    user: samples.filter((_, index) => index % 2 === 0),
    bot: samples.filter((_, index) => index % 2 === 1),
  };
}

/** What a tape of this step holds. */
export function ramp(length: number, step: number): Int16Array {
  return Int16Array.from({ length }, (_, index) => index * step);
}

/** What {@linkcode Tape}s of this step hold, with silence from `from` up to `to`. */
export function rampWithGap(length: number, step: number, from: number, to: number): Int16Array {
  return ramp(length, step).fill(0, from, to);
}

/** A store of which one step is replaced. */
export function storeWith(
  steps: {
    create?: () => Promise<unknown>;
    append?: (count: number, pcm: Uint8Array) => Promise<unknown>;
    skip?: (samples: number) => Promise<unknown>;
    update?: (told: RecordingInfo) => Promise<unknown>;
    finish?: () => Promise<unknown>;
  },
): RecordingStore {
  const inner = new MemoryStore();
  let appends = 0;
  return {
    async create(info) {
      await steps.create?.();
      const writer = await inner.create(info);
      return {
        append: async (pcm, peaks) => {
          await steps.append?.(appends++, pcm);
          await writer.append(pcm, peaks);
        },
        skip: async (samples) => {
          await steps.skip?.(samples);
          await writer.skip(samples);
        },
        update: async (told) => {
          await steps.update?.(told);
          await writer.update(told);
        },
        finish: async (final) => {
          await steps.finish?.();
          await writer.finish(final);
        },
      };
    },
    open: (ref) => inner.open(ref),
    describe: (ref) => inner.describe(ref),
    names: () => inner.names(),
    delete: (ref) => inner.delete(ref),
  };
}
