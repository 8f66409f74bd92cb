import type { Call } from "./call.ts";
import type { CallObserver, CallWarning } from "./call_options.ts";
import type { RecordedEvent } from "../recordings/store.ts";

/**
 * Several observers as one: each is told in turn. One that throws, which none should, keeps the news from
 * nobody and ends no call.
 */
export class CallObservers implements Required<CallObserver> {
  readonly #observers: readonly CallObserver[];
  readonly #onError: (error: unknown) => void;

  /** @param onError is told what an observer threw; must not throw */
  constructor(observers: readonly CallObserver[], onError: (error: unknown) => void) {
    this.#observers = observers;
    this.#onError = onError;
  }

  onAnnounce(call: Call): void {
    this.#tell((observer) => observer.onAnnounce?.(call));
  }

  onWithdraw(call: Call): void {
    this.#tell((observer) => observer.onWithdraw?.(call));
  }

  onStart(call: Call): void {
    this.#tell((observer) => observer.onStart?.(call));
  }

  onEnd(call: Call, reason: string): void {
    this.#tell((observer) => observer.onEnd?.(call, reason));
  }

  onWarning(call: Call, warning: CallWarning): void {
    this.#tell((observer) => observer.onWarning?.(call, warning));
  }

  onEvent(call: Call, event: RecordedEvent): void {
    this.#tell((observer) => observer.onEvent?.(call, event));
  }

  onUpdate(call: Call): void {
    this.#tell((observer) => observer.onUpdate?.(call));
  }

  onRecordingGap(call: Call, samples: number): void {
    this.#tell((observer) => observer.onRecordingGap?.(call, samples));
  }

  onListeners(call: Call, change: { joined: boolean }): void {
    this.#tell((observer) => observer.onListeners?.(call, change));
  }

  onRecording(...told: Parameters<NonNullable<CallObserver["onRecording"]>>): void {
    this.#tell((observer) => observer.onRecording?.(...told));
  }

  #tell(news: (observer: CallObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        news(observer);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
