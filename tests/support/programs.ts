/** Tests that need a program of the machine: run when it is there, skipped with a clear line when not. */

/** Debian package of each program the tests may need. */
const PACKAGES = {
  caddy: "caddy",
  chromium: "chromium",
  curl: "curl",
  "espeak-ng": "espeak-ng",
  ffmpeg: "ffmpeg",
  haproxy: "haproxy",
  nginx: "nginx",
  node: "nodejs",
  openssl: "openssl",
  promtool: "prometheus",
  python3: "python3",
  sox: "sox",
  "systemd-analyze": "systemd",
} as const;

export type Program = keyof typeof PACKAGES;

const REQUIRE_ALL = Deno.env.get("EARSHOT_TEST_REQUIRE_ALL") === "1";

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * `Deno.test` for a test that needs `programs`. Without one of them the test is skipped with a line
 * that names it, or fails when `EARSHOT_TEST_REQUIRE_ALL=1`.
 */
export function testWith(
  programs: Program[],
  name: string,
  fn: (context: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) {
    Deno.test(name, fn);
    return;
  }
  const packages = missing.map((program) => PACKAGES[program]).join(" ");
  const line = `needs ${missing.join(", ")}: apt-get install ${packages}`;
  if (REQUIRE_ALL) {
    Deno.test(name, () => {
      throw new Error(`Cannot run test: ${line}`);
    });
    return;
  }
  console.log(`skipped: ${name} ${line}`);
  Deno.test({ name, ignore: true, fn });
}

/** Runs a program to its end and answers its standard output; throws with its messages if it fails. */
export async function run(
  program: string,
  args: string[],
  input?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command(program, {
    args,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that ends early closes its pipe: its exit code says more than the broken pipe.
    await writer.write(input).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { success, code, stdout, stderr } = await output;
  if (!success) {
    throw new Error(`${program} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return stdout;
}
