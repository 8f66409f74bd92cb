import { FileStore } from "../../recordings/file.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { bytesOf, twoVoices } from "../recordings/export_support.ts";
import { keep } from "../recordings/store_contract.ts";
import { KEY, TestServer, type TestServerOptions } from "../support/test_server.ts";

/** A server with one recording, of call `CA1`. Closes with `await using`. */
export interface RecordedCall extends AsyncDisposable {
  readonly server: TestServer;
  readonly store: FileStore;
  /** Interleaved: left the user, right the bot. */
  readonly stereo: Int16Array<ArrayBuffer>;
  readonly info: RecordingInfo;
  /** Where its files are. */
  readonly folder: string;
  /** Asks for `/calls/CA1` and what follows. */
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** The body of what that answers. */
  get(path: string, headers?: Record<string, string>): Promise<Uint8Array<ArrayBuffer>>;
}

/** Keeps a recording of so many samples in files and starts a server over it. */
export async function recordedCall(
  samples: number,
  options: TestServerOptions & { sampleRate?: number } = {},
): Promise<RecordedCall> {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  const { sampleRate = 8000, env, ...rest } = options;
  const store = await FileStore.open(folder);
  const stereo = twoVoices(samples, 31);
  const info = await keep(store, bytesOf(stereo), { sampleRate });
  const settings = { ...env, EARSHOT_RECORDINGS: `file:${folder}` };
  const server = await TestServer.start({ ...rest, env: settings });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${server.origin}/calls/CA1${path}`, {
      method,
      headers: { "x-api-key": KEY, ...headers },
    });
  return {
    server,
    store,
    stereo,
    info,
    folder,
    ask,
    get: async (path, headers) => await (await ask(path, headers)).bytes(),
    async [Symbol.asyncDispose]() {
      await server.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
