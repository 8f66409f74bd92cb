/**
 * Makes the audio and the timeline of the demo call from `demo/script.ts`, with espeak-ng and sox.
 * The same versions of these two make the same bytes, but for the first run of espeak-ng.
 *
 *     deno run -A scripts/make_demo.ts [folder, default: demo]
 *
 * @module
 */
import { CLEAR_DELAY_MS, MUTE_DELAY_MS, SCRIPT, type ScriptLine } from "../demo/script.ts";
import type { Timeline, Utterance } from "../demo/timeline.ts";
import { run } from "../tests/support/programs.ts";

const SAMPLES_PER_MS = 8;
const FRAME_MS = 20;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;
const BACKGROUND_MS = 1000;
/** A little rest after the last word. */
const TAIL_MS = 600;

/** espeak-ng arguments of each speaker. */
const VOICES = {
  bot: ["-v", "en-us+f2", "-s", "172", "-p", "55"],
  user: ["-v", "en-gb-scotland+m3", "-s", "178", "-p", "38"],
} as const;

const RAW_8K = ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1"];

const folder = Deno.args[0] ?? new URL("../demo", import.meta.url).pathname;
const scratch = await Deno.makeTempDir({ prefix: "earshot-demo-" });
try {
  await makeDemo();
} finally {
  await Deno.remove(scratch, { recursive: true });
}

async function makeDemo(): Promise<void> {
  const noise = await makeNoise();
  const audio = { user: [noise], bot: [] as Int16Array[] };
  const sizes = { user: noise.length, bot: 0 };
  const utterances = { user: [] as Utterance[], bot: [] as Utterance[] };
  const clearsMs: number[] = [];
  const mutes: { fromMs: number; toMs: number }[] = [];
  let endMs = 0;
  for (const line of SCRIPT) {
    const samples = await synthesize(line);
    const startMs = startOf(line, endMs, utterances.bot.at(-1));
    if (line.who === "user") addNoise(samples, noise, startMs);
    audio[line.who].push(samples);
    const startByte = sizes[line.who];
    const endByte = sizes[line.who] += samples.length;
    utterances[line.who].push({ startMs, startByte, endByte, text: line.text });
    endMs = startMs + samples.length / SAMPLES_PER_MS;
    if (line.interruptAfterMs !== undefined) clearsMs.push(startMs + CLEAR_DELAY_MS);
    if (line.muteMs !== undefined) {
      const fromMs = endMs + MUTE_DELAY_MS;
      mutes.push({ fromMs, toMs: endMs = fromMs + line.muteMs });
    }
  }
  const timeline: Timeline = {
    durationMs: endMs + TAIL_MS,
    background: { startByte: 0, endByte: noise.length },
    ...utterances,
    clearsMs,
    mutes,
  };
  const json = `${folder}/timeline.json`;
  await Deno.writeTextFile(json, JSON.stringify(timeline));
  await run(Deno.execPath(), ["fmt", "--quiet", "--line-width=100", json]);
  for (const who of ["user", "bot"] as const) {
    const mulaw = await encodeMulaw(audio[who]);
    await Deno.writeFile(`${folder}/${who}.mulaw`, mulaw);
    console.log(`${who}.mulaw: ${mulaw.length} bytes`);
  }
  console.log(`one round: ${(timeline.durationMs / 1000).toFixed(1)} s`);
}

/** When a line begins: whole frames, so that each of them is all speech or all background. */
function startOf(line: ScriptLine, endMs: number, interrupted?: Utterance): number {
  const startMs = line.interruptAfterMs === undefined
    ? endMs + (line.afterMs ?? 0)
    : (interrupted?.startMs ?? 0) + line.interruptAfterMs;
  return Math.round(startMs / FRAME_MS) * FRAME_MS;
}

/** One line as 8 kHz samples: no rest at either end, peak at -7 dBFS, padded to whole frames. */
async function synthesize({ who, text }: ScriptLine): Promise<Int16Array> {
  const wav = `${scratch}/line.wav`;
  await run("espeak-ng", [...VOICES[who], "-w", wav, text]);
  const trimStart = ["silence", "1", "0.01", "0.5%"];
  const trimBoth = [...trimStart, "reverse", ...trimStart, "reverse"];
  const shape = ["highpass", "200", "rate", "-v", "8000", "gain", "-n", "-7"];
  const raw = await run("sox", ["-D", wav, ...RAW_8K, "-", ...trimBoth, ...shape]);
  const samples = new Int16Array(Math.ceil(raw.length / 2 / FRAME_SAMPLES) * FRAME_SAMPLES);
  samples.set(new Int16Array(raw.buffer, raw.byteOffset, raw.length / 2));
  return samples;
}

/** Faint line noise, about -58 dBFS RMS. sox seeds its noise alike every time (`-R`). */
async function makeNoise(): Promise<Int16Array> {
  const seconds = String(BACKGROUND_MS / 1000);
  const effects = ["synth", seconds, "pinknoise", "gain", "-n", "-47"];
  const raw = await run("sox", ["-R", "-D", "-r", "8000", "-n", ...RAW_8K, "-", ...effects]);
  return new Int16Array(raw.buffer, raw.byteOffset, raw.length / 2);
}

function addNoise(samples: Int16Array, noise: Int16Array, startMs: number): void {
  const offset = startMs * SAMPLES_PER_MS;
  for (let i = 0; i < samples.length; i++) samples[i] += noise[(offset + i) % noise.length];
}

async function encodeMulaw(parts: Int16Array[]): Promise<Uint8Array> {
  const bytes = await new Blob(parts as Int16Array<ArrayBuffer>[]).bytes();
  const output = ["-t", "raw", "-e", "u-law", "-b", "8", "-"];
  return await run("sox", ["-D", ...RAW_8K, "-", ...output], bytes);
}
