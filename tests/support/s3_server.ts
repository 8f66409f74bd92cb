import { Buffer } from "node:buffer";
import crypto from "node:crypto";
// @ts-types="./s3rver.d.ts"
import S3rver from "s3rver";
import type { Koa } from "./s3rver.d.ts";
import type { S3Access } from "../../recordings/s3_request.ts";
import { isSigned } from "./sigv4.ts";
import { sleep } from "./test_server.ts";

/** What becomes of a request: an error, a connection that ends (before or after it was done), silence. */
export type S3Fault =
  | { status: number; code: string; region?: string }
  | { status: number; body: string; headers?: Record<string, string> }
  | "cut"
  | "cut answer"
  | "hang";

/** Answers which fault a request meets. */
export type S3Faults = (
  request: { method: string; path: string; authorization: string },
) => S3Fault | undefined;

const BUCKET = "recordings";
const KEY = "S3RVER";

/** s3rver, a real S3 server, in this process, with faults on demand. Closes with `await using`. */
export class S3Server implements AsyncDisposable {
  readonly access: S3Access;
  /** Where it has its files: objects, and the parts of uploads. */
  readonly folder: string;
  /** Method and path of every request, in their order. */
  readonly requests: string[] = [];
  faults: S3Faults = () => undefined;
  readonly #server: S3rver;
  #busy = 0;
  readonly #hanging = new Set<() => void>();

  private constructor(server: S3rver, folder: string, port: number) {
    this.#server = server;
    this.folder = folder;
    this.access = {
      bucket: BUCKET,
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      accessKeyId: KEY,
      secretAccessKey: KEY,
    };
  }

  static async start(): Promise<S3Server> {
    const directory = await Deno.makeTempDir({ prefix: "earshot-s3-" });
    const server = new S3rver({
      address: "127.0.0.1",
      port: 0,
      silent: true,
      directory,
      configureBuckets: [{ name: BUCKET }],
    });
    waitForFiles(server);
    keepFolders(server);
    const { promise, resolve } = Promise.withResolvers<S3Server>();
    server.middleware.unshift(async (context, next) => {
      const started = await promise;
      started.#busy++;
      await started.#meet(context, next).finally(() => started.#busy--);
    });
    const { port } = await server.run();
    const started = new S3Server(server, directory, port);
    resolve(started);
    return started;
  }

  /** The settings of a server that keeps its recordings here. */
  get env(): Record<string, string> {
    return {
      EARSHOT_RECORDINGS: `s3://${BUCKET}/calls`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
      AWS_REGION: this.access.region,
      AWS_ENDPOINT_URL_S3: this.access.endpoint!,
    };
  }

