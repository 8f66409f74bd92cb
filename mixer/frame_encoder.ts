import type { MixedFrame } from "./mixer.ts";

/** What of a frame goes over the wire. */
export interface FrameEncoding {
  /** 1: the mix, or one side. 2: interleaved, left the user, right the bot. */
  readonly channels: 1 | 2;
  /** One side alone; goes with one channel. */
  readonly track?: "user" | "bot";
}

/** A frame as it goes over the wire. */
interface WireFrame {
  readonly samples: Int16Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** By length; one serves all calls and all sends, because a WebSocket copies what it is given. */
const wireFrames = new Map<number, WireFrame>();

function wireFrameOf(length: number): WireFrame {
  let frame = wireFrames.get(length);
  if (frame === undefined) {
    const samples = new Int16Array(length);
    frame = { samples, bytes: new Uint8Array(samples.buffer) };
    wireFrames.set(length, frame);
  }
  return frame;
}

/** Makes of frames the bytes a listener is sent: 16-bit PCM, little-endian as the platform. */
export class FrameEncoder {
  readonly #encoding: FrameEncoding;
  readonly #wire: WireFrame;

  constructor(encoding: FrameEncoding, frameSamples: number) {
    this.#encoding = encoding;
    this.#wire = wireFrameOf(frameSamples * encoding.channels);
  }

  /** Returns the bytes of a frame, in an array that is used again by the next one of any encoder. */
  encode(frame: MixedFrame): Uint8Array<ArrayBuffer> {
    const { channels, track } = this.#encoding;
    const { samples, bytes } = this.#wire;
    if (channels === 1) {
      samples.set(track === undefined ? frame.mix : frame[track]);
      return bytes;
    }
    const { user, bot } = frame;
    for (let index = 0; index < user.length; index++) {
      samples[2 * index] = user[index];
      samples[2 * index + 1] = bot[index];
    }
    return bytes;
  }
}
