/// <reference lib="deno.worker" />
/**
 * Encodes FLAC (RFC 9639) on a thread of its own, one stream after another, with libFLAC. Answers
 * each message but `abandon` with the bytes that are ready. What goes wrong here is not caught: it
 * ends the worker, and {@linkcode FlacEncoder} tells whoever waits.
 *
 * It imports no file of ours, because the server grants reading this one and no other.
 *
 * @module
 */
import process from "node:process";

/** What the worker is told. */
export type FlacRequest =
  /** Begins a stream of `samples` per channel; answered with its head. */
  | { type: "begin"; sampleRate: number; channels: 1 | 2; samples: number }
  /** Interleaved samples, the worker's own from here on. */
  | { type: "samples"; pcm: Int16Array<ArrayBuffer> }
  /** Ends the stream; answered with the rest of it. */
  | { type: "finish" }
  /** Forgets the stream, if there is one. Not answered. */
  | { type: "abandon" };

type Flac = typeof import("libflacjs/dist/libflac.js");

/** libFLAC's own default, and that of the `flac` program. */
const COMPRESSION_LEVEL = 5;

const loading: Promise<Flac> = load();
let flac: Flac | undefined;
let stream: { encoder: number; channels: number } | undefined;
let output: Uint8Array[] = [];

self.onmessage = async ({ data }: MessageEvent<FlacRequest>) => {
  flac ??= await loading;
  if (data.type === "abandon") return abandon(flac);
  if (data.type === "begin") begin(flac, data);
  else if (data.type === "samples") encode(flac, data.pcm);
  else finish(flac);
  const bytes = takeOutput();
  self.postMessage(bytes, [bytes.buffer]);
};

/** The library looks for a setting of its own in the environment, which this process may not read. */
async function load(): Promise<Flac> {
  Object.defineProperty(process, "env", { value: {} });
  const { default: library } = await import("libflacjs/dist/libflac.js");
  if (!library.isReady()) await new Promise((resolve) => library.on("ready", resolve));
  return library;
}

function begin(flac: Flac, request: FlacRequest & { type: "begin" }): void {
  abandon(flac);
  const { sampleRate, channels, samples } = request;
  const level = COMPRESSION_LEVEL;
  const encoder = flac.create_libflac_encoder(sampleRate, channels, 16, level, samples);
  if (encoder === 0) throw new Error("Cannot encode FLAC: no encoder could be made");
  stream = { encoder, channels };
  const status = flac.init_encoder_stream(encoder, (bytes) => void output.push(bytes.slice()));
  if (status !== 0) throw new Error(`Cannot encode FLAC: begin answered status ${status}`);
}

function encode(flac: Flac, pcm: Int16Array<ArrayBuffer>): void {
  const { encoder, channels } = current();
  const values = new Int32Array(pcm);
  if (flac.FLAC__stream_encoder_process_interleaved(encoder, values, pcm.length / channels)) return;
  const state = flac.FLAC__stream_encoder_get_state(encoder);
  throw new Error(`Cannot encode FLAC: the encoder is in state ${state}`);
}

function finish(flac: Flac): void {
  const isFinished = flac.FLAC__stream_encoder_finish(current().encoder);
  release(flac);
  if (!isFinished) throw new Error("Cannot encode FLAC: the stream could not be finished");
}

function current() {
  if (stream === undefined) throw new TypeError("Cannot encode FLAC: no stream has begun");
  return stream;
}

function abandon(flac: Flac): void {
  release(flac);
  // Deleting an encoder in the middle of a stream flushes it.
  output = [];
}

function release(flac: Flac): void {
  if (stream === undefined) return;
  flac.FLAC__stream_encoder_delete(stream.encoder);
  stream = undefined;
}

function takeOutput(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(output.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of output) {
    bytes.set(part, at);
    at += part.length;
  }
  output = [];
  return bytes;
}
