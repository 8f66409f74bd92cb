/**
 * Runs all tests: as many modules at a time as there are cores, and after them, alone, those that judge
 * in real time what a browser plays. What is given behind it goes to `deno test`.
 *
 * @module
 */

/** Another test beside one of these takes the time that its browser needs to play without a gap. */
const ALONE = [
  "tests/e2e/heard_call_test.ts",
  "tests/e2e/jumps_test.ts",
  "tests/e2e/line_stall_test.ts",
  "tests/e2e/listening_test.ts",
  "tests/e2e/many_pages_test.ts",
  "tests/e2e/player_time_machine_test.ts",
  "tests/e2e/soft_edges_test.ts",
  "tests/e2e/wall_sound_test.ts",
];

const FLAGS = [
  "--frozen",
  "--allow-all",
  "--no-check",
  "--trace-leaks",
  "--sanitize-ops",
  "--sanitize-resources",
  "--preload=tests/support/time_limit.ts",
];

async function test(...options: string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), { args: ["test", ...FLAGS, ...options] });
  return (await child.spawn().status).success;
}

if (import.meta.main) {
  const together = await test(
    "--parallel",
    `--ignore=${ALONE.join(",")}`,
    ...Deno.args,
    "tests",
  );
  // What the first run measured is kept.
  const alone = await test(...Deno.args.filter((option) => option !== "--clean"), ...ALONE);
  Deno.exit(together && alone ? 0 : 1);
}
