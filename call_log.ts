import type { CallObserver } from "./calls/call.ts";
import type { Log } from "./log.ts";

/** Warnings about what is sent, or not. */
const SOUND = new Set(["track_silent", "both_silent", "clipping", "talk_over"]);

/** Writes to the log what happens to calls: the beginnings, the ends and the warnings. */
export function logCalls(log: Log): CallObserver {
  return (event) => {
    if (event.type === "started") log.info("call started", { id: event.call.details.id });
    if (event.type === "ended") {
      const { details: { id }, reason } = event.call;
      log.info("call ended", { id, reason });
    }
    if (event.type === "warning") {
      const { call: { details: { id } }, warning: { active = true, ...warning } } = event;
      // What is said in a call is for those who follow it; the log is for those who run the server.
      const isOfSound = SOUND.has(warning.code);
      const level = isOfSound ? "debug" : active ? "warn" : "info";
      log[level](active ? "call warning" : "call warning is over", { id, ...warning });
    }
  };
}
