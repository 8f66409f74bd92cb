import { run } from "../../support/programs.ts";
import { speak } from "../../support/speech.ts";

const SENTENCE =
  "Good morning, you are speaking with the support desk. Could you please tell me your " +
  "customer number, and describe what exactly happened yesterday evening when the line went dead? " +
  "I will look into it at once, so that everything works again.";

/** Telephone speech at 8 kHz with nothing above 3400 Hz, peak at -3 dBFS: about 14 s. */
export async function telephoneSpeech(): Promise<Int16Array> {
  const raw = ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"];
  const lowPass = ["sinc", "-a", "120", "-t", "150", "-3400"];
  const spoken = (await speak(SENTENCE)).slice();
  const bytes = new Uint8Array(spoken.buffer);
  const limited = await run("sox", ["-D", ...raw, ...raw, ...lowPass, "gain", "-n", "-3"], bytes);
  return new Int16Array(limited.buffer, limited.byteOffset, limited.length / 2);
}

/** Places at which someone speaks, at least 100 ms from either end. */
export function speechCuts(speech: Int16Array, count: number, random: () => number): number[] {
  const cuts: number[] = [];
  while (cuts.length < count) {
    const cut = Math.floor(800 + random() * (speech.length - 1600));
    let energy = 0;
    for (let index = cut - 160; index < cut; index++) energy += speech[index] ** 2;
    if (Math.sqrt(energy / 160) > 328) cuts.push(cut);
  }
  return cuts;
}

const TAPS = 301;
const CENTRE = (TAPS - 1) / 2;
const HIGH_PASS = highPass(3600 / 8000);

/** Linear-phase high pass with 120 dB of stop band (Kaiser window, beta 12). */
function highPass(cutoff: number): Float64Array {
  const bessel = (x: number) => {
    let sum = 1;
    let term = 1;
    for (let k = 1; k < 40; k++) sum += term *= (x / (2 * k)) ** 2;
    return sum;
  };
  return Float64Array.from({ length: TAPS }, (_, index) => {
    const k = index - CENTRE;
    const low = k === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * k) / (Math.PI * k);
    const window = bessel(12 * Math.sqrt(1 - (k / CENTRE) ** 2)) / bessel(12);
    return ((k === 0 ? 1 : 0) - low) * window;
  });
}

/** Level above 3.6 kHz from 20 ms before to 30 ms after `edge`, RMS in dBFS: what a click leaves. */
export function clickDbfs(lane: Int16Array, edge: number): number {
  let energy = 0;
  for (let at = edge - 160; at < edge + 240; at++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) sum += HIGH_PASS[tap] * (lane[at + CENTRE - tap] ?? 0);
    energy += sum * sum;
  }
  return 10 * Math.log10(energy / 400 / 32768 ** 2 + 1e-14);
}

/** Level that 95 % of them do not exceed. */
export function p95(levels: number[]): number {
  return [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.95)];
}
