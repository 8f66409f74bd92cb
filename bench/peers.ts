import { BENCH_KEY, earshot } from "./contestants.ts";
import { type LiveFigures, type LiveOptions, measure, middle, type Run } from "./live.ts";
import type { Contestant } from "./server_process.ts";
import { median } from "./statistics.ts";

/** The version of `ws` that the tests use too. */
const WS = "ws@8.23.0";

/** Earshot and a peer under the same load. */
export interface PeerComparison {
  earshot: LiveFigures;
  peer: LiveFigures;
  /** Median over the pairs of runs of the peer's CPU by Earshot's: how many times the calls a core takes. */
  gain: number;
}

/** A server that does the same job, and the calls it is measured with: few enough for it to keep up. */
interface Peer {
  contestant(recordings: string): Contestant;
  calls: number;
}

/**
 * Earshot and its peers in turns, in scenario a's way.
 *
 * @throws when a peer's packages cannot be had
 */
export async function measurePeers(
  options: Omit<LiveOptions, "calls">,
): Promise<PeerComparison[]> {
  const comparisons: PeerComparison[] = [];
  for (const { contestant, calls } of await preparePeers(options.folder)) {
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let run = 0; run < options.runs; run++) {
      theirs.push(
        await withFolder(options, (folder) => measure(contestant(folder), calls, options)),
      );
      ours.push(
        await withFolder(
          options,
          (folder) => measure(earshot(options.store, folder), calls, options),
        ),
      );
    }
    comparisons.push({
      earshot: middle("Earshot", calls, ours),
      peer: middle(contestant("").name, calls, theirs),
      gain: median(theirs.map(({ cpu }, run) => cpu / ours[run].cpu)),
    });
  }
  return comparisons;
}

/** Gives `use` a folder that is removed afterwards. */
export async function withFolder<T>(
  { folder }: Pick<LiveOptions, "folder">,
  use: (recordings: string) => Promise<T>,
): Promise<T> {
  const recordings = await Deno.makeTempDir({ dir: folder });
  try {
    return await use(recordings);
  } finally {
    await Deno.remove(recordings, { recursive: true });
  }
}

/**
 * The peer in Node.js. Node looks for packages beside the program: so the program goes beside the package.
 *
 * @param folder for the program
 * @throws when its package cannot be had
 */
export async function nodePeer(
  folder: string,
): Promise<(recordings: string, holdbackMs?: number) => Contestant> {
  const install = new Deno.Command("npm", {
    args: ["install", "--silent", "--no-save", "--prefix", folder, WS],
    stdout: "null",
  });
  if (!(await install.output()).success) {
    throw new Error(`Cannot measure: npm did not install ${WS}`);
  }
  const program = `${folder}/node_server.mjs`;
  await Deno.copyFile(new URL("peers/node_server.mjs", import.meta.url), program);
  return (recordings, holdbackMs = 100) => ({
    name: "Node.js and ws",
    warmupSeconds: 4,
    command: (port) => ({
      program: "node",
      args: [program, String(port), recordings, BENCH_KEY, String(holdbackMs)],
    }),
  });
}

/**
 * The peer in Go, compiled into `folder`.
 *
 * @throws when there is no Go, or its package cannot be had
 */
async function goPeer(folder: string): Promise<(recordings: string) => Contestant> {
  const program = `${folder}/go_server`;
  const source = new URL("peers/go_server", import.meta.url).pathname;
  const args = ["build", "-C", source, "-o", program, "."];
  try {
    const { success, stderr } = await new Deno.Command("go", { args }).output();
    if (!success) throw new Error(`Cannot measure: go says ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("Cannot measure: there is no go; install one of 1.22 or newer");
  }
  return (recordings) => ({
    name: "Go and gorilla/websocket",
    warmupSeconds: 4,
    command: (port) => ({ program, args: [String(port), recordings, BENCH_KEY] }),
  });
}

async function preparePeers(folder: string): Promise<Peer[]> {
  const node = await nodePeer(folder);
  const go = await goPeer(folder);
  const python = new URL("peers/python_server.py", import.meta.url).pathname;
  return [
    { calls: 150, contestant: go },
    { calls: 150, contestant: (recordings) => node(recordings) },
    {
      calls: 40,
      contestant: (recordings) => ({
        name: "Python, websockets and numpy",
        warmupSeconds: 4,
        command: (port) => ({
          program: "/usr/bin/python3",
          args: [python, String(port), recordings, BENCH_KEY],
        }),
      }),
    },
  ];
}
