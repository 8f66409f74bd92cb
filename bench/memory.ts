import { earshot } from "./contestants.ts";
import { type Load, runLoad } from "./load_run.ts";
import { ServerProcess } from "./server_process.ts";

/** What one call or listener adds to the resident memory of the process, bytes. */
export interface MemoryFigures {
  /** Calls that were measured with. */
  calls: number;
  /** Of the process before the first call. */
  idle: number;
  perCall: number;
  perRecordedCall: number;
  perListener: number;
}

/** Long enough for every ring of 6 s to have been filled once. */
const WARMUP_SECONDS = 7;
const LISTENERS = 5;

/**
 * Resident memory with and without calls. Each figure is a difference of two processes: it holds what
 * the engine keeps for later as well, and no one byte of it is exact.
 *
 * @param generator path of the compiled load generator
 * @param folder for recordings and logs
 */
export async function measureMemory(
  generator: string,
  folder: string,
  calls: number,
): Promise<MemoryFigures> {
  const resident = async (load: Pick<Load, "listeners" | "recording">) => {
    const recordings = await Deno.makeTempDir({ dir: folder });
    const server = await ServerProcess.start(earshot("file", recordings), `${folder}/server.log`);
    try {
      const idle = server.usage().residentBytes;
      const shared = { calls, warmupSeconds: WARMUP_SECONDS, seconds: 2 };
      const { after } = await runLoad(generator, server, { ...shared, ...load });
      return { idle, busy: after.residentBytes };
    } finally {
      await server.stop();
      await Deno.remove(recordings, { recursive: true });
    }
  };
  const plain = await resident({ listeners: 0, recording: false });
  const recorded = await resident({ listeners: 0, recording: true });
  const heard = await resident({ listeners: LISTENERS, recording: false });
  return {
    calls,
    idle: plain.idle,
    perCall: (plain.busy - plain.idle) / calls,
    perRecordedCall: (recorded.busy - recorded.idle) / calls,
    perListener: (heard.busy - plain.busy) / calls / LISTENERS,
  };
}
