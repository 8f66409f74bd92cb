import type { Call } from "../calls/call.ts";
import type { CallObserver, CallWarning } from "../calls/call_options.ts";
import type { RecordedEvent, RecordingRef, RecordingState } from "../recordings/store.ts";

/** Those who follow single calls: each is told of its own call alone. */
export class CallFollowers implements CallObserver {
  readonly #byCall = new Map<string, Set<CallObserver>>();

  /** Tells `follower` what happens to a call from now on. Answers how to leave. */
  follow(callId: string, follower: CallObserver): () => void {
    const followers = this.#byCall.get(callId) ?? new Set();
    this.#byCall.set(callId, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0) this.#byCall.delete(callId);
    };
  }

  onStart(call: Call): void {
    for (const follower of this.#of(call)) follower.onStart?.(call);
  }

  onEnd(call: Call, reason: string): void {
    for (const follower of this.#of(call)) follower.onEnd?.(call, reason);
  }

  onWarning(call: Call, warning: CallWarning): void {
    for (const follower of this.#of(call)) follower.onWarning?.(call, warning);
  }

  onEvent(call: Call, event: RecordedEvent): void {
    for (const follower of this.#of(call)) follower.onEvent?.(call, event);
  }

  onUpdate(call: Call): void {
    for (const follower of this.#of(call)) follower.onUpdate?.(call);
  }

  onListeners(call: Call, change: { joined: boolean }): void {
    for (const follower of this.#of(call)) follower.onListeners?.(call, change);
  }

  onRecording(recording: RecordingRef, state: RecordingState): void {
    const followers = this.#byCall.get(recording.callId) ?? NOBODY;
    for (const follower of followers) follower.onRecording?.(recording, state);
  }

  #of({ details: { id } }: Call): Iterable<CallObserver> {
    return this.#byCall.get(id) ?? NOBODY;
  }
}

const NOBODY: Iterable<CallObserver> = [];
