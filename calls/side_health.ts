import type { TrackFormat } from "../mixer/decode.ts";
import type { StreamHeader } from "../mixer/stream_header.ts";
import type { ActiveWarnings } from "./active_warnings.ts";
import { Hysteresis } from "./hysteresis.ts";

/** How long a side must supply nothing for a warning, s. */
const SILENT_SECONDS = 20;
/** How long it must be clipped, s, and how long not, until that is over. */
const CLIPPED_SECONDS = 1;
const UNCLIPPED_SECONDS = 8;
/** One sample of so many is looked at. */
const STRIDE = 4;
/** A peak above this is heard: -45 dBFS. */
const AUDIBLE = 184;
/** A sample this large is at a limit: of PCM, or of mu-law and A-law, whose largest are 32,124 and 32,256. */
const CLIPPED = 32_000;
/** So many of the samples that are looked at make a frame clipped: 2 % at 8 kHz. */
const CLIPPED_SAMPLES = 2;

/** What a sender said of its side, and what came instead of samples. */
export interface SenderSide {
  readonly format: TrackFormat;
  readonly header: StreamHeader | undefined;
}

/** What there is to be told of one side of a call. */
export class SideHealth {
  readonly #track: "user" | "bot";
  readonly #warnings: ActiveWarnings;
  readonly #silent: Hysteresis;
  readonly #clipping: Hysteresis;
  #hasHeader = false;

  constructor(track: "user" | "bot", warnings: ActiveWarnings, stepsPerSecond: number) {
    this.#track = track;
    this.#warnings = warnings;
    // Over when it has supplied something for half a second.
    const silentSteps = SILENT_SECONDS * stepsPerSecond;
    this.#silent = new Hysteresis({ limit: silentSteps, fall: silentSteps / 5 });
    const rise = UNCLIPPED_SECONDS / CLIPPED_SECONDS;
    this.#clipping = new Hysteresis({ limit: UNCLIPPED_SECONDS * stepsPerSecond, rise, fall: 1 });
  }

  /**
   * Takes one frame of some.
   *
   * @param isSupplied whether this side supplied samples since the last one
   * @returns whether it is heard
   */
  step(samples: Int16Array, position: number, isSupplied: boolean): boolean {
    let peak = 0;
    let clipped = 0;
    if (isSupplied) {
      for (let index = 0; index < samples.length; index += STRIDE) {
        const sample = samples[index];
        const magnitude = sample < 0 ? -sample : sample;
        if (magnitude > peak) peak = magnitude;
        if (magnitude >= CLIPPED) clipped++;
      }
    }
    if (this.#silent.step(!isSupplied)) this.#tellSilent(position);
    if (this.#clipping.step(clipped >= CLIPPED_SAMPLES)) this.#tellClipping(position);
    return peak > AUDIBLE;
  }

  /** Tells, once, of a file's header among the samples. */
  checkHeader(side: SenderSide | undefined, position: number): void {
    const header = side?.header;
    if (side === undefined || header === undefined || this.#hasHeader) return;
    this.#hasHeader = true;
    const track = this.#track;
    const { kind, sampleRate, channels } = header;
    const differs = sampleRate !== side.format.sampleRate || channels !== 1;
    const told = differs
      ? `it says ${sampleRate} Hz and ${channels} channels, but ${side.format.sampleRate} Hz and 1 ` +
        "were announced: announce what you send"
      : "send samples alone";
    const message =
      `The ${track}'s audio has the header of a ${kind} file, which is left out; ${told}`;
    this.#warnings.raise({ code: "wav_header", message, position, track });
  }

  #tellSilent(position: number): void {
    const track = this.#track;
    const code = "track_silent";
    if (this.#silent.isOn) {
      const message = `Nothing was sent of the ${track} for ${SILENT_SECONDS} s`;
      this.#warnings.raise({ code, message, position, track });
    } else {
      this.#warnings.clear({ code, message: `The ${track} is sent again`, position, track });
    }
  }

  #tellClipping(position: number): void {
    const track = this.#track;
    const code = "clipping";
    if (this.#clipping.isOn) {
      const message = `The ${track} is clipped: lower its level where it comes from`;
      this.#warnings.raise({ code, message, position, track });
    } else {
      this.#warnings.clear({ code, message: `The ${track} is no longer clipped`, position, track });
    }
  }
}
