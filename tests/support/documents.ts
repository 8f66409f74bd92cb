/** What the documents say: the README and all of `docs`. */

export const ROOT = new URL("../../", import.meta.url);

export interface Document {
  /** Relative to the root. */
  name: string;
  url: URL;
  text: string;
}

/** A block of code in a document. */
export interface Block {
  language: string;
  code: string;
  /** Such as `README.md:36`, for messages. */
  where: string;
}

export async function readDocument(name: string): Promise<Document> {
  const url = new URL(name, ROOT);
  return { name, url, text: await Deno.readTextFile(url) };
}

/** The README, which must be there, and all of `docs`, by name. */
export async function documents(): Promise<Document[]> {
  const names = ["README.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) names.push(`docs/${name}`);
  }
  return await Promise.all(names.sort().map(readDocument));
}

/** A document without its blocks of code. */
export function proseOf({ text }: Pick<Document, "text">): string {
  return text.replace(/^ *```.*?^ *```$/gms, "");
}

/** The blocks of code of a document, in order, indented ones as if they were not. */
export function blocksOf({ name, text }: Document): Block[] {
  return Array.from(text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms), (match) => {
    const [, indent, language, code] = match;
    const line = text.slice(0, match.index).split("\n").length;
    return { language, code: code.replaceAll(`\n${indent}`, "\n"), where: `${name}:${line}` };
  });
}
