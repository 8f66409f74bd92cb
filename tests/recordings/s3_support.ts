import { type Clock, systemClock } from "../../mixer/clock.ts";
import { S3Store, type S3StoreOptions } from "../../recordings/s3_store.ts";
import type { RecordingRef } from "../../recordings/store.ts";
import { S3Server } from "../support/s3_server.ts";
import { sleep } from "../support/test_server.ts";

/** How a store for a test differs from the usual one. */
export interface TestStoreOptions extends Partial<S3StoreOptions> {
  readonly clock?: Clock;
}

/** A server of S3, stores that use it, and what they told. Closes with `await using`. */
export class S3Bench implements AsyncDisposable {
  readonly server: S3Server;
  readonly warnings: string[] = [];
  readonly notices: string[] = [];
  readonly #folder: string;
  readonly #stores: S3Store[] = [];
  #spools = 0;

  private constructor(server: S3Server, folder: string) {
    this.server = server;
    this.#folder = folder;
  }

  static async start(): Promise<S3Bench> {
    return new S3Bench(
      await S3Server.start(),
      await Deno.makeTempDir({ prefix: "earshot-spool-" }),
    );
  }

  /** A folder for a spool that no other store has. */
  spoolFolder(): string {
    return `${this.#folder}/${this.#spools++}`;
  }

  /** A store with small parts and a spool of its own. */
  async open(options: TestStoreOptions = {}): Promise<S3Store> {
    const store = await S3Store.open({
      access: this.server.access,
      prefix: "calls",
      clock: systemClock,
      spoolFolder: this.spoolFolder(),
      spoolBytes: 64 * 1024 * 1024,
      partBytes: 64 * 1024,
      onWarning: (message) => this.warnings.push(message),
      onNotice: (message) => this.notices.push(message),
      ...options,
    });
    this.#stores.push(store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.faults = () => undefined;
    this.server.release();
    for (const store of this.#stores) await store.close();
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Waits until a recording, or all of them, have left the spool. @throws after 30 s */
export async function settled(store: S3Store, ref?: RecordingRef): Promise<void> {
  await until(() => ref === undefined ? store.status.waiting === 0 : !store.isWaiting(ref));
}

/** Asks again and again. @throws after 30 s */
export async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!await is()) {
    if (performance.now() > deadlineMs) throw new Error(`It did not become as wished: ${is}`);
    await sleep(1);
  }
}
