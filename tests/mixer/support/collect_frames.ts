import type { MixedFrame } from "../../../mixer/mixer.ts";
import type { Simulation } from "./simulation.ts";

/** Reads all frames of a call as they come, and keeps copies of them. */
export function collectFrames(call: Simulation): { frames: MixedFrame[]; done: boolean } {
  const result = { frames: [] as MixedFrame[], done: false };
  (async () => {
    for await (const frame of call.mixer.readable) {
      const { user, bot, mix } = frame;
      result.frames.push({ ...frame, user: user.slice(), bot: bot.slice(), mix: mix.slice() });
    }
    result.done = true;
  })();
  return result;
}
