import { encodeMulaw } from "../mixer/g711.ts";

const CHUNK_SAMPLES = 160;

/** A second of a tone that swells and fades, as mu-law in chunks of 20 ms; the same in every run. */
export function testSignal(): Uint8Array[] {
  const samples = Int16Array.from(
    { length: 50 * CHUNK_SAMPLES },
    (_, index) => 8000 * Math.sin(index / 5) * Math.sin(index / 640),
  );
  const bytes = new Uint8Array(samples.length);
  encodeMulaw(samples, bytes);
  return Array.from(
    { length: 50 },
    (_, chunk) => bytes.slice(chunk * CHUNK_SAMPLES, (chunk + 1) * CHUNK_SAMPLES),
  );
}
