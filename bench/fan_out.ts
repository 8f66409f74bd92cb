import { icecast, nats } from "./brokers.ts";
import { earshot } from "./contestants.ts";
import { type LiveFigures, type LiveOptions, measure, middle, type Run } from "./live.ts";
import type { LoadFormat } from "./load_run.ts";
import type { Contestant } from "./server_process.ts";
import { median } from "./statistics.ts";

/** One server that passes a frame on to many. */
export interface FanOutFigures extends LiveFigures {
  /** CPU time for each frame that came to a listener, us. */
  frameUs: number;
  /** Median over the runs of that by Earshot's in the same round. */
  factor: number;
}

/** A server and how its publisher and its listeners speak. */
interface Rival {
  contestant: Contestant;
  format: LoadFormat;
}

/**
 * One publisher of 800 bytes every 50 ms and many listeners: Earshot, which makes the frames of a
 * recorded call, and two servers that are made for nothing but passing on, in turns. All are pinned to
 * one core, whatever their threads.
 *
 * @throws when a program is missing
 */
export async function measureFanOut(
  options: Omit<LiveOptions, "calls"> & { crowds: readonly number[] },
): Promise<FanOutFigures[]> {
  const { folder, crowds } = options;
  const brokers: Rival[] = [
    { contestant: nats(folder), format: "nats" },
    { contestant: icecast(folder), format: "icecast" },
  ];
  const figures: FanOutFigures[] = [];
  for (const listeners of crowds) {
    const rounds: Run[][] = [];
    const names = ["Earshot", ...brokers.map(({ contestant }) => contestant.name)];
    for (let run = 0; run < options.runs; run++) {
      const recordings = await Deno.makeTempDir({ dir: folder });
      const ours: Rival = { contestant: earshot(options.store, recordings), format: "twilio" };
      const round: Run[] = [];
      for (const { contestant, format } of [ours, ...brokers]) {
        round.push(await measure(contestant, 1, { ...options, format, listeners }));
      }
      rounds.push(round);
      await Deno.remove(recordings, { recursive: true });
    }
    for (const [index, name] of names.entries()) {
      const runs = rounds.map((round) => round[index]);
      figures.push({
        ...middle(name, 1, runs),
        frameUs: median(runs.map(frameUs)),
        factor: median(rounds.map((round) => frameUs(round[index]) / frameUs(round[0]))),
      });
    }
  }
  return figures;
}

function frameUs({ cpu, listeners, framesReceived }: Run): number {
  return (cpu * 1e6) / (listeners * 20 * framesReceived);
}
