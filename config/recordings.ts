import { type Parser, Refused } from "./parsers.ts";

/** Where recordings are kept. */
export type RecordingsPlace =
  /** A folder, made when it is not there; a relative one lies in the working folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** This process's memory: gone when it ends. */
  | { readonly kind: "memory" };

/** What `EARSHOT_RECORDINGS` is when it is unset. */
export const DEFAULT_RECORDINGS = "file:./data/recordings";

/**
 * `file:` and a folder, or `memory:`. The folder is taken as it stands, with nothing decoded;
 * `file:///data` is the same as `file:/data`.
 */
export function recordings(): Parser<RecordingsPlace> {
  return {
    takes: "file: and a folder (file:./data/recordings) or memory:",
    parse(text) {
      if (text === "memory:") return { kind: "memory" };
      if (/^s3:/i.test(text)) throw new Refused("s3 is not supported yet by this version");
      if (!text.startsWith("file:")) throw new Refused();
      const folder = text.slice("file:".length).replace(/^\/\/\//, "/");
      if (folder === "") throw new Refused("the folder is missing");
      if (folder.startsWith("//")) throw new Refused("a folder of another host cannot be used");
      // Deno 2.9 splits --allow-write at every comma and, unlike earlier versions, knows no escape.
      if (folder.includes(",")) {
        throw new Refused("Deno cannot grant access to a name with a comma");
      }
      if (/\p{Cc}/u.test(folder)) throw new Refused("the folder has control characters");
      return { kind: "file", folder };
    },
  };
}
