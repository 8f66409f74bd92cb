const HEADER_BYTES = 80;

/** A range of the bytes of a stereo WAV file as the server writes it, without making all of it. */
export function encodeWav(
  rateHz: number,
  samples: number,
  pcm: (position: number, samples: number) => Int16Array<ArrayBuffer>,
  { first, last }: { first: number; last: number },
): { bytes: Uint8Array<ArrayBuffer>; total: number } {
  const total = HEADER_BYTES + 4 * samples;
  const end = Math.min(total, last + 1);
  const from = Math.max(0, Math.floor((first - HEADER_BYTES) / 4));
  const to = Math.max(from, Math.min(samples, Math.ceil((end - HEADER_BYTES) / 4)));
  const bytes = new Uint8Array(Math.max(0, end - first));
  if (first < HEADER_BYTES) bytes.set(header(rateHz, samples).subarray(first, end));
  const sound = new Uint8Array(pcm(from, to - from).buffer);
  const at = HEADER_BYTES + 4 * from - first;
  bytes.set(sound.subarray(Math.max(0, -at), end - first - at), Math.max(0, at));
  return { bytes, total };
}

function header(rateHz: number, samples: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  const text = (at: number, value: string) => {
    for (let i = 0; i < 4; i++) view.setUint8(at + i, value.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + 4 * samples, true);
  text(8, "WAVE");
  text(12, "JUNK");
  view.setUint32(16, 28, true);
  text(48, "fmt ");
  view.setUint32(52, 16, true);
  view.setUint16(56, 1, true);
  view.setUint16(58, 2, true);
  view.setUint32(60, rateHz, true);
  view.setUint32(64, 4 * rateHz, true);
  view.setUint16(68, 4, true);
  view.setUint16(70, 16, true);
  text(72, "data");
  view.setUint32(76, 4 * samples, true);
  return new Uint8Array(view.buffer);
}
