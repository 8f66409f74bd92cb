/** When a {@linkcode Hysteresis} changes. */
export interface HysteresisOptions {
  /** It begins at this score. */
  limit: number;
  /** What a bad step adds to the score. @default {1} */
  rise?: number;
  /** What a good step takes from it. */
  fall: number;
}

/** Says that something is so when it has been for a while, and that it is over when that is past. */
export class Hysteresis {
  readonly #limit: number;
  readonly #rise: number;
  readonly #fall: number;
  #score = 0;
  #isOn = false;

  constructor({ limit, rise = 1, fall }: HysteresisOptions) {
    this.#limit = limit;
    this.#rise = rise;
    this.#fall = fall;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Takes one more step; returns whether that changed it. */
  step(isBad: boolean): boolean {
    const score = isBad ? this.#score + this.#rise : this.#score - this.#fall;
    this.#score = score < 0 ? 0 : score > this.#limit ? this.#limit : score;
    const isOn = this.#isOn ? this.#score > 0 : this.#score >= this.#limit;
    const hasChanged = isOn !== this.#isOn;
    this.#isOn = isOn;
    return hasChanged;
  }
}
