import type { Call } from "../calls/call.ts";
import type { CallObserver, CallWarning } from "../calls/call_options.ts";
import type { RecordedEvent, RecordingRef, RecordingState } from "../recordings/store.ts";

/**
 * Those who follow single calls: each is told of its own call alone, and not of another organisation's
 * that has its id later on.
 */
export class CallFollowers implements CallObserver {
  readonly #byCall = new Map<string, Set<CallObserver>>();

  /** Calls that are followed. */
  get size(): number {
    return this.#byCall.size;
  }

  /** Tells `follower` what happens to a call from now on. Answers how to leave, idempotent. */
  follow(call: RecordingRef, follower: CallObserver): () => void {
    const key = keyOf(call);
    const followers = this.#byCall.get(key) ?? new Set();
    this.#byCall.set(key, followers.add(follower));
    return () => {
      if (followers.delete(follower) && followers.size === 0) this.#byCall.delete(key);
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
    const followers = this.#byCall.get(keyOf(recording)) ?? NOBODY;
    for (const follower of followers) follower.onRecording?.(recording, state);
  }

  #of({ details: { id: callId, organisation } }: Call): Iterable<CallObserver> {
    return this.#byCall.get(keyOf({ callId, organisation })) ?? NOBODY;
  }
}

function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}

const NOBODY: Iterable<CallObserver> = [];
