import { parseFolder } from "./folder.ts";
import { type Parser, Refused } from "./parsers.ts";

/** Where recordings are kept. */
export type RecordingsPlace =
  /** A folder, made when it is not there; a relative one lies in the working folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** This process's memory: gone when it ends. */
  | { readonly kind: "memory" };

/** What `EARSHOT_RECORDINGS` is when it is unset. */
export const DEFAULT_RECORDINGS = "file:./data/recordings";

/** `file:` and a folder, or `memory:`. */
export function recordings(): Parser<RecordingsPlace> {
  return {
    takes: "file: and a folder (file:./data/recordings) or memory:",
    parse(text) {
      if (text === "memory:") return { kind: "memory" };
      if (/^s3:/i.test(text)) throw new Refused("s3 is not supported yet by this version");
      return { kind: "file", folder: parseFolder(text) };
    },
  };
}
