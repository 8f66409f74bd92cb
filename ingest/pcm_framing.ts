import { type AudioEvent, IngestError, type TrackName } from "./provider.ts";

/** Longest payload of one binary message, in bytes. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

const TRACK_OF_BYTE: readonly (TrackName | undefined)[] = ["user", "bot"];

/**
 * Reads binary messages: one byte of track (0 user, 1 bot), with `timestamps` four bytes
 * little-endian of media time in ms, then the payload in the track's encoding.
 * It may begin and end within a sample, which the decoder puts together.
 */
export class PcmFraming {
  readonly #headerBytes: 1 | 5;
  readonly #audio: AudioEvent = { type: "audio", track: "user", payload: new Uint8Array(0) };

  constructor(timestamps: boolean) {
    this.#headerBytes = timestamps ? 5 : 1;
  }

  /**
   * The audio of one message, or `undefined` for an empty payload. The event is the same object at
   * every call and its payload a view of `message`: both are valid until the next call.
   *
   * @throws {IngestError} `bad_frame`, `unknown_track` or `too_big`
   */
  read(message: Uint8Array): AudioEvent | undefined {
    const payloadBytes = message.length - this.#headerBytes;
    if (payloadBytes < 0) {
      const header = this.#headerBytes === 1
        ? "1 byte of track"
        : "1 byte of track and 4 of time in ms (the call began with timestamps)";
      throw new IngestError(
        "bad_frame",
        `Cannot take audio: a binary message begins with ${header}, received ${message.length} bytes`,
      );
    }
    if (payloadBytes > MAX_PAYLOAD_BYTES) {
      throw new IngestError(
        "too_big",
        `Cannot take audio: a payload takes at most ${MAX_PAYLOAD_BYTES} bytes, received ` +
          `${payloadBytes}; split it into several messages`,
      );
    }
    const track = TRACK_OF_BYTE[message[0]];
    if (track === undefined) {
      throw new IngestError(
        "unknown_track",
        `Cannot take audio: the first byte takes 0 (user) or 1 (bot), received ${message[0]}`,
      );
    }
    if (payloadBytes === 0) return undefined;
    const audio = this.#audio;
    audio.track = track;
    audio.payload = message.subarray(this.#headerBytes);
    if (this.#headerBytes === 5) {
      audio.mediaMs = (message[1] | message[2] << 8 | message[3] << 16 | message[4] << 24) >>> 0;
    }
    return audio;
  }
}
