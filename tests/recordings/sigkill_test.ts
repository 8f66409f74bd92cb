import assert from "node:assert/strict";
import { FileStore } from "../../recordings/file.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import { positionOf, RATE, sampleOf } from "./kill/signal.ts";
import { inMemory } from "./file_support.ts";
import { openOf, readAll } from "./store_contract.ts";
import { PythonWave } from "./kill/python_wave.ts";
import { ffmpegLengths, soxLengths } from "./kill/wav_readers.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const SEED = Number(Deno.env.get("EARSHOT_TEST_SEED") ?? 20260101);
/** `.ci/run` asks for 200. */
const KILLS = Number(Deno.env.get("EARSHOT_TEST_KILLS") ?? 50);
const CALLS = 50;
/** At once: the test waits mostly for processes to start. */
const LANES = 2;
const LONGEST_RUN_MS = 300;

/** The 5 s of the delay line, a block of 1 s, and the 3 frames that come while it is written. */
const MOST_LOST_MS = 5000 + 1000 + 3 * 50;
/** Events: kept with the block that fills after 4 s, while time goes on by as much as it may. */
const MOST_EVENTS_LOST_MS = 4000 + 1000 + 1000 + 3 * 50;

/** Starts a process that records, kills it after `afterMs` and answers the last step it told. */
async function recordUntilKilled(root: string, afterMs: number): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      "--frozen",
      new URL("kill/child.ts", import.meta.url).pathname,
      root,
      String(CALLS),
    ],
    cwd: new URL("../../", import.meta.url),
    stdout: "piped",
  }).spawn();
  let told = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
    told = (told + chunk).slice(-100);
  }
  clearTimeout(timer);
  const { signal } = await child.status;
  assert.equal(signal, "SIGKILL", "it lived until it was killed");
  return Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));
}

/**
 * Answers the length of what is left of a call, in samples, once it has been found to be right; `null`
 * when the process died before it had begun.
 */
async function checkRecording(
  store: FileStore,
  call: number,
  position: number,
  isSampled: boolean,
): Promise<number | null> {
  const recording = await openOf(store, `CA${call}`);
  if (recording === null) return null;
  const { info } = recording;
  assert.equal(info.state, "recovered");
  assert.deepEqual(info.markers, [{ type: "repaired", position: info.samples }]);
  checkEvents(info, position);
  if (isSampled) {
    const stereo = new Int16Array((await readAll(recording.read())).buffer);
    const expected = Int16Array.from(
      stereo,
      (_, i) => sampleOf(call, i % 2 === 0 ? "user" : "bot", i >> 1),
    );
    assertSame(stereo, expected, `samples of call ${call}`);
  }
  return info.samples;
}

function checkEvents({ events }: RecordingInfo, position: number): void {
  assert.ok(events.every((event, index) => event.position === index * RATE));
  const lostMs = 1000 * (position - events.length * RATE) / RATE;
  assert.ok(lostMs <= MOST_EVENTS_LOST_MS, `${lostMs} ms of events`);
}

testWith(
  ["sox", "ffmpeg", "python3"],
  `FileStore keeps what ${KILLS} killed processes of ${CALLS} calls recorded (seed ${SEED})`,
  async () => {
    const random = seededRandom(SEED);
    const afterMs = Array.from({ length: KILLS }, () => random() * LONGEST_RUN_MS);
    // Killing loses nothing that the kernel has: a folder in memory shows the same, sooner.
    const folder = await Deno.makeTempDir({ prefix: "kill-", ...await inMemory() });
    await using python = new PythonWave();
    const lost: number[] = [];
    let next = 0;
    let longest = 0;
    let opened = 0;

    const kill = async (index: number) => {
      const root = `${folder}/${index}`;
      const step = await recordUntilKilled(root, afterMs[index]);
      const store = await FileStore.open(root, {
        onWarning: (message) => assert.fail(message),
      });
      await store.sealed;
      const kept = new Map<string, number>();
      for (let call = 0; call < CALLS; call++) {
        const position = positionOf(call, step);
        const isSampled = (call + index) % 10 === 0;
        const left = await checkRecording(store, call, position, isSampled);
        const samples = left ?? 0;
        longest = Math.max(longest, samples);
        lost.push(1000 * (position - samples) / RATE);
        if (left !== null) kept.set(`${root}/acme/CA${call}.wav`, left);
      }
      await assertReadersAgree(kept, python);
      opened += kept.size;
      await Deno.remove(root, { recursive: true });
    };
    const lane = async () => {
      while (next < KILLS) await kill(next++);
    };
    try {
      const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
      for (const { reason } of lanes as { reason?: unknown }[]) if (reason) throw reason;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    lost.sort((a, b) => a - b);
    const at = (share: number) => Math.round(lost[Math.floor(share * (lost.length - 1))]);
    console.log(
      `${KILLS} kills, ${lost.length} recordings, ms lost: least ${at(0)}, p10 ${at(0.1)}, ` +
        `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}; bound ${MOST_LOST_MS}; ` +
        `longest recording ${longest / RATE} s; ` +
        `${opened} files opened by Python, by sox and by ffmpeg`,
    );
    assert.ok(at(1) <= MOST_LOST_MS, `${at(1)} ms lost`);
  },
);

/** Three programs that share no code find every file to be as long as it is. */
async function assertReadersAgree(files: Map<string, number>, python: PythonWave): Promise<void> {
  if (files.size === 0) return;
  const paths = [...files.keys()];
  const lengths = [...files.values()];
  const [waved, soxed, decoded] = await Promise.all([
    Promise.all(paths.map((path) => python.framesOf(path))),
    soxLengths(paths),
    ffmpegLengths(paths),
  ]);
  assert.deepEqual(waved, lengths, "as Python reads it");
  assert.deepEqual(soxed, lengths, "as sox reports it");
  assert.deepEqual(decoded, lengths, "as ffmpeg decodes it");
}
