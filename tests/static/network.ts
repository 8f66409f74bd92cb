/** A sender, a network and a device in simulated time, for the player's tests. */
import { JitterBuffer } from "../../static/audio/jitter_buffer.js";

const FRAME_MS = 50;
const QUANTUM = 128;

/** A player, as far as a network and a device see it. */
export interface SimulatedPlayer {
  push(pcm: Int16Array, nowMs: number, position: number): void;
  pull(out: Float32Array, nowMs: number): void;
  readonly status: {
    playing: boolean;
    position: number;
    queueMs: number;
    targetMs: number;
    underruns: number;
    skips: number;
  };
}

export interface Scenario<P extends SimulatedPlayer = JitterBuffer> {
  seconds: number;
  /** Ms between the sending of frame `n` and its arrival; frames never overtake each other. */
  delayMs(n: number): number;
  /** Whether frame `n` is sent, or dropped by the server. @default always */
  sent?(n: number): boolean;
  /** How much faster than the sender's the device's clock runs. @default 0 */
  ppm?: number;
  /** Quanta the device takes at once, as sound cards do. @default 4 */
  batch?: number;
  /** Sample `i` of the call, -1 to 1. @default a 300 Hz tone that falls silent twice a second */
  sample?(i: number): number;
  /** While it answers true the device stands still, its clock too. */
  suspended?(ms: number): boolean;
  inputRateHz?: number;
  outputRateHz?: number;
  /** Told after every batch. */
  after?(report: { ms: number; buffer: P; delayMs: number; out: Float32Array }): void;
  buffer: P;
}

/** Runs `scenario` for the player's buffer and answers it, to be asked for its counts. */
export function play(scenario: Omit<Scenario, "buffer">): JitterBuffer {
  const { inputRateHz = 8000, outputRateHz = 48000 } = scenario;
  const buffer = new JitterBuffer({ inputRateHz, channels: 2, outputRateHz });
  return playWith({ ...scenario, buffer });
}

/** Runs `scenario` for any player and answers it. */
export function playWith<P extends SimulatedPlayer>(scenario: Scenario<P>): P {
  const { seconds, delayMs, sent = () => true, ppm = 0, batch = 4, suspended = () => false } =
    scenario;
  const { inputRateHz = 8000, outputRateHz = 48000, after = () => {} } = scenario;
  const speech = speechlike(inputRateHz);
  const { sample = (i) => speech[i % speech.length], buffer } = scenario;
  const samples = FRAME_MS * inputRateHz / 1000;
  const frame = new Int16Array(2 * samples);
  const out = new Float32Array(QUANTUM * batch);
  const stepMs = out.length / outputRateHz * 1000 / (1 + ppm * 1e-6);
  let frames = 0;
  let arrivalMs = 0;
  let newestMs = 0;
  let deviceMs = 0;
  const arrivalOf = (n: number) => Math.max(arrivalMs, (n + 1) * FRAME_MS + delayMs(n));
  let next = arrivalOf(0);
  for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
    while (next <= ms) {
      arrivalMs = next;
      if (sent(frames)) {
        for (let i = 0; i < samples; i++) {
          frame[2 * i] = Math.round(32767 * sample(frames * samples + i));
        }
        buffer.push(frame, deviceMs, frames * samples);
        newestMs = (frames + 1) * FRAME_MS;
      }
      next = arrivalOf(++frames);
    }
    if (suspended(ms)) continue;
    const delay = ms - newestMs + buffer.status.queueMs;
    for (let i = 0; i < out.length; i += QUANTUM) {
      buffer.pull(out.subarray(i, i + QUANTUM), deviceMs);
      deviceMs += QUANTUM / outputRateHz * 1000;
    }
    after({ ms, buffer, delayMs: delay, out });
  }
  return buffer;
}

/** Half a second: a swelling tone, then 200 ms of low noise. */
function speechlike(rateHz: number): Float64Array {
  return Float64Array.from({ length: rateHz / 2 }, (_, i) => {
    const place = i / rateHz;
    if (place >= 0.3) return 0.0003 * Math.sin(i);
    return 0.3 * Math.sin(Math.PI * place / 0.3) * Math.sin(2 * Math.PI * 300 * place);
  });
}

/** Uniform numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
