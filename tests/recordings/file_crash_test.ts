import assert from "node:assert/strict";
import { FileStore } from "../../recordings/file.ts";
import { run, testWith } from "../support/programs.ts";
import { anInfo, fingerprintOf, openOf, patternBytes, readAll, SEED } from "./store_contract.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const KILLS = 5;

/** A process that records `patternBytes` and tells after each append how much the store has taken. */
const RECORD = `
const [root, recordings, contract] = Deno.args;
const { FileStore } = await import(recordings);
const { anInfo, patternBytes, peaksOf } = await import(contract);
const store = await FileStore.open(root);
const writer = await store.create(anInfo({ callId: root.split("/").at(-1) }));
for (let taken = 0;;) {
  const block = patternBytes(32_000, taken);
  await writer.append(block, peaksOf(block));
  taken += block.length;
  console.log(taken);
}
`;

/** Records in another process, kills it once it has told of `bytes`, answers what it told last. */
async function recordUntilKilled(root: string, script: string, bytes: number): Promise<number> {
  const url = (path: string) => new URL(path, import.meta.url).href;
  const args = ["run", "-A", "--no-check", "--config", "deno.json", script, root];
  args.push(url("../../recordings/file.ts"), url("./store_contract.ts"));
  const cwd = new URL("../../", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), { args, cwd, stdout: "piped" }).spawn();
  let told = "";
  let isKilled = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    told += chunk;
    if (isKilled || lastNumber(told) < bytes) continue;
    isKilled = true;
    child.kill("SIGKILL");
  }
  await child.status;
  return lastNumber(told);
}

function lastNumber(lines: string): number {
  return Number(lines.slice(0, lines.lastIndexOf("\n")).split("\n").at(-1));
}

testWith(
  ["sox", "ffmpeg", "python3"],
  "FileStore.open() repairs what a killed process recorded",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "crash-" });
    try {
      const script = `${folder}/record.ts`;
      await Deno.writeTextFile(script, RECORD);
      for (let kill = 0; kill < KILLS; kill++) {
        // Between before the first and after several patches of the header.
        const bytes = ((SEED + kill * 7919) % 40) * 32_000;
        const root = `${folder}/kill-${kill}`;
        const told = await recordUntilKilled(root, script, bytes);
        const store = await FileStore.open(root);
        await store.sealed;
        const recording = (await openOf(store, `kill-${kill}`))!;
        const { samples } = recording.info;
        const markers = [{ type: "repaired", position: samples }];
        assert.deepEqual(recording.info, {
          ...anInfo({ callId: `kill-${kill}`, state: "recovered", samples, markers }),
          ...await fingerprintOf(patternBytes(samples * 4)),
        });
        assert.ok(samples * 4 >= told, `seed ${SEED}: told of ${told} bytes, found ${samples * 4}`);
        assert.deepEqual(await readAll(recording.read()), patternBytes(samples * 4));
        await assertReadersAgree(`${root}/acme/kill-${kill}.wav`, samples);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function assertReadersAgree(path: string, samples: number): Promise<void> {
  const python = "import sys,wave;print(wave.open(sys.argv[1]).getnframes())";
  const [sox, ffmpeg, frames] = await Promise.all([
    run("soxi", ["-s", path]),
    run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-"]),
    run("python3", ["-c", python, path]),
  ]);
  assert.equal(Number(new TextDecoder().decode(sox)), samples);
  assert.equal(ffmpeg.length, samples * 4);
  assert.equal(Number(new TextDecoder().decode(frames)), samples);
}
