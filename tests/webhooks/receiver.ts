import { Webhook } from "standardwebhooks";

/** What arrived, with the signature checked by the scheme's own library. */
export interface ReceivedWebhook {
  id: string;
  type: string;
  data: Record<string, unknown>;
  /** What the library said against it, if it did. */
  problem?: string;
}

/** 32 bytes, as a receiver's settings show them. */
export const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/** An HTTP server that takes webhooks, and answers what the test wants. */
export class Receiver implements AsyncDisposable {
  readonly received: ReceivedWebhook[] = [];
  /** Status of the next answers; a promise keeps the sender waiting. */
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 204 });
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #waiting: (() => void)[] = [];

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#receive(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/hook?k=hidden`;
  }

  /** Waits until so many have arrived. */
  async until(count: number): Promise<void> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    const body = await request.text();
    const headers = Object.fromEntries(request.headers);
    const problem = problemOf(() => new Webhook(SECRET).verify(body, headers));
    const { type, data } = JSON.parse(body);
    this.received.push({
      id: headers["webhook-id"],
      type,
      data,
      ...(problem !== undefined && { problem }),
    });
    for (const wake of this.#waiting.splice(0)) wake();
    return await this.answer();
  }
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
