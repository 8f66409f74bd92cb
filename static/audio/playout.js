// @ts-check
import { Fader } from "./fader.js";
import { Resampler } from "./resampler.js";
import { RingBuffer } from "./ring_buffer.js";
import { SideMixer } from "./side_mixer.js";
import { TimeStretch } from "./time_stretch.js";

const FADE_MS = 5;
/** The device takes 128 frames at a time; tests take more. */
const SCRATCH_FRAMES = 2048;

/**
 * The way from the queue to the device: taken from the ring, faster if it is to be, resampled,
 * mixed, faded where sound begins and breaks off. Both sides stay in step throughout. When to begin
 * and at which speed is for others to decide.
 */
export class Playout {
  /** The queue. */
  ring;
  /** Faster at the same pitch. */
  stretch;
  mixer;
  /** Level of the left side (or of the one channel there is) as played, whatever the mix makes of it. */
  userMeter = new LevelMeter();
  /** Level of the right side as played. */
  botMeter = new LevelMeter();
  #resampler;
  #fader;
  /** Input samples left at which the fade to silence must begin. */
  #reserve;
  #fadeSamples;
  #playing = false;
  #comesBack = false;
  #user = new Float32Array(SCRATCH_FRAMES);
  #bot = new Float32Array(SCRATCH_FRAMES);
  /** The last sample taken of each side. */
  user = 0;
  bot = 0;

  /** @param {{ inputRateHz: number, outputRateHz: number, capacity: number }} options */
  constructor({ inputRateHz, outputRateHz, capacity }) {
    this.ring = new RingBuffer(capacity);
    this.stretch = new TimeStretch(this.ring, inputRateHz);
    this.mixer = new SideMixer(outputRateHz);
    this.#resampler = new Resampler(inputRateHz, outputRateHz);
    this.#fader = new Fader(Math.round(FADE_MS * outputRateHz / 1000));
    this.#fadeSamples = Math.round(FADE_MS * inputRateHz / 1000);
    this.#reserve = Math.max(0, this.#fadeSamples - this.#resampler.delaySamples);
  }

  get playing() {
    return this.#playing;
  }

  /** Position in the call, a real number, of the sound in the next frame that is made. */
  get position() {
    const { ring } = this;
    if (!this.#playing) return ring.position;
    const { lag } = this.#resampler;
    // A jump is heard when what was taken before it has left the resampler.
    return ring.position - lag - (ring.sinceJump < lag ? ring.lastJump : 0);
  }

  /** The resampler's source: the next sample of both sides. */
  take() {
    const { ring } = this;
    if (ring.shift()) {
      this.userMeter.add(ring.user);
      this.botMeter.add(ring.bot);
      this.stretch.taken();
    }
    this.user = ring.user;
    this.bot = ring.bot;
  }

  start() {
    this.#playing = true;
    this.#resampler.begin(this);
    this.#fader.open();
  }

  /** Fades out and stops; what fades is played again by the next start. */
  fadeOut() {
    if (!this.#playing) return;
    this.#fader.close();
    this.#comesBack = true;
  }

  /** Forgets all that waits, but for what a fade of what plays takes. */
  forget() {
    this.ring.keep(this.#playing ? this.#reserve : 0);
    this.#comesBack = false;
    if (this.#playing) this.#fader.close();
  }

  /**
   * Fills `out` from `at` with sound until it is full or the sound has stopped: at the end of a run,
   * or faded out.
   *
   * @param {Float32Array} out
   * @param {number} at
   * @param {number} speed of the resampler: near 1, to follow a clock
   * @returns {number} where the sound ends in `out`
   */
  fill(out, at, speed) {
    while (this.#playing && at < out.length) {
      const to = Math.min(
        out.length,
        at + Math.min(SCRATCH_FRAMES, this.#framesUntilChange(speed)),
      );
      this.#resampler.process(this, speed, this.#user, this.#bot, 0, to - at);
      this.mixer.mix(this.#user, this.#bot, out, at, to - at);
      this.#fader.apply(out, at, to);
      at = to;
      if (this.#fader.isClosed) this.#stop();
      else if (this.ring.run <= this.#reserve) this.#fader.close();
    }
    return at;
  }

  /**
   * Output frames that can be made before the fade must begin, or until it is over; at least 1.
   *
   * @param {number} speed
   */
  #framesUntilChange(speed) {
    if (this.#fader.isClosing) return Math.max(1, this.#fader.remaining);
    // No leap of the stretch leaves less than its blend.
    const run = this.stretch.speed > 1
      ? Math.min(this.ring.run, this.stretch.blendSamples)
      : this.ring.run;
    return Math.max(1, Math.floor((run - this.#reserve) / this.#resampler.step(speed)));
  }

  #stop() {
    this.#playing = false;
    this.#fader.reset();
    if (this.#comesBack) this.ring.rewind(this.#resampler.delaySamples + this.#fadeSamples);
    else this.ring.nextRun();
    this.#comesBack = false;
  }
}

/** From here on a sample counts as clipped, as on the server. */
const CLIP = 32767;

/** Peak, power and clips of one side since it was last read, from 16-bit samples. */
class LevelMeter {
  #peak = 0;
  #energy = 0;
  #count = 0;
  #clips = 0;

  /** @param {number} sample -32768 to 32767 */
  add(sample) {
    const size = sample < 0 ? -sample : sample;
    if (size > this.#peak) this.#peak = size;
    if (size >= CLIP) this.#clips++;
    this.#energy += size * size;
    this.#count++;
  }

  /** Highest sample since the last {@linkcode reset}, 0 to 1. */
  get peak() {
    return this.#peak / 32768;
  }

  /** Root mean square since the last {@linkcode reset}, 0 to 1: a full-scale sine reads 0.707. */
  get rms() {
    return this.#count === 0 ? 0 : Math.sqrt(this.#energy / this.#count) / 32768;
  }

  /** Samples at full scale since the last {@linkcode reset}. */
  get clips() {
    return this.#clips;
  }

  reset() {
    this.#peak = 0;
    this.#energy = 0;
    this.#count = 0;
    this.#clips = 0;
  }
}
