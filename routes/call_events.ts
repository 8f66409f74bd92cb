import type { Call, CallObserver } from "../calls/call.ts";
import type { CallWarning } from "../calls/call_options.ts";
import type { EventHub } from "../events/hub.ts";
import type { RecordingRef, RecordingState } from "../recordings/store.ts";
import { describeCall } from "./call_description.ts";
import type { Services } from "./services.ts";
import { callUrls } from "./urls.ts";

/** What of the services is needed to tell what happens to calls. */
type TellingServices = Pick<Services, "audience"> & { readonly hub: EventHub };

/** Publishes what happens to calls, as the API shows them. */
export class CallEvents {
  readonly #services: TellingServices;
  readonly #origin: string;

  /** @param origin start of the URLs, without a slash at the end */
  constructor(services: TellingServices, origin: string) {
    this.#services = services;
    this.#origin = origin;
  }

  /** Takes what happens to calls. */
  readonly observe: CallObserver = (event) => {
    switch (event.type) {
      case "announced":
      case "withdrawn":
      case "started":
      case "ended": {
        const { type, call } = event;
        return this.#publish(call, `call.${type}`, { call: this.#describe(call) });
      }
      case "warning":
        return this.#publishWarning(event.call, event.warning);
      case "updated": {
        const { paused, ingestLost, details: { id: callId, metadata } } = event.call;
        return this.#publish(event.call, "call.updated", { callId, paused, ingestLost, metadata });
      }
      case "listeners":
        return this.#publishListeners(event.call, event.joined);
      case "recording":
        return this.#publishRecording(event.recording, event.state);
    }
  };

  #publishWarning(call: Call, warning: CallWarning): void {
    const { code, message, active = true, position, track } = warning;
    const about = { ...(position !== undefined && { position }), ...(track && { track }) };
    const callId = call.details.id;
    this.#publish(call, "call.warning", { callId, code, message, active, ...about });
  }

  #publishListeners(call: Call, joined: boolean): void {
    // At the end of a call all leave, which is no news.
    if (call.state === "ended") return;
    const callId = call.details.id;
    const listeners = this.#services.audience.of(callId);
    this.#publish(call, joined ? "listener.joined" : "listener.left", { callId, listeners });
  }

  #publishRecording({ organisation, callId }: RecordingRef, state: RecordingState): void {
    const happened = state === "complete" || state === "recovered" ? "ready" : state;
    const url = callUrls(this.#origin, callId).recordingUrl;
    this.#services.hub.publish(organisation, `recording.${happened}`, {
      callId,
      recording: { state, url },
    });
  }

  #describe(call: Call) {
    return describeCall(call, this.#origin, this.#services);
  }

  #publish({ details }: Call, type: string, data: Record<string, unknown>): void {
    this.#services.hub.publish(details.organisation, type, data);
  }
}
