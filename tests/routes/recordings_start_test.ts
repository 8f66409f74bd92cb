import assert from "node:assert/strict";
import { FileStore } from "../../recordings/file.ts";
import { bytesOf, expectedSamples, twoVoices } from "../recordings/export_support.ts";
import { keep } from "../recordings/store_contract.ts";
import { run, testWith } from "../support/programs.ts";
import { assertSame } from "../support/same.ts";
import { KEY } from "../support/test_server.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

testWith(["ffmpeg"], "deno task start grants what a conversion needs", async () => {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  const stereo = twoVoices(30_000, 95);
  await keep(await FileStore.open(`${folder}/recordings`), bytesOf(stereo));
  const task = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: ROOT,
    env: {
      EARSHOT_API_KEYS: `acme:${KEY}`,
      EARSHOT_HOST: "127.0.0.1",
      EARSHOT_PORT: "0",
      EARSHOT_RECORDINGS: `file:${folder}/recordings`,
      EARSHOT_STATE: `file:${folder}/state`,
      NO_COLOR: "1",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const lines = task.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!/reached at http:\S+\n/.test(printed)) {
      const { done, value } = await lines.read();
      assert.ok(!done, `the server ended: ${printed}`);
      printed += value;
    }
    const [, origin] = /reached at (http:\S+)/.exec(printed)!;
    const response = await fetch(`${origin}/calls/CA1/recording?format=flac&token=${KEY}`);
    const flac = await response.bytes();
    assert.equal(response.status, 200, new TextDecoder().decode(flac));
    const decoded = await run("ffmpeg", ["-v", "error", "-i", "-", "-f", "s16le", "-"], flac);
    assertSame(decoded, bytesOf(expectedSamples(stereo, {})), "the FLAC");
    await lines.cancel();
  } finally {
    task.kill("SIGTERM");
    await task.status;
    await Deno.remove(folder, { recursive: true });
  }
});
