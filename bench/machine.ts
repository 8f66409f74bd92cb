/** What was measured on, a Markdown list. */
export function machine(): string {
  const cpu = /^model name\s*:\s*(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1];
  const { deno, v8 } = Deno.version;
  const [load] = Deno.loadavg();
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return [
    `- ${navigator.hardwareConcurrency} cores of ${cpu ?? "an unknown processor"}, ${memory} GiB`,
    `- Linux ${Deno.osRelease()}, Deno ${deno}, V8 ${v8}`,
    `- load average when the measurement ended: ${load.toFixed(2)}`,
  ].join("\n");
}
