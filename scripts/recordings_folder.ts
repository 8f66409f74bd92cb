/**
 * Prints the folders that `EARSHOT_RECORDINGS` and `EARSHOT_STATE` name, for `deno task start` to grant
 * access to them and nothing else. Imports as little as it can: it runs before every start.
 *
 * @module
 */
import { DEFAULT_RECORDINGS, recordings } from "../config/recordings.ts";
import type { Parser } from "../config/parsers.ts";
import { defaultState, state } from "../config/state.ts";

/**
 * The paths to put into `--allow-read` and `--allow-write`, with commas between them. Never empty,
 * because Deno takes no empty path, and never one with a comma, at which Deno would see two.
 *
 * @param texts of the variables; for one that does not parse the default is answered, and the server
 * then says what is wrong
 */
export function grantedFolders(texts: { recordings?: string; state?: string }): string {
  const place = parsed(recordings(), texts.recordings) ?? recordings().parse(DEFAULT_RECORDINGS);
  const places = [place, parsed(state(), texts.state) ?? defaultState(place)];
  const folders = places.flatMap((place) => place.kind === "file" ? [place.folder] : []);
  // Something must be granted: this gives nothing away.
  return folders.join(",") || "/dev/null";
}

function parsed<T>(parser: Parser<T>, text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : parser.parse(text);
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [recordings, state] = ["EARSHOT_RECORDINGS", "EARSHOT_STATE"].map((n) => Deno.env.get(n));
  console.log(
    grantedFolders({ ...(recordings && { recordings }), ...(state && { state }) }),
  );
}
