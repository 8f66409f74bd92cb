import { testWith } from "./programs.ts";

const IS_WANTED = Deno.env.get("EARSHOT_TEST_REQUIRE_ALL") === "1" ||
  Deno.env.get("EARSHOT_TEST_INSTALLS") === "1";

/**
 * A test that installs packages from npm or PyPI into an empty folder, which is removed afterwards.
 * It runs where everything is required, or with `EARSHOT_TEST_INSTALLS=1`.
 */
export function testInstalled(name: string, fn: (folder: string) => Promise<void>): void {
  if (!IS_WANTED) {
    console.log(`skipped: ${name} installs packages: EARSHOT_TEST_INSTALLS=1`);
    Deno.test({ name, ignore: true, fn() {} });
    return;
  }
  testWith(["node", "python3"], name, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await fn(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