  /** Keys of all objects. */
  async keys(): Promise<string[]> {
    const keys: string[] = [];
    const walk = async (folder: string, prefix: string) => {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (isDirectory && name !== "._S3rver_uploads") {
          await walk(`${folder}/${name}`, `${prefix}${name}/`);
        }
        if (name.endsWith("._S3rver_object")) keys.push(prefix + name.slice(0, -15));
      }
    };
    await walk(`${this.folder}/${BUCKET}`, "");
    return keys.sort();
  }

  /** An object's bytes, read past HTTP. */
  bytes(key: string): Promise<Uint8Array<ArrayBuffer>> {
    return Deno.readFile(`${this.folder}/${BUCKET}/${key}._S3rver_object`);
  }

  /** Puts an object there, past HTTP. */
  async plant(key: string, bytes: Uint8Array): Promise<void> {
    const path = `${this.folder}/${BUCKET}/${key}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(`${path}._S3rver_object`, bytes);
  }

  /** Lets every request hang from now on; resolves when one does. */
  hangs(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.faults = () => {
      resolve();
      return "hang";
    };
    return promise;
  }

  /** Whether it is at a request. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** Whether a request hangs now. */
  get isHanging(): boolean {
    return this.#hanging.size > 0;
  }

  /** Ends every request that hangs, by closing its connection. */
  release(): void {
    for (const end of this.#hanging) end();
    this.#hanging.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    // Clients keep connections for later, and it would wait for them.
    const closed = this.#server.close();
    this.#server.httpServer.closeAllConnections();
    await closed;
    // It reads ahead of clients that have gone, and tells nobody when that is over.
    await sleep(25);
    folders.add(this.folder);
  }

  /** Does what s3rver does not: drops uploads, and tells when there is none. */
  async #meetUpload(context: Koa, next: () => Promise<void>): Promise<void> {
    const { method, url } = context;
    const uploadId = new URL(url, this.access.endpoint).searchParams.get("uploadId");
    if (uploadId === null) return await next();
    const uploads = this.#server.store.getResourcePath(BUCKET, undefined, "uploads");
    try {
      await Deno.stat(`${uploads}/${uploadId}`);
    } catch {
      for await (const _ of context.req);
      context.status = 404;
      context.type = "application/xml";
      context.body = "<Error><Code>NoSuchUpload</Code></Error>";
      return;
    }
    if (method !== "DELETE") return await next();
    await Deno.remove(`${uploads}/${uploadId}`, { recursive: true });
    context.status = 204;
  }

  /** Does to a request what is its lot. */
  async #meet(context: Koa, next: () => Promise<void>): Promise<void> {
    const { method, url } = context;
    const path = decodeURIComponent(url);
    this.requests.push(`${method} ${path}`);
    const authorization = String(context.req.headers.authorization ?? "");
    let fault = this.faults({ method, path, authorization });
    // s3rver looks at the key's id alone.
    if (fault === undefined && !isSigned(context.req, this.access.secretAccessKey)) {
      fault = { status: 403, code: "SignatureDoesNotMatch" };
    }
    if (fault === undefined) return await this.#meetUpload(context, next);
    if (typeof fault === "object") {
      for await (const _ of context.req);
      const { status } = fault;
      if ("body" in fault) {
        const { body, headers = {} } = fault;
        context.res.writeHead(status, headers);
        context.res.end(body);
        context.respond = false;
        return;
      }
      const region = fault.region === undefined ? "" : `<Region>${fault.region}</Region>`;
      context.status = status;
      context.type = "application/xml";
      context.body = `<Error><Code>${fault.code}</Code>${region}</Error>`;
      return;
    }
    if (fault === "cut answer") await next();
    // Some of what is being sent arrives.
    if (fault === "cut") { for await (const _ of context.req) break; }
    if (fault === "hang") {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hanging.add(resolve);
      // Or until the other end gives up.
      context.res.once("close", resolve);
      await promise;
      this.#hanging.delete(resolve);
    }
    context.respond = false;
    context.res.destroy();
  }
}

/** s3rver answers before its files are whole; then a reader that is quick enough sees half of them. */
function waitForFiles({ store }: S3rver): void {
  const putObject = store.putObject.bind(store);
  store.putObject = async (object) => {
    const result = await putObject(object);
    await grown(store.getResourcePath(object.bucket, object.key, "object"), result.size);
    return result;
  };
  const putPart = store.putPart.bind(store);
  store.putPart = async (bucket, uploadId, part, content) => {
    const result = await putPart(bucket, uploadId, part, content);
    const folder = store.getResourcePath(bucket, undefined, "uploads");
    await grown(`${folder}/${uploadId}/${part}`, result.size);
    return result;
  };
}

/** s3rver removes a folder with its last object, from under whoever is just writing one there. */
function keepFolders({ store }: S3rver): void {
  store.deleteObject = async (bucket, key) => {
    for (const part of ["object", "object.md5", "metadata.json"]) {
      await Deno.remove(store.getResourcePath(bucket, key, part)).catch(() => {});
    }
  };
}

/** Folders into which s3rver may still be writing when its test has ended. */
const folders = new Set<string>();

globalThis.addEventListener("unload", () => {
  for (const folder of folders) Deno.removeSync(folder, { recursive: true });
});

async function grown(path: string, size: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const { size: written } = await Deno.stat(path).catch(() => ({ size: 0 }));
    if (written >= size) return;
    await sleep(1);
  }
}

/**
 * s3rver hides what its listing's tokens say with DES, which OpenSSL has given up: here a cipher of
 * that name changes nothing.
 */
function allowDes(): void {
  const { createCipheriv, createDecipheriv } = crypto;
  const plain = {
    update: (bytes: string | Uint8Array) => Buffer.from(bytes),
    final: () => Buffer.alloc(0),
  };
  const replacing = (original: (...args: unknown[]) => unknown) => (...args: unknown[]) =>
    args[0] === "des" ? plain : original(...args);
  Object.assign(crypto, {
    createCipheriv: replacing(createCipheriv as (...args: unknown[]) => unknown),
    createDecipheriv: replacing(createDecipheriv as (...args: unknown[]) => unknown),
  });
}

allowDes();
