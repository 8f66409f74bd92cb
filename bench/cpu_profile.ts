/** A profile as V8 writes it, the parts that are read. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Monotonic time, us. */
  readonly startTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Time from the sample before to each, from `startTime` to the first, us. */
  readonly timeDeltas: readonly number[];
}

/** A function as it was called from one place. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0. */
    readonly lineNumber: number;
  };
}

/** The part of a profile to add up. */
export interface ProfileSpan {
  /** On the clock of `startTime`, us. */
  from: number;
  to: number;
  /** Share of it in which the thread waited for something to do, by the kernel. */
  idle: number;
}

/** Something that takes time of its own, as a share of the time that is not idle. */
export interface ProfileShare {
  name: string;
  share: number;
}

/** Where a process spends its main thread's time. */
export interface ProfileSums {
  /** By function, what it calls not included; the largest first. */
  functions: (ProfileShare & { where: string })[];
  /** By part of the program, the largest first. */
  parts: ProfileShare[];
}

/** What V8 sees nothing of, and takes for idle: sockets, timers and the kernel's part of them. */
const OUTSIDE = { name: "(event loop)", part: "Deno's event loop, in Rust, and the kernel" };

/**
 * Adds up what a profile says of a span of time.
 *
 * @param root URL of the project's folder, with a slash at the end
 * @throws {RangeError} when there are no samples in it
 */
export function sumProfile(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  root: string,
  span: ProfileSpan,
): ProfileSums {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, ProfileSums["functions"][number]>();
  const parts = new Map<string, ProfileShare>();
  let time = startTime;
  let totalUs = 0;
  let idleUs = 0;
  const add = (name: string, where: string, part: string, us: number) => {
    getOrPut(functions, `${name} ${where}`, { name, where, share: 0 }).share += us;
    getOrPut(parts, part, { name: part, share: 0 }).share += us;
  };
  samples.forEach((id, index) => {
    time += timeDeltas[index];
    const frame = frames.get(id);
    // A sample stands for the time until the next.
    const us = timeDeltas[index + 1];
    if (frame === undefined || us === undefined || time < span.from || time >= span.to) return;
    const { functionName, url, lineNumber } = frame;
    totalUs += us;
    if (functionName === "(idle)") return void (idleUs += us);
    const where = url === "" ? "" : `${shownUrl(url, root)}:${lineNumber + 1}`;
    add(functionName || "(anonymous)", where, partOf(functionName, url, root), us);
  });
  if (totalUs === 0) throw new RangeError("Cannot sum profile: it has no samples in the span");
  const outsideUs = Math.max(0, idleUs - span.idle * totalUs);
  add(OUTSIDE.name, "", OUTSIDE.part, outsideUs);
  const busyUs = totalUs - idleUs + outsideUs;
  const shares = <T extends ProfileShare>(sums: Map<string, T>) =>
    Array.from(sums.values(), (sum) => ({ ...sum, share: sum.share / busyUs }))
      .sort((a, b) => b.share - a.share);
  return { functions: shares(functions), parts: shares(parts) };
}

function partOf(functionName: string, url: string, root: string): string {
  if (functionName === "(program)") return "V8 itself: (program)";
  if (functionName === "(garbage collector)") return functionName;
  if (url === "") {
    return functionName.startsWith("op_") ? "Deno's operations, in Rust" : "V8's builtins";
  }
  if (/^(ext|node):/.test(url)) return "Deno's own JavaScript (ext:, node:)";
  if (!url.startsWith(root)) return "packages";
  const [part] = url.slice(root.length).split("/");
  if (part === "routes" || part === "ingest") return "routes/ and ingest/";
  return part.endsWith(".ts") ? part : `${part}/`;
}

/** Packages lie in a folder of the user's, which is nobody's business. */
function shownUrl(url: string, root: string): string {
  if (url.startsWith(root)) return url.slice(root.length);
  return url.replace(/^file:.*\//, "…/");
}

function getOrPut<Value>(map: Map<string, Value>, key: string, fresh: Value): Value {
  const value = map.get(key) ?? fresh;
  map.set(key, value);
  return value;
}
