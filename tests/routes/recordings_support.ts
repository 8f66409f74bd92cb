import { FileStore } from "../../recordings/file.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { bytesOf, twoVoices } from "../recordings/export_support.ts";
import { keep } from "../recordings/store_contract.ts";
import { KEY, sleep, TestServer, type TestServerOptions } from "../support/test_server.ts";

/** A server with one recording, of call `CA1`. Closes with `await using`. */
export interface RecordedCall extends AsyncDisposable {
  readonly server: TestServer;
  readonly store: FileStore;
  /** Interleaved: left the user, right the bot. */
  readonly stereo: Int16Array<ArrayBuffer>;
  readonly info: RecordingInfo;
  /** Where its files are. */
  readonly folder: string;
  /** How far each of these that is open in this process has been read. */
  openFiles(): Promise<number[]>;
  /** Asks for `/calls/CA1` and what follows. */
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** The body of what that answers. */
  get(path: string, headers?: Record<string, string>): Promise<Uint8Array<ArrayBuffer>>;
}

/** Keeps a recording in files, of so many samples or of these, and starts a server over it. */
export async function recordedCall(
  samples: number | Int16Array<ArrayBuffer>,
  options: TestServerOptions & { sampleRate?: number } = {},
): Promise<RecordedCall> {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  const { sampleRate = 8000, env, ...rest } = options;
  const store = await FileStore.open(folder);
  const stereo = typeof samples === "number" ? twoVoices(samples, 31) : samples;
  const info = await keep(store, bytesOf(stereo), { sampleRate });
  const settings = { ...env, EARSHOT_RECORDINGS: `file:${folder}` };
  const server = await TestServer.start({ ...rest, env: settings });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${server.origin}/calls/CA1${path}`, {
      method,
      headers: { "x-api-key": KEY, ...headers },
    });
  const openFiles = async () => {
    const positions: number[] = [];
    for await (const { name } of Deno.readDir("/proc/self/fd")) {
      const target = await Deno.readLink(`/proc/self/fd/${name}`).catch(() => "");
      if (!target.startsWith(folder)) continue;
      const info = await Deno.readTextFile(`/proc/self/fdinfo/${name}`).catch(() => "");
      positions.push(Number(/^pos:\s+(\d+)/.exec(info)?.[1] ?? 0));
    }
    return positions;
  };
  return {
    server,
    store,
    stereo,
    info,
    folder,
    openFiles,
    ask,
    get: async (path, headers) => await (await ask(path, headers)).bytes(),
    async [Symbol.asyncDispose]() {
      await server.close();
      // What was cancelled is closed behind the last read of it.
      while ((await openFiles()).length > 0) await sleep(1);
      await Deno.remove(folder, { recursive: true });
    },
  };
}
