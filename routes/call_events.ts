import type { Call } from "../calls/call.ts";
import type { CallObserver, CallWarning } from "../calls/call_options.ts";
import type { EventHub } from "../events/hub.ts";
import { describeCall } from "./call_description.ts";
import type { Services } from "./services.ts";
import { callUrls } from "./urls.ts";

/** What of the services is needed to tell what happens to calls. */
type TellingServices = Pick<Services, "audience"> & { readonly hub: EventHub };

/** Publishes what happens to calls, as the API shows them. */
export class CallEvents implements CallObserver {
  readonly #services: TellingServices;
  readonly #origin: string;

  /** @param origin start of the URLs, without a slash at the end */
  constructor(services: TellingServices, origin: string) {
    this.#services = services;
    this.#origin = origin;
  }

  onAnnounce(call: Call): void {
    this.#publish(call, "call.announced", { call: this.#describe(call) });
  }

  onWithdraw(call: Call): void {
    this.#publish(call, "call.withdrawn", { call: this.#describe(call) });
  }

  onStart(call: Call): void {
    this.#publish(call, "call.started", { call: this.#describe(call) });
  }

  onEnd(call: Call): void {
    this.#publish(call, "call.ended", { call: this.#describe(call) });
  }

  onWarning(call: Call, { code, message, active = true, position, track }: CallWarning): void {
    const about = { ...(position !== undefined && { position }), ...(track && { track }) };
    const callId = call.details.id;
    this.#publish(call, "call.warning", { callId, code, message, active, ...about });
  }

  onUpdate(call: Call): void {
    const { paused, ingestLost, details: { id: callId, metadata } } = call;
    this.#publish(call, "call.updated", { callId, paused, ingestLost, metadata });
  }

  onListeners(call: Call, { joined }: { joined: boolean }): void {
    // At the end of a call all leave, which is no news.
    if (call.state === "ended") return;
    const callId = call.details.id;
    const listeners = this.#services.audience.of(callId);
    this.#publish(call, joined ? "listener.joined" : "listener.left", { callId, listeners });
  }

  readonly onRecording: NonNullable<CallObserver["onRecording"]> = (recording, state) => {
    const { organisation, callId } = recording;
    const happened = state === "complete" || state === "recovered" ? "ready" : state;
    const url = callUrls(this.#origin, callId).recordingUrl;
    this.#services.hub.publish(organisation, `recording.${happened}`, {
      callId,
      recording: { state, url },
    });
  };

  #describe(call: Call) {
    return describeCall(call, this.#origin, this.#services);
  }

  #publish({ details }: Call, type: string, data: Record<string, unknown>): void {
    this.#services.hub.publish(details.organisation, type, data);
  }
}
