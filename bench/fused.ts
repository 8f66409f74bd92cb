import { decodeMulaw } from "../mixer/g711.ts";
import { computePeaks, PIXEL_BYTES, PIXELS_PER_FRAME } from "../recordings/peaks.ts";
import { testSignal } from "./signal.ts";

const FRAME = 400;
const CHUNK = 160;
/** 6 s at 8 kHz: a whole number of frames and of chunks. */
const RING = 48_000;
const REPAIR = 40_000;
const HOLDBACK = 800;
/** Samples of a side that one pixel of the peaks covers. */
const PER_PIXEL = FRAME / PIXELS_PER_FRAME;
/** Frames the recorder collects before it hands them on. */
const BLOCK_FRAMES = 20;

interface FusedCall {
  readonly user: Int16Array;
  readonly bot: Int16Array;
  readonly block: Int16Array;
  readonly peaks: Int8Array;
}

/**
 * What the pipeline computes, as plain loops and nothing else: decode into rings, add with saturation,
 * interleave both sides 5 s later and find their peaks. No timestamps, no gaps, no lateness, no streams.
 */
export class FusedBench {
  readonly #calls: FusedCall[];
  readonly #signal = testSignal();
  readonly #live = new Int16Array(FRAME);
  #chunk = 0;
  #frame = 0;

  /** @param calls that run at the same time */
  constructor(calls: number) {
    this.#calls = Array.from({ length: calls }, () => ({
      user: new Int16Array(RING),
      bot: new Int16Array(RING),
      block: new Int16Array(2 * FRAME * BLOCK_FRAMES),
      peaks: new Int8Array(PIXEL_BYTES * PIXELS_PER_FRAME * BLOCK_FRAMES),
    }));
  }

  /** Lets so many ticks of 50 ms pass. */
  run(ticks: number): void {
    for (let pair = 0; pair < ticks / 2; pair++) {
      for (let step = 0; step < 10; step++) {
        if (step % 2 === 0) this.#push();
        if (step % 5 === 4) this.#tick();
      }
    }
  }

  #push(): void {
    const payload = this.#signal[this.#chunk % this.#signal.length];
    const at = (this.#chunk++ * CHUNK) % RING;
    for (const { user, bot } of this.#calls) {
      decodeMulaw(payload, user.subarray(at, at + CHUNK));
      decodeMulaw(payload, bot.subarray(at, at + CHUNK));
    }
  }

  #tick(): void {
    const position = this.#frame++ * FRAME;
    const at = (position + RING - HOLDBACK) % RING;
    const kept = (at + RING - REPAIR) % RING;
    const blockFrame = this.#frame % BLOCK_FRAMES;
    for (const call of this.#calls) {
      mix(call, at, this.#live);
      interleave(call, kept, 2 * FRAME * blockFrame);
      const peaksAt = PIXEL_BYTES * PIXELS_PER_FRAME * blockFrame;
      computePeaks(call.block, FRAME * blockFrame, FRAME, PER_PIXEL, call.peaks, peaksAt);
    }
  }
}

function mix({ user, bot }: FusedCall, at: number, output: Int16Array): void {
  for (let index = 0; index < FRAME; index++) {
    const sum = user[at + index] + bot[at + index];
    output[index] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
  }
}

function interleave({ user, bot, block }: FusedCall, at: number, blockAt: number): void {
  for (let index = 0; index < FRAME; index++) {
    block[blockAt + 2 * index] = user[at + index];
    block[blockAt + 2 * index + 1] = bot[at + index];
  }
}
