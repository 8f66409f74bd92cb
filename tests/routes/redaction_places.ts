/**
 * Where a call's sound may lie while it runs and once it is kept, for each kind of store.
 *
 * @module
 */
import assert from "node:assert/strict";
import { S3Server } from "../support/s3_server.ts";
import { sleep } from "../support/test_server.ts";
import { assertClean, assertCleanPeaks } from "./redaction_voices.ts";

/** A store of recordings, and the files that it makes of a call. */
export interface Places extends AsyncDisposable {
  readonly env: Record<string, string>;
  /** Everything that is written lies below these. */
  readonly folders: readonly string[];
  /** Whether a file may be just being written, and not whole. */
  readonly isBusy: () => boolean;
  /** When each round of speech begins, ms: so that the pauses get into all that there is. */
  readonly roundsAtMs: readonly number[];
  /** Files that are there, all of a stage, from a moment of the running call on. */
  readonly running: readonly { readonly atMs: number; readonly files: readonly RegExp[] }[];
  /** Files of a recording that is kept. */
  readonly kept: { readonly manifest: RegExp; readonly wav: RegExp; readonly peaks: RegExp };
  /** Files that are there no more when it is. */
  readonly gone: readonly RegExp[];
}

export function inFolder(folder: string): Places {
  return {
    env: {
      EARSHOT_RECORDINGS: `file:${folder}/recordings`,
      EARSHOT_STATE: `file:${folder}/state`,
    },
    folders: [folder],
    isBusy: () => false,
    roundsAtMs: [0, 0],
    running: [{ atMs: 0, files: [/acme\/CA1\.wav$/, /acme\/CA1\.peaks$/, /acme\/CA1\.json~$/] }],
    kept: { manifest: /acme\/CA1\.json$/, wav: /acme\/CA1\.wav$/, peaks: /acme\/CA1\.peaks$/ },
    gone: [/CA1.*~$/],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Parts have 5 MiB, 81.92 s: the first pause gets into the first, the second into the second. */
export async function inS3(folder: string): Promise<Places> {
  const s3 = await S3Server.start();
  return {
    env: { ...s3.env, EARSHOT_STATE: `file:${folder}/state` },
    folders: [folder, s3.folder],
    isBusy: () => s3.isBusy,
    roundsAtMs: [0, 84_000],
    running: [
      {
        atMs: 150_000,
        files: [
          /spool\/acme\/CA1\.wav$/,
          /spool\/acme\/CA1\.peaks$/,
          /unfinished\/acme\/CA1\.json\._S3rver_object$/,
          /unfinished\/acme\/CA1\.head\._S3rver_object$/,
          /unfinished\/acme\/CA1\.tail\._S3rver_object$/,
        ],
      },
      { atMs: 171_000, files: [/\._S3rver_uploads\/[^/]+\/2$/] },
    ],
    kept: {
      manifest: /calls\/acme\/CA1\.json\._S3rver_object$/,
      wav: /calls\/acme\/CA1\.wav\._S3rver_object$/,
      peaks: /calls\/acme\/CA1\.peaks\._S3rver_object$/,
    },
    gone: [/spool\/acme\/CA1/, /unfinished\/.*_object$/, /_S3rver_uploads\/./],
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  };
}

/** Waits for files to be there and whole, and for others to be gone. @throws after 10 s */
export async function settled(
  { folders, isBusy }: Places,
  there: readonly RegExp[],
  gone: readonly RegExp[] = [],
): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const paths = (await Promise.all(folders.map(pathsUnder))).flat();
    const missing = there.filter((file) => !paths.some((path) => file.test(path)));
    const left = paths.filter((path) => gone.some((file) => file.test(path)));
    if (missing.length + left.length === 0 && !isBusy()) return;
    assert.ok(performance.now() < deadlineMs, `missing ${missing}, left ${left}, of ${paths}`);
    await sleep(10);
  }
}

/** The one file of that name. */
export async function fileOf({ folders }: Places, name: RegExp): Promise<Uint8Array<ArrayBuffer>> {
  const paths = (await Promise.all(folders.map(pathsUnder))).flat();
  const [path, ...more] = paths.filter((path) => name.test(path));
  assert.ok(path !== undefined && more.length === 0, `one ${name} in ${paths}`);
  return await Deno.readFile(path);
}

/** No file has a secret: none has the bytes of one, no sound its tone, no peaks its height. */
export async function assertFilesClean(
  { folders }: Places,
  secrets: readonly Uint8Array[],
  when: string,
): Promise<void> {
  const needles = secrets.map(latin1);
  for (const path of (await Promise.all(folders.map(pathsUnder))).flat()) {
    const bytes = await Deno.readFile(path);
    const text = latin1(bytes);
    const found = needles.findIndex((needle) => text.includes(needle));
    assert.equal(found, -1, `${path} ${when} has what was said in a pause`);
    if (/CA1\.peaks(\._S3rver_object)?$/.test(path)) {
      assertCleanPeaks(new Int8Array(bytes.buffer), `${path} ${when}`);
    }
    if (/CA1\.(wav|head|tail)(\._S3rver_object)?$|_uploads\/[^/]+\/\d+$/.test(path)) {
      const start = text.startsWith("RIFF") ? 80 : 0;
      const samples = (bytes.length - start) >> 1;
      assertClean(new Int16Array(bytes.buffer, start, samples), `${path} ${when}`);
    }
  }
}

async function pathsUnder(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await pathsUnder(path));
    else paths.push(path);
  }
  return paths;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
