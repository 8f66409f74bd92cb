import { dotProduct } from "./dot_product.ts";
import { Int16Scratch } from "./int16_scratch.ts";
import { type PolyphaseFilter, polyphaseFilter } from "./polyphase_filter.ts";

/** Input samples taken into the filter at a time, however long a chunk is. */
const BLOCK_SAMPLES = 1024;

/** Whether a {@linkcode Resampler} takes input at this rate: a whole number from 8000 to 48000. */
export function isInputRate(rateHz: number): boolean {
  return Number.isInteger(rateHz) && rateHz >= 8000 && rateHz <= 48000;
}

/**
 * Resamples mono 16-bit PCM as it arrives, from any rate of 8000 to 48000 Hz to 8000 or 16000.
 *
 * Zero phase: output sample `n` sounds at the instant of input sample `n * input / output`. To know
 * it the filter needs the input around that instant (3 to 5 ms on either side), so the end of what
 * came in is held until more comes or {@linkcode flush} says that nothing will. How the input is cut
 * into chunks makes no difference to the output. Positions are whole numbers throughout and cannot
 * drift. Equal rates pass through untouched.
 */
export class Resampler {
  /** `null` when the rates are equal. */
  readonly #filter: PolyphaseFilter | null;
  readonly #history: Float64Array;
  readonly #output = new Int16Scratch();
  /** Samples in `#history`. */
  #filled = 0;
  /** Where in `#history` the next output's coefficients begin, and how far past it, in phases. */
  #start = 0;
  #phase = 0;

  /** @throws {RangeError} when a rate is not one of those above */
  constructor(inputRateHz: number, outputRateHz: number) {
    if (!isInputRate(inputRateHz)) {
      throw new RangeError(
        "Cannot resample: input rate must be a whole number of Hz from 8000 to 48000, " +
          `received ${inputRateHz}`,
      );
    }
    if (outputRateHz !== 8000 && outputRateHz !== 16000) {
      throw new RangeError(
        `Cannot resample: output rate must be 8000 or 16000, received ${outputRateHz}`,
      );
    }
    this.#filter = inputRateHz === outputRateHz ? null : polyphaseFilter(inputRateHz, outputRateHz);
    this.#history = new Float64Array(this.#filter === null ? 0 : this.#filter.taps + BLOCK_SAMPLES);
    this.reset();
  }

  /** Output samples that the input so far has yet to yield, all of which `flush()` would answer. */
  get heldSamples(): number {
    return this.#filter === null ? 0 : this.#outputsWithin(this.#filled + this.#filter.taps / 2);
  }

  /**
   * Takes the next chunk, of any length, and answers the output it completes: an array that is
   * valid until the next call; when the rates are equal, `input` itself.
   */
  process(input: Int16Array): Int16Array {
    if (this.#filter === null) return input;
    const history = this.#history;
    const output = this.#output.take(this.#outputsWithin(this.#filled + input.length));
    let written = 0;
    for (let taken = 0; taken < input.length;) {
      if (this.#filled + input.length - taken > history.length) this.#discardUsed();
      const end = Math.min(this.#filled + input.length - taken, history.length);
      for (let i = this.#filled; i < end; i++) history[i] = input[taken++];
      this.#filled = end;
      written = this.#filterInto(output, written, this.#filter);
    }
    return output;
  }

  /**
   * Ends an utterance: answers the output that was held, as if silence followed, and is then as
   * new. In all, `n` input samples give exactly `ceil(n * output / input)` output samples. The array
   * is valid until the next call.
   */
  flush(): Int16Array {
    const tail = this.process(new Int16Array(this.#filter === null ? 0 : this.#filter.taps / 2));
    this.reset();
    return tail;
  }

  /** Forgets all input; the next chunk begins a new utterance. */
  reset(): void {
    this.#history.fill(0);
    // Silence before the first sample puts the middle of the filter on it.
    this.#filled = this.#filter === null ? 0 : this.#filter.taps / 2 - 1;
    this.#start = 0;
    this.#phase = 0;
  }

  /** Outputs not yet made whose coefficients end within the first `filled` samples of history. */
  #outputsWithin(filled: number): number {
    const { taps, phases, step } = this.#filter!;
    const starts = filled - taps + 1 - this.#start;
    return Math.max(0, Math.ceil((starts * phases - this.#phase) / step));
  }

  #discardUsed(): void {
    this.#history.copyWithin(0, this.#start, this.#filled);
    this.#filled -= this.#start;
    this.#start = 0;
  }

  /** Makes all outputs that history allows, from `output[written]` on; answers where they end. */
  #filterInto(output: Int16Array, written: number, filter: PolyphaseFilter): number {
    const { taps, phases, step, rows, coefficients } = filter;
    const history = this.#history;
    const wholeStep = Math.floor(step / phases);
    const phaseStep = step % phases;
    let start = this.#start;
    let phase = this.#phase;
    for (const last = this.#filled - taps; start <= last; written++) {
      let sample: number;
      if (rows === phases) {
        sample = dotProduct(coefficients, phase * taps, history, start, taps);
      } else {
        const row = Math.floor(phase * rows / phases);
        const weight = (phase * rows % phases) / phases;
        const before = dotProduct(coefficients, row * taps, history, start, taps);
        const after = dotProduct(coefficients, (row + 1) * taps, history, start, taps);
        sample = before + weight * (after - before);
      }
      output[written] = Math.max(-32768, Math.min(32767, Math.round(sample)));
      start += wholeStep;
      phase += phaseStep;
      if (phase >= phases) {
        phase -= phases;
        start++;
      }
    }
    this.#start = start;
    this.#phase = phase;
    return written;
  }
}
