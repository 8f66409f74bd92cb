import type { Clock, TimerHandle } from "./mixer/clock.ts";

/** What an {@linkcode HttpServer} is made of. */
export interface HttpServerOptions {
  hostname: string;
  /** 0 for any that is free. */
  port: number;
  clock: Clock;
  handler: Deno.ServeHandler<Deno.NetAddr>;
  /** The first of some failures in a row: nothing is accepted for a while. Must not throw. */
  onTrouble(error: unknown): void;
  /** Connections have been accepted again for a while. Must not throw. */
  onRelief(): void;
}

/** How long to wait before the next attempt to listen, ms. */
const AGAIN_MS = 250;
/** How long it must go well after a failure to be well again, ms. */
const WELL_MS = 10_000;

/**
 * An HTTP server that goes on. When the process has no descriptor left, Deno stops accepting for good
 * and rejects `finished`, which ends the process. The connections that there are, WebSockets included,
 * go on: only listening has to begin again.
 */
export class HttpServer {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  readonly #options: HttpServerOptions;
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #timer: TimerHandle | undefined;
  #failures = 0;
  #isTroubled = false;
  #isClosing = false;

  /** Listens. @throws {Deno.errors.AddrInUse} and the like */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.addr = this.#listen(options.port);
  }

  /** Times that listening ended or could not begin, since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Accepts nothing more, and settles when all connections have ended, as Deno's `shutdown()` does. */
  async shutdown(): Promise<void> {
    this.#isClosing = true;
    this.#options.clock.clearTimeout(this.#timer);
    // Whoever is still connected to one that failed goes with the process.
    await this.#server?.shutdown();
  }

  #listen(port: number): Deno.NetAddr {
    const { hostname, handler } = this.#options;
    const server = Deno.serve({ hostname, port, onListen: () => {} }, handler);
    this.#server = server;
    server.finished.catch((error) => {
      this.#server = undefined;
      this.#fail(error);
    });
    return server.addr;
  }

  #fail(error: unknown): void {
    if (this.#isClosing) return;
    this.#failures++;
    if (!this.#isTroubled) this.#options.onTrouble(error);
    this.#isTroubled = true;
    this.#schedule(AGAIN_MS, () => this.#listenAgain());
  }

  #listenAgain(): void {
    try {
      this.#listen(this.addr.port);
    } catch (error) {
      return this.#fail(error);
    }
    this.#schedule(WELL_MS, () => {
      this.#isTroubled = false;
      this.#options.onRelief();
    });
  }

  #schedule(ms: number, step: () => void): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(step, ms);
  }
}
