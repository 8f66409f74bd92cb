import { parseFolder } from "./folder.ts";
import type { Parser } from "./parsers.ts";
import { parseS3Place, type S3Place } from "./s3.ts";

/** Where recordings are kept. */
export type RecordingsPlace =
  /** A folder, made when it is not there; a relative one lies in the working folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** This process's memory: gone when it ends. */
  | { readonly kind: "memory" }
  | S3Place;

/** What `EARSHOT_RECORDINGS` is when it is unset. */
export const DEFAULT_RECORDINGS = "file:./data/recordings";

/** `file:` and a folder, `s3://bucket/prefix`, or `memory:`. */
export function recordings(): Parser<RecordingsPlace> {
  return {
    takes: "file: and a folder (file:./data/recordings), s3://bucket/prefix or memory:",
    parse(text) {
      if (text === "memory:") return { kind: "memory" };
      if (text.startsWith("s3:")) return parseS3Place(text);
      return { kind: "file", folder: parseFolder(text) };
    },
  };
}
