import { FusedBench } from "./fused.ts";
import { PipelineBench } from "./pipeline.ts";
import { median } from "./statistics.ts";

/** CPU time of the pipeline and of plain loops that compute the same. */
export interface InProcessFigures {
  calls: number;
  /** For each call and tick of 50 ms, ns. */
  pipelineNs: number;
  fusedNs: number;
  ratio: number;
}

/** Call ticks a run lasts, and the least ticks: the recorder starts after 100 of them. */
const CALL_TICKS = 40_000;
const LEAST_TICKS = 120;
const RUNS = 5;

/** Measures the pipeline without sockets, files or JSON against plain loops, in turns. */
export async function measureInProcess(callCounts: readonly number[]): Promise<InProcessFigures[]> {
  const figures: InProcessFigures[] = [];
  for (const calls of callCounts) {
    const pipeline = new PipelineBench(calls);
    const fused = new FusedBench(calls);
    const ticks = Math.max(LEAST_TICKS, 2 * Math.round(CALL_TICKS / calls / 2));
    const timed = async (bench: { run(ticks: number): void | Promise<void> }) => {
      const startMs = performance.now();
      await bench.run(ticks);
      return ((performance.now() - startMs) * 1e6) / ticks / calls;
    };
    await timed(fused);
    await timed(pipeline);
    const runs: { pipelineNs: number; fusedNs: number }[] = [];
    for (let run = 0; run < RUNS; run++) {
      runs.push({ fusedNs: await timed(fused), pipelineNs: await timed(pipeline) });
    }
    await pipeline.end();
    figures.push({
      calls,
      pipelineNs: median(runs.map(({ pipelineNs }) => pipelineNs)),
      fusedNs: median(runs.map(({ fusedNs }) => fusedNs)),
      ratio: median(runs.map(({ pipelineNs, fusedNs }) => pipelineNs / fusedNs)),
    });
  }
  return figures;
}
