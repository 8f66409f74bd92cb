/** Memory of calls at one moment of their life. */
export interface LongMemory {
  /** Since they began, in simulated time. */
  minutes: number;
  /** Bytes reachable, on the heap and in array buffers, that are not there without the calls. */
  perCall: number;
  /** Memory the process has resident, with what the engine keeps for later. */
  residentBytes: number;
}

/** Memory of one kind of calls over 30 minutes. */
export interface LongMemoryFigures {
  what: string;
  calls: number;
  /** Calls that were there before, and go on; what is shared with them is not counted. */
  others: number;
  measured: LongMemory[];
}

/** When memory is measured, minutes since the calls began. */
export const MEASURED_AT_MINUTES = [1, 10, 30];

/** What calls share, compiled code for one, is there with these. */
const OTHERS = 5;

const KINDS = [
  { what: "a call that is recorded", recording: true },
  { what: "not recorded, rewind off", recording: false, rewindSeconds: 0 },
  { what: "not recorded, default rewind", recording: false },
];

/**
 * What calls of 30 minutes take, one kind after the other, each in a process of its own: see
 * `LongCalls` for what they are made of.
 *
 * @param calls half a minute of real time for 30 of them
 * @throws when a process fails
 */
export async function measureLongMemory(calls: number): Promise<LongMemoryFigures[]> {
  const figures: LongMemoryFigures[] = [];
  for (const { what, recording, rewindSeconds } of KINDS) {
    const words = [
      String(calls),
      String(OTHERS),
      String(recording),
      ...(rewindSeconds === 0 ? ["0"] : []),
    ];
    const program = new URL("long_calls_process.ts", import.meta.url).pathname;
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--v8-flags=--expose-gc", program, ...words],
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`Cannot measure memory: ${text.decode(stderr)}`);
    figures.push({ what, calls, others: OTHERS, measured: JSON.parse(text.decode(stdout)) });
  }
  return figures;
}
