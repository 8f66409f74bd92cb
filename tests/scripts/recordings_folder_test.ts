import assert from "node:assert/strict";
import { loadConfig } from "../../config.ts";
import { recordingsFolder } from "../../scripts/recordings_folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("recordingsFolder() answers the folder the server will use", () => {
  for (const text of ["file:./a b", "file:/data/$x'\"*", "file:///srv/r", undefined]) {
    const { recordings } = loadConfig((name) => name === "EARSHOT_RECORDINGS" ? text : undefined);
    assert(recordings.kind === "file");
    assert.equal(recordingsFolder(text), recordings.folder);
  }
});

Deno.test("recordingsFolder() gives nothing away for memory and for what does not parse", () => {
  assert.equal(recordingsFolder("memory:"), "/dev/null");
  for (const text of ["", "nonsense", "s3://bucket", "file:", "file:a,/", "file:a\n/"]) {
    assert.equal(recordingsFolder(text), "./data/recordings");
  }
});

async function denoRun(args: string[], env: Record<string, string> = {}) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...args],
    cwd: ROOT,
    env,
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("recordings_folder.ts prints one line and needs no more than its variable", async () => {
  const args = ["--allow-env=EARSHOT_RECORDINGS", "scripts/recordings_folder.ts"];
  const { success, stdout } = await denoRun(args, { EARSHOT_RECORDINGS: "file:./a b" });
  assert(success);
  assert.equal(stdout, "./a b\n");
});

Deno.test("recordingsFolder() grants exactly that folder through a task", async () => {
  const folder = await Deno.makeTempDir();
  const probe = `${folder}/probe.ts`;
  const named = `${folder}/it's "a" $folder *`;
  try {
    await Deno.writeTextFile(
      probe,
      `const tell = async (name, path) => {
        const { state } = await Deno.permissions.query({ name, path });
        console.log(name, state);
      };
      for (const path of Deno.args) { await tell("read", path); await tell("write", path); }`,
    );
    const script = `${ROOT}scripts/recordings_folder.ts`;
    const printed = `$(deno run --allow-env=EARSHOT_RECORDINGS ${script})`;
    const probed = `"${named.replaceAll(/["$]/g, "\\$&")}" ./data/recordings /tmp .`;
    const start = `deno run --no-prompt "--allow-read=./static,${printed}" ` +
      `"--allow-write=${printed}" probe.ts ${probed}`;
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ tasks: { start } }));
    const expected = new Map([
      [`file:${named}`, [1, 0, 0, 0]],
      ["memory:", [0, 0, 0, 0]],
      ["file:a,/", [0, 1, 0, 0]],
    ]);
    for (const [text, granted] of expected) {
      const task = new Deno.Command(Deno.execPath(), {
        args: ["task", "start"],
        cwd: folder,
        env: { EARSHOT_RECORDINGS: text },
      });
      const stdout = new TextDecoder().decode((await task.output()).stdout);
      const states = granted.flatMap((yes) => {
        const state = yes === 1 ? "granted" : "prompt";
        return [`read ${state}`, `write ${state}`];
      });
      // With --no-prompt what is not granted is answered as "denied" by some versions of Deno.
      assert.deepEqual(stdout.trim().replaceAll("denied", "prompt").split("\n"), states, text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
