import { BOT, type MixedFrame, USER } from "../mixer/mixer.ts";
import type { ActiveWarnings } from "./active_warnings.ts";
import type { Call } from "./call.ts";
import type { CallSink } from "./call_sinks.ts";
import { type SenderSide, SideHealth } from "./side_health.ts";
import { Hysteresis } from "./hysteresis.ts";

/** What a {@linkcode CallHealth} is made of. */
export interface CallHealthOptions {
  sampleRate: number;
  warnings: ActiveWarnings;
  /** Whether sound is kept out at present: silence is no news then. */
  isPaused: () => boolean;
  /** The two sides as they come in; left out, nothing is told of what they are. */
  sides?: Record<"user" | "bot", SenderSide>;
  /** Where the recording ends whatever happens, in samples; left out for a call that is not recorded. */
  capSamples?: number;
}

/** So many steps of two frames make a second. */
const STEPS_PER_SECOND = 10;
/** How long nobody must be heard for a warning, s. */
const DEAD_AIR_SECONDS = 20;
/** How long the bot must speak over the user, s. */
const TALK_OVER_SECONDS = 3;
/** How long before the end of the recording it is warned of, s; at half of shorter ones. */
const CAP_NEAR_SECONDS = 60;

/**
 * Notices what an operator would want to be told of a call's sound. It looks at a
 * quarter of the samples of every second frame, and allocates nothing.
 */
export class CallHealth implements CallSink {
  readonly #options: CallHealthOptions;
  readonly #user: SideHealth;
  readonly #bot: SideHealth;
  readonly #deadAir = new Hysteresis({ limit: DEAD_AIR_SECONDS * STEPS_PER_SECOND, fall: 40 });
  readonly #talkOver = new Hysteresis({ limit: TALK_OVER_SECONDS * STEPS_PER_SECOND, fall: 2 });
  readonly #capNear: number;
  readonly #cap: number;
  /** What was supplied in the frame that is not looked at. */
  #sources = 0;
  #isSecond = false;

  /** The health of a call whose audio begins. */
  static of(call: Call): CallHealth {
    const { details: { sampleRate, media }, pipeline, warnings } = call;
    return new CallHealth({
      sampleRate,
      warnings,
      isPaused: () => call.paused,
      ...(pipeline && { sides: pipeline }),
      ...(media.recording && { capSamples: media.maxDurationSeconds * sampleRate }),
    });
  }

  constructor(options: CallHealthOptions) {
    const { sampleRate, warnings, capSamples: cap = Infinity } = options;
    this.#options = options;
    this.#user = new SideHealth("user", warnings, STEPS_PER_SECOND);
    this.#bot = new SideHealth("bot", warnings, STEPS_PER_SECOND);
    this.#cap = cap;
    this.#capNear = Math.max(cap - CAP_NEAR_SECONDS * sampleRate, cap / 2);
  }

  /** Takes a frame and keeps nothing of it. */
  write(frame: MixedFrame): void {
    this.#sources |= frame.sources;
    this.#isSecond = !this.#isSecond;
    if (this.#isSecond) return;
    const sources = this.#sources;
    this.#sources = 0;
    const { position } = frame;
    if (position >= this.#capNear) this.#nearCap(position);
    this.#user.checkHeader(this.#options.sides?.user, position);
    this.#bot.checkHeader(this.#options.sides?.bot, position);
    if (this.#options.isPaused()) return;
    // What is not supplied may still ring out, which is nobody's sound.
    const user = this.#user.step(frame.user, position, (sources & USER) !== 0);
    const bot = this.#bot.step(frame.bot, position, (sources & BOT) !== 0);
    if (this.#deadAir.step(!user && !bot)) this.#tellDeadAir(position);
    if (this.#talkOver.step(user && bot)) this.#tellTalkOver(position);
  }

  #tellDeadAir(position: number): void {
    const { warnings } = this.#options;
    const code = "both_silent";
    if (this.#deadAir.isOn) {
      const message = `Neither side has been heard for ${DEAD_AIR_SECONDS} s`;
      warnings.raise({ code, message, position });
    } else warnings.clear({ code, message: "Somebody is heard again", position });
  }

  #tellTalkOver(position: number): void {
    const { warnings } = this.#options;
    const code = "talk_over";
    if (this.#talkOver.isOn) {
      const message = `The bot has been speaking over the user for ${TALK_OVER_SECONDS} s`;
      warnings.raise({ code, message, position });
    } else warnings.clear({ code, message: "The two no longer speak at once", position });
  }

  #nearCap(position: number): void {
    const { warnings, sampleRate } = this.#options;
    const code = "recording_cap_near";
    if (position < this.#cap) {
      const seconds = Math.round((this.#cap - this.#capNear) / sampleRate);
      const message = `The recording ends in ${seconds} s, at maxDurationSeconds`;
      warnings.raise({ code, message, position });
    } else warnings.clear({ code, message: "The recording has ended", position });
  }
}
