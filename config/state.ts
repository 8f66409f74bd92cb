import { parseFolder } from "./folder.ts";
import type { Parser } from "./parsers.ts";
import type { RecordingsPlace } from "./recordings.ts";

/** Where the server keeps what it must find again after a restart, beside the recordings. */
export type StatePlace =
  /** A folder, made when it is not there; a relative one lies in the working folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** This process's memory: gone when it ends. */
  | { readonly kind: "memory" };

/** Where state is kept unless recordings are in memory, which it would only outlive. */
const DEFAULT_FOLDER = "./data/state";

/** `file:` and a folder, or `memory:`. */
export function state(): Parser<StatePlace> {
  return {
    takes: "file: and a folder (file:./data/state) or memory:",
    parse(text) {
      return text === "memory:" ? { kind: "memory" } : { kind: "file", folder: parseFolder(text) };
    },
  };
}

/** What `EARSHOT_STATE` is when it is unset: state lasts where recordings do. */
export function defaultState(recordings: RecordingsPlace): StatePlace {
  return recordings.kind === "memory"
    ? { kind: "memory" }
    : { kind: "file", folder: DEFAULT_FOLDER };
}
