import type { Track } from "../../../mixer/track.ts";
import type { Simulation } from "./simulation.ts";

/** Values repeat after so many samples, 7.5 s at 8 kHz: far more than any misplacement. */
const PERIOD = 60_000;

/** Seeded pseudo-random numbers from 0 to 1 (mulberry32). */
export function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface SourceOptions {
  /** How much faster the sender's clock runs than ours, parts per million. */
  ppm?: number;
  /** Delay of the chunk whose last sample was captured `ms` after the call began, ms. */
  delayMs?: (ms: number) => number;
  /** Whether chunks overtake each other; over a WebSocket they never do. */
  reorders?: boolean;
  /** Whether the sender says anything at source time `ms`; if not it sends nothing at all. */
  sends?: (ms: number) => boolean;
  /** Whether what it sends at source time `ms` is silence. */
  silent?: (ms: number) => boolean;
  /** The media time it claims for source time `ms`; left out: none. */
  mediaMs?: (ms: number) => number;
  /** Chance that a chunk is sent a second time. */
  repeats?: number;
  chunkMs?: number;
  seed?: number;
}

/** Silence for one second after every two of speech. */
export const PAUSES = (ms: number): boolean => ms % 3000 >= 2000;

/**
 * A sender whose every sample tells where it belongs: its value is its index, repeating after 60,000.
 * Answers what was sent, to be compared with what came out.
 */
export class IndexedSource {
  /** Whether the sample with this index was sent as sound. */
  readonly sent: Uint8Array;
  readonly #simulation: Simulation;
  readonly #options: Required<Pick<SourceOptions, "ppm" | "chunkMs" | "repeats">> & SourceOptions;

  constructor(simulation: Simulation, track: Track, options: SourceOptions = {}) {
    const full = { ppm: 0, chunkMs: 20, repeats: 0, ...options };
    this.#simulation = simulation;
    this.#options = full;
    const rate = simulation.timeline.sampleRate;
    this.sent = new Uint8Array(Math.ceil((simulation.durationMs / 1000) * rate * 1.001) + rate);
    const random = randomness(full.seed ?? 1);
    const length = simulation.timeline.samples(full.chunkMs);
    let sequence = 0;
    let lastArrivalMs = 0;
    const plan = (index: number) => {
      const captureMs = this.instantMs(index + length);
      if (captureMs >= simulation.durationMs) return;
      const sourceMs = (index / rate) * 1000;
      simulation.clock.setTimeout(() => plan(index + length), captureMs - simulation.nowMs);
      if (!(full.sends?.(sourceMs) ?? true)) return;
      const silent = full.silent?.(sourceMs) ?? false;
      const chunk = new Int16Array(length);
      if (!silent) {
        for (let i = 0; i < length; i++) chunk[i] = valueOf(index + i);
        this.sent.fill(1, index, index + length);
      }
      const number = sequence++;
      const deliver = () => track.push(chunk, full.mediaMs?.(sourceMs), number);
      let arrivalMs = captureMs + (full.delayMs?.(captureMs) ?? 0);
      if (!full.reorders) arrivalMs = lastArrivalMs = Math.max(lastArrivalMs + 0.001, arrivalMs);
      if (arrivalMs < simulation.durationMs) simulation.at(arrivalMs, deliver);
      else this.sent.fill(0, index, index + length);
      if (random() < full.repeats) simulation.at(arrivalMs + 1, deliver);
    };
    plan(0);
  }

  /** When the sample with this index was captured, ms since the call began. */
  instantMs(index: number): number {
    const rate = this.#simulation.timeline.sampleRate * (1 + this.#options.ppm / 1e6);
    return (index / rate) * 1000;
  }

  /** Compares a lane of the call with what was sent. */
  compare(lane: Int16Array, fromMs = 0): Comparison {
    const rate = this.#simulation.timeline.sampleRate;
    const heard = new Uint8Array(this.sent.length);
    const errors: number[] = [];
    for (let position = 0; position < lane.length; position++) {
      if (lane[position] === 0) continue;
      const expected = position * (1 + this.#options.ppm / 1e6);
      const index = indexOf(lane[position], expected);
      if (index < 0 || index >= heard.length) continue;
      heard[index] = 1;
      const positionMs = (position / rate) * 1000;
      if (positionMs >= fromMs && position % 80 === 0) {
        errors.push(Math.abs(positionMs - this.instantMs(index)));
      }
    }
    let lost = 0;
    let total = 0;
    for (let index = 0; index < heard.length; index++) {
      if (this.sent[index] === 0) continue;
      total++;
      if (heard[index] === 0) lost++;
    }
    errors.sort((a, b) => a - b);
    return {
      lost,
      total,
      maxErrorMs: errors.at(-1) ?? NaN,
      p99ErrorMs: errors[Math.floor(errors.length * 0.99)] ?? NaN,
    };
  }
}

export interface Comparison {
  /** Samples that were sent and did not come out. */
  lost: number;
  total: number;
  /** Distance between where samples came out and when they were captured. */
  maxErrorMs: number;
  p99ErrorMs: number;
}

/** The value of the sample with this index: never quiet, so that no chunk is taken for silence. */
export function valueOf(index: number): number {
  const phase = index % PERIOD;
  return phase < PERIOD / 2 ? phase - 32_000 : phase - PERIOD / 2 + 2001;
}

function indexOf(value: number, near: number): number {
  const phase = value < 0 ? value + 32_000 : value + PERIOD / 2 - 2001;
  return phase + PERIOD * Math.round((near - phase) / PERIOD);
}
