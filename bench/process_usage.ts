/** What the kernel says of a process (Linux). */
export interface ProcessUsage {
  /** When this was so, on the monotonic clock: since the machine was started, s; in steps of 10 ms. */
  readonly uptimeSeconds: number;
  /** CPU time of all its threads so far, user and system, s; counted in steps of 10 ms. */
  readonly cpuSeconds: number;
  /** CPU time of its main thread alone, s. */
  readonly mainThreadSeconds: number;
  /** How long its main thread had something to do and was kept from its core by others, s. */
  readonly waitSeconds: number;
  /** Memory it has resident, bytes. */
  readonly residentBytes: number;
}

/** The unit of `/proc`'s CPU times on every architecture Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Reads the usage of a running process. */
export function processUsage(pid: number): ProcessUsage {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = fields.slice(11, 13).map(Number);
  const [mainNs, waitNs] = Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ").map(Number);
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kilobytes = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
  return {
    uptimeSeconds: Number.parseFloat(Deno.readTextFileSync("/proc/uptime")),
    cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
    mainThreadSeconds: mainNs / 1e9,
    waitSeconds: waitNs / 1e9,
    residentBytes: kilobytes * 1024,
  };
}
