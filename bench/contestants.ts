import type { Contestant } from "./server_process.ts";

/** The API key the load shows; Earshot is started with it. */
export const BENCH_KEY = "bench-key-of-no-worth";

/** Where Earshot keeps recordings in a measurement. */
export type Store = "file" | "memory";

/**
 * Earshot, started as `deno task start` starts it: the command and its permissions are read from
 * deno.json.
 *
 * @param folder for recordings, when they go to files; should be empty
 * @param settings of the environment, beside those that a measurement always needs
 */
export function earshot(
  store: Store,
  folder: string,
  settings: Record<string, string> = {},
): Contestant {
  const granted = store === "file" ? folder : "/dev/null";
  return {
    name: "Earshot",
    // The recorder lags 5 s behind: only then does everything run.
    warmupSeconds: 6,
    command: (port) => ({
      args: startArguments(granted),
      env: {
        EARSHOT_API_KEYS: `bench:${BENCH_KEY}`,
        EARSHOT_HOST: "127.0.0.1",
        EARSHOT_PORT: String(port),
        EARSHOT_RECORDINGS: store === "file" ? `file:${folder}/recordings` : "memory:",
        EARSHOT_STATE: store === "file" ? `file:${folder}/state` : "memory:",
        EARSHOT_RECORDINGS_MEMORY_MB: "4096",
        EARSHOT_MAX_LISTENERS_PER_CALL: "5000",
        EARSHOT_LOG: "warn",
        ...settings,
      },
    }),
  };
}

/** The server that does nothing, and sends frames of so many bytes. */
export function floor(frameBytes = 800): Contestant {
  const bytes = String(frameBytes);
  return {
    name: "floor",
    warmupSeconds: 2,
    command: (port) => ({ args: ["run", "--allow-net", "bench/floor.ts", String(port), bytes] }),
  };
}

/** The words of deno.json's start task, its inner command replaced by the folder it would print. */
function startArguments(folder: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../deno.json", import.meta.url)));
  const command: string = tasks.start.command;
  const granted = command.replaceAll(/\$\([^)]*\)/g, folder);
  const [deno, ...args] = Array.from(
    granted.matchAll(/"([^"]*)"|(\S+)/g),
    ([, quoted, plain]) => quoted ?? plain,
  );
  if (deno === "deno") return args;
  throw new Error(
    `Cannot start Earshot: the task start must be a deno command, received ${command}`,
  );
}
