import { type StereoConversion, stereoToMix, stereoToSide, stereoToStereo } from "./stereo.ts";
import type { RecordingInfo, StoredRecording } from "./store.ts";

/** What of a recording is wanted. */
export interface ExportOptions {
  /** 1: the mix of both sides, or one side. 2: left the user, right the bot. @default {1} */
  channels?: 1 | 2;
  /** One side alone; goes with one channel. */
  track?: "user" | "bot";
  /** First sample of the part, since the call began. @default {0} */
  start?: number;
  /** Behind the last sample of the part; what the recording does not have is left out. */
  end?: number;
}

/** The part of a description that exports are made from. */
export type ExportedInfo = Pick<
  RecordingInfo,
  "callId" | "sampleRate" | "samples" | "startedAt" | "state"
>;

/** The part of a recording that exports are made from. */
export interface ExportedRecording extends Pick<StoredRecording, "read"> {
  readonly info: ExportedInfo;
}

/** One way to hear a recording, or a part of it: what every form of export is made from. */
export interface ExportView {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Turns the recording's stereo into the view's samples. */
  readonly convert: StereoConversion;
  /** The part, in samples since the call began: `start` up to `end`, exclusive. */
  readonly start: number;
  readonly end: number;
  /** Such as `CA123`, `CA123-user`, `CA123-stereo-12.5-60`: safe in a header and on a disk. */
  readonly name: string;
  /**
   * The same for the same samples of the same recording and for no others, in characters that may
   * stand in an entity tag.
   */
  readonly tag: string;
}

/**
 * What `options` mean for a recording as it is now.
 *
 * @throws {TypeError} when one side is asked for in two channels
 * @throws {RangeError} when a bound is no sample, or the part would end before it starts
 */
export function exportView(info: ExportedInfo, options: ExportOptions = {}): ExportView {
  const { channels = 1, track, start = 0, end = Infinity } = options;
  if (track !== undefined && channels !== 1) {
    throw new TypeError(
      `Cannot export recording: track ${track} needs channels 1, received ${channels}`,
    );
  }
  const areSamples = Number.isSafeInteger(start) && (end === Infinity || Number.isSafeInteger(end));
  if (!areSamples || start < 0 || end <= start) {
    throw new RangeError(
      `Cannot export recording: a part takes samples from 0 on, received ${start} to ${end}`,
    );
  }
  const { callId, sampleRate, samples } = info;
  const side = channels === 2 ? "stereo" : track;
  const part = { start: Math.min(start, samples), end: Math.min(end, samples) };
  const isPart = start > 0 || end < samples;
  const seconds = (position: number) => Math.round(position / sampleRate * 1e6) / 1e6;
  return {
    sampleRate,
    channels,
    convert: side === undefined
      ? stereoToMix
      : side === "stereo"
      ? stereoToStereo
      : stereoToSide[side],
    ...part,
    name: [
      callId,
      ...(side === undefined ? [] : [side]),
      ...(isPart ? [seconds(part.start), seconds(part.end)] : []),
    ].join("-"),
    tag: `${recordingTag(info)}-${side ?? "mix"}-${part.start}-${part.end}`,
  };
}

/**
 * Tells this recording from another one that had its call id before it; and one that a crash cut
 * short from what could be had of it before.
 */
export function recordingTag({ startedAt, state }: ExportedInfo): string {
  return startedAt.toString(36) + (state === "recovered" ? "r" : "");
}
