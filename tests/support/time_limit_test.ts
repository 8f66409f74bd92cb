import assert from "node:assert/strict";

/** Runs a test module as the tasks do, and answers what was printed. */
async function runTest(source: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "time-limit-" });
  const limit = await Deno.readTextFile(new URL("./time_limit.ts", import.meta.url));
  await Deno.writeTextFile(`${folder}/limit.ts`, limit.replace("300_000", "200"));
  await Deno.writeTextFile(`${folder}/a_test.ts`, source);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--quiet",
      "--no-check",
      "--preload",
      `${folder}/limit.ts`,
      `${folder}/a_test.ts`,
    ],
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  return new TextDecoder().decode(stdout);
}

Deno.test("a test that hangs, in whatever form it is written, fails and is named", async () => {
  const printed = await runTest(`
    const hang = () => new Promise((resolve) => setTimeout(resolve, 60_000));
    const checks = { sanitizeOps: false, sanitizeResources: false };
    Deno.test("first", checks, hang);
    Deno.test({ name: "second", fn: hang, ...checks });
    Deno.test(checks, async function third() { await hang(); });
    Deno.test("fourth", () => {});
    Deno.test({ name: "fifth", ...checks, timeout: 5000, fn: () => new Promise((r) => setTimeout(r, 400)) });
  `);
  for (const name of ["first", "second", "third"]) {
    assert.match(printed, new RegExp(`^${name} \\.\\.\\. FAILED`, "m"), printed);
  }
  assert.match(printed, /^fourth \.\.\. ok/m, printed);
  assert.match(printed, /^fifth \.\.\. ok/m, printed);
  assert.match(printed, /2 passed \| 3 failed/);
});
