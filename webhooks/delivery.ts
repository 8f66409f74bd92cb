import { Webhook } from "standardwebhooks";
import type { Clock } from "../mixer/clock.ts";
import type { QueuedMessage } from "./queue.ts";

/** A receiver that has not answered by then has failed, ms. */
const TIMEOUT_MS = 15_000;

/** What became of an attempt; `reason` says in words why it failed. */
export type DeliveryOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly retryAfterMs?: number };

/** Where messages go and how they are signed. */
export interface DeliveryOptions {
  clock: Clock;
  url: string;
  /** Standard Webhooks secret: `whsec_` and base64. */
  secret: string;
}

/**
 * Sends messages to one receiver, signed as Standard Webhooks has it
 * (https://www.standardwebhooks.com): HMAC-SHA256 over id, timestamp and body.
 */
export class Delivery {
  readonly #clock: Clock;
  readonly #url: string;
  readonly #signer: Webhook;

  constructor({ clock, url, secret }: DeliveryOptions) {
    this.#clock = clock;
    this.#url = url;
    this.#signer = new Webhook(secret);
  }

  /** Tries once. Never rejects. Only a 2xx answer is a success; redirects are not followed. */
  async send({ id, body }: QueuedMessage, signal: AbortSignal): Promise<DeliveryOutcome> {
    const now = new Date(this.#clock.wallTime());
    const timeout = new AbortController();
    const timer = this.#clock.setTimeout(() => timeout.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        redirect: "manual",
        headers: {
          "content-type": "application/json",
          "user-agent": "Earshot",
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
          "webhook-signature": this.#signer.sign(id, now, body),
        },
        body,
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      await response.body?.cancel();
      if (response.ok) return { ok: true };
      const retryAfterMs = 1000 * Number(response.headers.get("retry-after") ?? NaN);
      const reason = `it answered ${response.status}`;
      return { ok: false, reason, ...(retryAfterMs > 0 && { retryAfterMs }) };
    } catch (error) {
      if (timeout.signal.aborted) return { ok: false, reason: `no answer in ${TIMEOUT_MS} ms` };
      // The cause alone: the message of the error itself shows the URL, which may carry a secret.
      const cause = error instanceof Error && error.cause instanceof Error
        ? error.cause.message
        : "";
      return { ok: false, reason: `it cannot be reached${cause && `: ${cause}`}` };
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}
