import { Refused } from "./parsers.ts";

/**
 * The folder that `file:` names. It is taken as it stands, with nothing decoded; `file:///data` is the
 * same as `file:/data`.
 *
 * @throws {Refused} when the text does not begin with `file:`, or Deno could not grant the folder
 */
export function parseFolder(text: string): string {
  if (!text.startsWith("file:")) throw new Refused();
  const folder = text.slice("file:".length).replace(/^\/\/\//, "/");
  if (folder === "") throw new Refused("the folder is missing");
  if (folder.startsWith("//")) throw new Refused("a folder of another host cannot be used");
  // Deno 2.9 splits --allow-write at every comma and, unlike earlier versions, knows no escape.
  if (folder.includes(",")) {
    throw new Refused("Deno cannot grant access to a name with a comma");
  }
  if (/\p{Cc}/u.test(folder)) throw new Refused("the folder has control characters");
  return folder;
}
