/**
 * Prints the folder that `EARSHOT_RECORDINGS` names, for `deno task start` to grant access to that
 * folder and no other. Imports as little as it can: it runs before every start.
 *
 * @module
 */
import { DEFAULT_RECORDINGS, recordings } from "../config/recordings.ts";

/**
 * The path to put into `--allow-read` and `--allow-write`. Never empty, because Deno takes no empty
 * path, and never with a comma, at which Deno would see a second one.
 *
 * @param text of the variable; one that does not parse is answered with the default folder, and the
 * server then says what is wrong
 */
export function recordingsFolder(text: string | undefined): string {
  const { parse } = recordings();
  try {
    const place = parse(text ?? DEFAULT_RECORDINGS);
    // Something must be granted: this gives nothing away.
    return place.kind === "memory" ? "/dev/null" : place.folder;
  } catch {
    return recordingsFolder(undefined);
  }
}

if (import.meta.main) console.log(recordingsFolder(Deno.env.get("EARSHOT_RECORDINGS")));
