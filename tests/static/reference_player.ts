const CONTEXT_HZ = 8000;

/**
 * A model of the smallest player that works: a context fixed at 8 kHz, a queue without bound that is
 * played as soon as there is anything in it, and zeros where there is nothing.
 */
export class ReferencePlayer {
  readonly #queue: Int16Array[] = [];
  readonly #channels: number;
  /** Of the oldest frame, what has been played. */
  #taken = 0;
  #waiting = 0;
  #position = 0;
  #playing = false;
  #underruns = 0;

  constructor(channels = 2) {
    this.#channels = channels;
  }

  get status() {
    return {
      playing: this.#playing,
      position: this.#position,
      queueMs: this.#waiting * 1000 / CONTEXT_HZ,
      targetMs: 0,
      underruns: this.#underruns,
      skips: 0,
    };
  }

  push(pcm: Int16Array): void {
    this.#queue.push(pcm.slice());
    this.#waiting += pcm.length / this.#channels;
  }

  pull(out: Float32Array): void {
    let at = 0;
    while (at < out.length && this.#queue.length > 0) {
      const frame = this.#queue[0];
      const take = Math.min(out.length - at, frame.length / this.#channels - this.#taken);
      for (let i = 0; i < take; i++) {
        out[at + i] = frame[(this.#taken + i) * this.#channels] / 32768;
      }
      at += take;
      this.#taken += take;
      this.#position += take;
      this.#waiting -= take;
      if (this.#taken < frame.length / this.#channels) continue;
      this.#queue.shift();
      this.#taken = 0;
    }
    if (at < out.length && this.#playing) this.#underruns++;
    this.#playing = at === out.length;
    out.fill(0, at);
  }
}
