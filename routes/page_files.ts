import { createHash } from "node:crypto";

/** One file of the pages, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=UTF-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * The pages' files, read and compressed once, and the version that all of them have together: a part of
 * their addresses, so that no cache mixes files of two versions.
 */
export class PageFiles {
  /** 12 hex digits of the SHA-256 of all files. */
  readonly version: string;
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(version: string, files: ReadonlyMap<string, PageFile>) {
    this.version = version;
    this.#files = files;
  }

  /** @param folder with a slash at its end @throws when it cannot be read */
  static async load(folder: URL): Promise<PageFiles> {
    const paths = (await Array.fromAsync(pathsIn(folder, ""))).sort();
    const read = await Promise.all(paths.map((path) => Deno.readFile(new URL(path, folder))));
    const hash = createHash("sha256");
    paths.forEach((path, index) => hash.update(`${path}\0`).update(read[index]));
    const version = hash.digest("hex").slice(0, 12);
    const files = new Map<string, PageFile>();
    for (const [index, path] of paths.entries()) {
      const ending = path.split(".").at(-1) ?? "";
      const plain = ending === "html" ? versioned(read[index], version) : read[index];
      files.set(path, { type: TYPES[ending], plain, gzip: await compress(plain) });
    }
    return new PageFiles(version, files);
  }

  /** @param path within the folder, such as `player/keys.js` */
  get(path: string): PageFile | undefined {
    return this.#files.get(path);
  }
}

async function* pathsIn(folder: URL, prefix: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* pathsIn(new URL(`${name}/`, folder), `${prefix}${name}/`);
    else if ((name.split(".").at(-1) ?? "") in TYPES) yield prefix + name;
  }
}

/** A page whose files are asked for by addresses with the version in them. */
function versioned(html: Uint8Array, version: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(html);
  const changed = text.replace(/((?:href|src)="(?:\.\.\/)*static\/)/g, `$1${version}/`);
  return new TextEncoder().encode(changed);
}

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
