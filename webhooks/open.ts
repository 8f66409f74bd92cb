import type { EventHub, HubEvent } from "../events/hub.ts";
import type { Clock } from "../mixer/clock.ts";
import { Delivery } from "./delivery.ts";
import { WebhookQueue } from "./queue.ts";
import { Webhooks, type WebhooksOptions } from "./webhooks.ts";

/** What {@linkcode openWebhooks} puts together. */
export interface WebhookSettings extends Pick<WebhooksOptions, "onWarning" | "onCount"> {
  clock: Clock;
  hub: EventHub;
  /** Where messages go, and the Standard Webhooks secret that signs them. */
  url: string;
  secret: string;
  /** Most messages that wait. */
  limit: number;
  /** An existing folder for the queue; without one it lasts as long as the process. */
  folder?: string;
}

/** What a receiver is told of; the protocol describes each. */
const TYPES = new Set(["call.started", "call.ended", "recording.ready", "recording.failed"]);

/** Begins to tell a receiver what happens to the calls of all organisations. */
export function openWebhooks(settings: WebhookSettings): Webhooks {
  const { clock, hub, url, secret, limit, folder, onWarning, onCount } = settings;
  const webhooks = new Webhooks({
    clock,
    queue: openQueue(folder, limit, onWarning),
    delivery: new Delivery({ clock, url, secret }),
    onWarning,
    onCount,
  });
  hub.subscribeAll((event) => {
    if (!TYPES.has(event.type)) return;
    const { type, organisation, data } = event;
    webhooks.send({ type, organisation, callId: callIdOf(event), data });
  });
  return webhooks;
}

/** The queue in a folder; where that cannot be used, one in memory: no server stays away for it. */
function openQueue(
  folder: string | undefined,
  limit: number,
  onWarning: (message: string) => void,
): WebhookQueue {
  if (folder === undefined) return new WebhookQueue(":memory:", limit);
  const path = `${folder}/webhooks.sqlite`;
  try {
    return new WebhookQueue(path, limit);
  } catch (error) {
    onWarning(
      `Cannot use ${path}: ${
        error instanceof Error ? error.message : error
      }. Until the next start ` +
        "webhooks wait in memory; move the file away if it is damaged",
    );
    return new WebhookQueue(":memory:", limit);
  }
}

/** The call an event is about: named by it, or described in it. */
function callIdOf({ data }: HubEvent): string {
  const { callId, call } = data;
  if (typeof callId === "string") return callId;
  const described = typeof call === "object" && call !== null && "id" in call ? call.id : undefined;
  return typeof described === "string" ? described : "";
}
