import { run } from "./programs.ts";

/**
 * Encodes 16-bit samples as mu-law with sox, which shares no code with `mixer/g711.ts`. One byte a
 * sample, in an array of the caller's own.
 */
export function toMulaw(samples: Int16Array): Promise<Uint8Array<ArrayBuffer>> {
  const format = (
    encoding: string,
    bits: string,
  ) => ["-t", "raw", "-r", "8000", "-e", encoding, "-b", bits, "-c", "1", "-"];
  const bytes = new Uint8Array(samples.length * 2);
  bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return run("sox", ["-D", ...format("signed", "16"), ...format("u-law", "8")], bytes);
}
