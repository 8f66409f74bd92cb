import { earshot, floor } from "./contestants.ts";
import { type Contestant, ServerProcess } from "./server_process.ts";
import { median } from "./statistics.ts";

/** How long a server takes from the start of its process to its first answer, ms. */
export interface StartFigures {
  name: string;
  runs: number;
  median: number;
  min: number;
  max: number;
}

const POLL_MS = 2;

/**
 * Earshot and the floor in turns. A first start of each, which may have modules to compile, does not
 * count.
 *
 * @param folder for recordings and logs
 */
export async function measureStart(folder: string, runs: number): Promise<StartFigures[]> {
  const contestants = [floor(), earshot("file", folder)];
  const times = contestants.map((): number[] => []);
  for (let run = -1; run < runs; run++) {
    for (const [index, contestant] of contestants.entries()) {
      const ms = await timeStart(contestant, `${folder}/server.log`);
      if (run >= 0) times[index].push(ms);
    }
  }
  return contestants.map(({ name }, index) => ({
    name,
    runs,
    median: median(times[index]),
    min: Math.min(...times[index]),
    max: Math.max(...times[index]),
  }));
}

async function timeStart(contestant: Contestant, logPath: string): Promise<number> {
  const startMs = performance.now();
  const server = await ServerProcess.start(contestant, logPath, POLL_MS);
  const ms = performance.now() - startMs;
  await server.stop();
  return ms;
}
