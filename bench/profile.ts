import { earshot, type Store } from "./contestants.ts";
import { type CpuProfile, type ProfileSums, sumProfile } from "./cpu_profile.ts";
import { runLoad } from "./load_run.ts";
import { type Contestant, ServerProcess } from "./server_process.ts";

/** What to profile. */
export interface ProfileOptions {
  /** Path of the compiled load generator. */
  generator: string;
  /** For recordings, logs and the profile. */
  folder: string;
  store: Store;
  calls: number;
  seconds: number;
}

/** Where Earshot spends its time under a load. */
export interface ProfileFigures extends ProfileSums {
  calls: number;
  /** Share of the time in which the main thread had nothing to do. */
  idle: number;
  /** CPU of the server, as a share of one core, with the profiler's own. */
  cpu: number;
}

const INTERVAL_US = 500;
const ROOT = new URL("..", import.meta.url).href;

/**
 * Profiles Earshot under a load of Twilio calls, recorded and each with a listener. By V8's profiler
 * alone: with an inspector attached Deno would copy each WebSocket message for it, which takes a
 * quarter of the time.
 *
 * @throws when there is no profile of the measured part
 */
export async function measureProfile(options: ProfileOptions): Promise<ProfileFigures> {
  const { generator, calls, seconds } = options;
  const folder = await Deno.makeTempDir({ dir: options.folder });
  const contestant = profiled(earshot(options.store, folder), folder);
  const server = await ServerProcess.start(contestant, `${options.folder}/server.log`);
  try {
    const { warmupSeconds } = contestant;
    const { before, after, ...run } = await runLoad(generator, server, {
      calls,
      warmupSeconds,
      seconds,
    });
    // The profile is written when the process ends.
    await server.stop();
    const profile: CpuProfile = JSON.parse(await Deno.readTextFile(`${folder}/${PROFILE}`));
    const cpu = (after.cpuSeconds - before.cpuSeconds) / run.seconds;
    const mainThread = (after.mainThreadSeconds - before.mainThreadSeconds) / run.seconds;
    const waiting = (after.waitSeconds - before.waitSeconds) / run.seconds;
    // A thread that waits for its core is not idle, and V8 goes on counting.
    const idle = Math.max(0, 1 - mainThread - waiting);
    const span = { from: before.uptimeSeconds * 1e6, to: after.uptimeSeconds * 1e6, idle };
    return { calls, cpu, idle, ...sumProfile(profile, ROOT, span) };
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

const PROFILE = "earshot.cpuprofile";

function profiled(contestant: Contestant, folder: string): Contestant {
  return {
    ...contestant,
    command: (port) => {
      const { args: [run, ...args], ...command } = contestant.command(port);
      const flags = [
        `--cpu-prof-dir=${folder}`,
        `--cpu-prof-name=${PROFILE}`,
        `--cpu-prof-interval=${INTERVAL_US}`,
      ];
      return { ...command, args: [run, ...flags, ...args] };
    },
  };
}
