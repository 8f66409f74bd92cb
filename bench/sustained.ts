import { earshot, floor } from "./contestants.ts";
import { type LiveFigures, type LiveOptions, measure, middle, type Run } from "./live.ts";
import { nodePeer, withFolder } from "./peers.ts";
import { percent } from "./report.ts";
import type { Contestant } from "./server_process.ts";

/** How many calls one server takes on one core. */
export interface SustainedFigures {
  name: string;
  /** Its frames are silent always, so that none can be said to lack sound. */
  isSilent: boolean;
  /** Most calls that it kept up with. */
  most: number;
  /** What it did not keep up with, and how; undefined when it kept up with all that was tried. */
  beyond?: { calls: number; how: string };
  /** Under {@linkcode PART} of the most calls; undefined when it kept up with none. */
  relaxed?: LiveFigures;
}

/** Load at which lateness is told: what somebody plans for who has seen the limit. */
export const PART = 0.7;
/**
 * Both servers that mix wait so long for late audio: as long as Earshot waits at most. Otherwise it
 * would be moved while it is measured, and all later frames with it, which is not the server being late.
 */
export const HOLDBACK_MS = 300;
/** A server keeps up while no more than 1 % of the frames is later than that against the earliest, */
export const LATEST_MS = 100;
/** while that share of the frames that are due comes at all, */
export const LEAST_FRAMES = 0.99;
/** while no more than that share of them lacks 10 ms or more of both sides, */
export const MOST_HOLES = 0.01;
/** and while its core is idle now and then: otherwise what waits to be read grows, unseen as yet. */
export const MOST_CPU = 0.98;

const STEP = 20;
const GROWTH = 1.5;
/** What Earshot takes as configured, and about what the load generator can make. */
const MOST_CALLS = 1000;
/** A load that is late itself says nothing of the server. */
const LATEST_LOAD_MS = 20;
/** Nor does a server that others kept from its core for such a share of the time. */
const LONGEST_WAIT = 0.2;
/** When so many runs say nothing, the machine is too busy to measure on. */
const MOST_RUNS = 5;

interface Candidate {
  name: string;
  contestant(recordings: string): Contestant;
  isSilent: boolean;
}

/**
 * Finds for each server how many calls it keeps up with, to {@linkcode STEP}, and how late frames are
 * with fewer.
 */
export async function measureSustained(options: LiveOptions): Promise<SustainedFigures[]> {
  const node = await nodePeer(options.folder);
  const candidates: Candidate[] = [
    { name: "floor", contestant: () => floor(), isSilent: true },
    {
      name: "Earshot",
      isSilent: false,
      contestant: (folder) => withHoldback(earshot(options.store, folder)),
    },
    {
      name: node("").name,
      isSilent: false,
      contestant: (folder) => node(folder, HOLDBACK_MS),
    },
  ];
  const figures: SustainedFigures[] = [];
  for (const candidate of candidates) figures.push(await search(candidate, options));
  return figures;
}

/** Up by half until it fails, then by bisection. */
async function search(candidate: Candidate, options: LiveOptions): Promise<SustainedFigures> {
  const { name, isSilent } = candidate;
  let most = 0;
  let beyond: { calls: number; how: string } | undefined;
  for (let calls = inSteps(Math.max(...options.calls)); calls > most;) {
    const how = await failure(candidate, calls, options);
    options.onProgress(`${name}, ${calls} calls: ${how ?? "keeps up"}`);
    if (how === undefined) most = calls;
    else beyond = { calls, how };
    if (beyond === undefined) calls = Math.min(MOST_CALLS, inSteps(most * GROWTH));
    else calls = inSteps((most + beyond.calls) / 2);
    if (calls === beyond?.calls) break;
  }
  if (most === 0) return { name, isSilent, most, ...(beyond && { beyond }) };
  const runs: Run[] = [];
  const calls = Math.round(PART * most);
  for (let run = 0; run < options.runs; run++) runs.push(await measured(candidate, calls, options));
  return { name, isSilent, most, ...(beyond && { beyond }), relaxed: middle(name, calls, runs) };
}

/**
 * How a server failed, in two runs, because what else a machine does may make it fail in one. A run
 * that other programs disturbed is repeated instead: it only proves something when nothing failed in it.
 */
async function failure(
  candidate: Candidate,
  calls: number,
  options: LiveOptions,
): Promise<string | undefined> {
  let failures = 0;
  for (let run = 0; run < MOST_RUNS; run++) {
    const { how, wasDisturbed } = await failureOnce(candidate, calls, options);
    if (how === undefined) return undefined;
    if (!wasDisturbed && ++failures === 2) return how;
  }
  return "other programs disturbed every run";
}

async function failureOnce(
  candidate: Candidate,
  calls: number,
  options: LiveOptions,
): Promise<{ how?: string; wasDisturbed: boolean }> {
  try {
    const run = await measured(candidate, calls, options);
    const how = whatFailed(run, candidate.isSilent);
    const { sendLatenessMs, waiting } = run;
    const wasDisturbed = sendLatenessMs.p99 > LATEST_LOAD_MS || waiting > LONGEST_WAIT;
    return { ...(how && { how }), wasDisturbed };
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionAborted)) throw error;
    return { how: "sockets were not let in", wasDisturbed: false };
  }
}

function whatFailed(run: Run, isSilent: boolean): string | undefined {
  const { framesReceived, frameLatenessMs, holes, cpu } = run;
  if (framesReceived < LEAST_FRAMES) return `${percent(framesReceived)} of the frames`;
  if (frameLatenessMs.p99 > LATEST_MS) return `p99 ${frameLatenessMs.p99.toFixed(0)} ms`;
  if (!isSilent && holes > MOST_HOLES) return `${percent(holes)} with holes`;
  if (cpu > MOST_CPU) return `${percent(cpu)} of the core`;
  return undefined;
}

function measured(candidate: Candidate, calls: number, options: LiveOptions): Promise<Run> {
  return withFolder(
    options,
    (recordings) => measure(candidate.contestant(recordings), calls, options),
  );
}

function withHoldback(contestant: Contestant): Contestant {
  return {
    ...contestant,
    command: (port) => {
      const { env, ...command } = contestant.command(port);
      return { ...command, env: { ...env, EARSHOT_HOLDBACK_MS: String(HOLDBACK_MS) } };
    },
  };
}

function inSteps(calls: number): number {
  return Math.max(STEP, Math.round(calls / STEP) * STEP);
}
