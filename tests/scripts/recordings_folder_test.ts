import assert from "node:assert/strict";
import { loadConfig } from "../../config.ts";
import { grantedFolders } from "../../scripts/recordings_folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("grantedFolders() answers the folders the server will use", () => {
  for (const recordings of ["file:./a b", "file:/data/$x'\"*", "file:///srv/r", undefined]) {
    for (const state of ["file:./s t", "memory:", undefined]) {
      const texts = { EARSHOT_RECORDINGS: recordings, EARSHOT_STATE: state };
      const config = loadConfig((name) => texts[name as keyof typeof texts]);
      assert(config.recordings.kind === "file");
      assert.equal(
        grantedFolders({ ...(recordings && { recordings }), ...(state && { state }) }),
        [
          config.recordings.folder,
          ...(config.state.kind === "file" ? [config.state.folder] : []),
        ].join(),
      );
    }
  }
});

Deno.test("grantedFolders() gives nothing away for memory and for what does not parse", () => {
  assert.equal(grantedFolders({ recordings: "memory:" }), "/dev/null");
  assert.equal(grantedFolders({ recordings: "memory:", state: "file:s" }), "s");
  assert.equal(grantedFolders({ recordings: "s3://bucket/a" }), "./data/state");
  for (const text of ["", "nonsense", "s3:", "file:", "file:a,/", "file:a\n/"]) {
    assert.equal(
      grantedFolders({ recordings: text, state: text }),
      "./data/recordings,./data/state",
    );
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

Deno.test("recordings_folder.ts prints one line and needs no more than its variables", async () => {
  const args = ["--allow-env=EARSHOT_RECORDINGS,EARSHOT_STATE", "scripts/recordings_folder.ts"];
  const { success, stdout } = await denoRun(args, { EARSHOT_RECORDINGS: "file:./a b" });
  assert(success);
  assert.equal(stdout, "./a b,./data/state\n");
});

Deno.test("grantedFolders() grants exactly those folders through a task", async () => {
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
    const printed = `$(deno run --allow-env=EARSHOT_RECORDINGS,EARSHOT_STATE ${script})`;
    const probed = `"${named.replaceAll(/["$]/g, "\\$&")}" ./data/recordings ./data/state /tmp .`;
    const start = `deno run --no-prompt "--allow-read=./static,${printed}" ` +
      `"--allow-write=${printed}" probe.ts ${probed}`;
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ tasks: { start } }));
    const expected = new Map([
      [`file:${named}`, [1, 0, 1, 0, 0]],
      ["memory:", [0, 0, 0, 0, 0]],
      ["file:a,/", [0, 1, 1, 0, 0]],
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
