/**
 * Runs all tests: as many modules at a time as there are cores, and after them, one by one, those that
 * judge in real time what a browser plays, which need a machine that does little else. What is given to this is given to `deno test`; the last line sums the runs up.
 *
 * @module
 */

/** These take so long that they begin first: otherwise one core waits for the last of them. */
const LONGEST = [
  "tests/e2e/player_access_test.ts",
  "tests/e2e/wall_access_test.ts",
  "tests/recordings/sigkill_test.ts",
  "tests/client",
  "tests/examples",
];

/** Another test that computes takes the time that the browser of these needs to play without a gap. */
const PLAYING = [
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
  "--parallel",
  "--trace-leaks",
  "--sanitize-ops",
  "--sanitize-resources",
  "--preload=tests/support/time_limit.ts",
];

/** How the tests of one or more runs ended. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The line in which `deno test` sums a run up, if it has come. */
function lastLine(printed: string): RegExpMatchArray | undefined {
  // deno-lint-ignore no-control-regex -- colours
  const plain = printed.replace(/\x1b\[[0-9;]*m/g, "");
  return [...plain.matchAll(/^(?:ok|FAILED) \| (\d+) passed.*$/gm)].at(-1);
}

/** What `deno test` says of a run in its last line; a run that ends without one has failed. */
export function countsIn(printed: string): Counts {
  const last = lastLine(printed);
  if (last === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const [line, passed] = last;
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return { passed: Number(passed), failed: count("failed"), skipped: count("ignored") };
}

/** The one line that sums runs up. */
export function closingLine(runs: readonly Counts[]): string {
  const sum = (key: keyof Counts) => runs.reduce((total, counts) => total + counts[key], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`;
}

/** Runs `deno test` and shows what it prints. A run that failed without a failed test counts as one. */
async function test(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Counts> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", ...FLAGS, ...args],
    env,
    stdout: "piped",
  }).spawn();
  /** Its last lines; what the coverage of many files prints behind them is more than is kept. */
  let end = "";
  let counts = countsIn(end);
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    await Deno.stdout.write(bytes);
    end = (end + decoder.decode(bytes, { stream: true })).slice(-10_000);
    if (lastLine(end) !== undefined) counts = countsIn(end);
  }
  const { success } = await child.status;
  return success ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}

if (import.meta.main) {
  // What is named is run even when it is ignored: the folder must not be.
  const pages = Array.from(Deno.readDirSync("tests/e2e"), ({ name }) => `tests/e2e/${name}`)
    .filter((path) => path.endsWith("_test.ts") && !PLAYING.includes(path));
  const ignored = `--ignore=${PLAYING.join(",")}`;
  const together = await test([ignored, ...Deno.args, ...LONGEST, ...pages, "tests"]);
  // What the first run measured is kept.
  const options = Deno.args.filter((option) => option !== "--clean");
  const playing = await test([...options, ...PLAYING], { DENO_JOBS: "1" });
  console.log(closingLine([together, playing]));
  Deno.exit(together.failed + playing.failed === 0 ? 0 : 1);
}
