import { earshot } from "./contestants.ts";
import { type Load, runLoad } from "./load_run.ts";
import { ServerProcess } from "./server_process.ts";

/** What one call or listener adds to the resident memory of the process, bytes. */
export interface MemoryFigures {
  /** Calls that were measured with. */
  calls: number;
  /** Of the process before the first call. */
  idle: number;
  /** Neither recorded nor to be heard again. */
  perCall: number;
  perRecordedCall: number;
  /** Not recorded, with the default of how far back it can be heard; left out when not measured. */
  perRewindCall?: number;
  perListener: number;
}

/** Long enough for every ring of 6 s to have been filled once. */
const WARMUP_SECONDS = 7;
/** Long enough for the default of how far back can be heard. */
const REWIND_SECONDS = 66;
const LISTENERS = 5;
const REWIND_OFF = { EARSHOT_REWIND_SECONDS: "0" };

/**
 * Resident memory with and without calls. Each figure is a difference of two processes: it holds what
 * the engine keeps for later as well, and no one byte of it is exact.
 *
 * @param generator path of the compiled load generator
 * @param folder for recordings and logs
 * @param withRewind measures calls with the default rewind too, which takes more than a minute
 */
export async function measureMemory(
  generator: string,
  folder: string,
  calls: number,
  withRewind: boolean,
): Promise<MemoryFigures> {
  const resident = async (
    load: Pick<Load, "listeners" | "recording">,
    warmupSeconds = WARMUP_SECONDS,
    settings: Record<string, string> = REWIND_OFF,
  ) => {
    const recordings = await Deno.makeTempDir({ dir: folder });
    const contestant = earshot("file", recordings, settings);
    const server = await ServerProcess.start(contestant, `${folder}/server.log`);
    try {
      const idle = server.usage().residentBytes;
      const { after } = await runLoad(generator, server, {
        calls,
        warmupSeconds,
        seconds: 1,
        ...load,
      });
      return { idle, busy: after.residentBytes };
    } finally {
      await server.stop();
      await Deno.remove(recordings, { recursive: true });
    }
  };
  const plain = await resident({ listeners: 0, recording: false });
  const recorded = await resident({ listeners: 0, recording: true });
  const heard = await resident({ listeners: LISTENERS, recording: false });
  const rewound = withRewind
    ? await resident({ listeners: 0, recording: false }, REWIND_SECONDS, {})
    : undefined;
  const perCall = ({ idle, busy }: typeof plain) => (busy - idle) / calls;
  return {
    calls,
    idle: plain.idle,
    perCall: perCall(plain),
    perRecordedCall: perCall(recorded),
    ...(rewound !== undefined && { perRewindCall: perCall(rewound) }),
    perListener: (heard.busy - plain.busy) / calls / LISTENERS,
  };
}
