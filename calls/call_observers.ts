import type { Call } from "./call.ts";
import type { CallObserver, CallWarning } from "./call_options.ts";
import type { RecordedEvent } from "../recordings/store.ts";

/** Several observers as one: each is told in turn. */
export class CallObservers implements Required<CallObserver> {
  readonly #observers: readonly CallObserver[];

  constructor(observers: readonly CallObserver[]) {
    this.#observers = observers;
  }

  onAnnounce(call: Call): void {
    for (const observer of this.#observers) observer.onAnnounce?.(call);
  }

  onWithdraw(call: Call): void {
    for (const observer of this.#observers) observer.onWithdraw?.(call);
  }

  onStart(call: Call): void {
    for (const observer of this.#observers) observer.onStart?.(call);
  }

  onEnd(call: Call, reason: string): void {
    for (const observer of this.#observers) observer.onEnd?.(call, reason);
  }

  onWarning(call: Call, warning: CallWarning): void {
    for (const observer of this.#observers) observer.onWarning?.(call, warning);
  }

  onEvent(call: Call, event: RecordedEvent): void {
    for (const observer of this.#observers) observer.onEvent?.(call, event);
  }

  onUpdate(call: Call): void {
    for (const observer of this.#observers) observer.onUpdate?.(call);
  }

  onRecordingGap(call: Call, samples: number): void {
    for (const observer of this.#observers) observer.onRecordingGap?.(call, samples);
  }

  onListeners(call: Call, change: { joined: boolean }): void {
    for (const observer of this.#observers) observer.onListeners?.(call, change);
  }

  onRecording(...told: Parameters<NonNullable<CallObserver["onRecording"]>>): void {
    for (const observer of this.#observers) observer.onRecording?.(...told);
  }
}
