import { run } from "./programs.ts";

/** How a sentence is spoken. */
export interface SpeechOptions {
  /** An espeak-ng voice, with a variant if wished. @default "en-us" */
  voice?: string;
  /** Of the answer, in Hz. @default 8000 */
  sampleRate?: 8000 | 16000;
}

const spoken = new Map<string, Promise<Int16Array>>();
/** Sentences kept; a test run says far fewer. */
const MAX_KEPT = 200;

/**
 * Speaks `text` with espeak-ng (Debian package `espeak-ng`) and brings it to `sampleRate` with sox
 * (package `sox`). The peak is at -6 dBFS, so that two voices never clip. Kept for the run of the
 * tests; every caller gets a copy of its own.
 */
export async function speak(text: string, options: SpeechOptions = {}): Promise<Int16Array> {
  const { voice = "en-us", sampleRate = 8000 } = options;
  const key = JSON.stringify([text, voice, sampleRate]);
  let samples = spoken.get(key);
  if (samples === undefined) {
    if (spoken.size >= MAX_KEPT) spoken.clear();
    samples = synthesize(text, voice, sampleRate);
    spoken.set(key, samples);
  }
  return (await samples).slice();
}

async function synthesize(text: string, voice: string, sampleRate: number): Promise<Int16Array> {
  const wav = await Deno.makeTempFile({ prefix: "earshot-speech-", suffix: ".wav" });
  try {
    await run("espeak-ng", ["-v", voice, "-w", wav, text]);
    const raw = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-"];
    const effects = ["rate", "-v", String(sampleRate), "gain", "-n", "-6"];
    const bytes = await run("sox", ["-D", wav, ...raw, ...effects]);
    return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  } finally {
    await Deno.remove(wav);
  }
}
