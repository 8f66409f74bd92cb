import type { CallEvent, CallObserver } from "../calls/call.ts";
import type { RecordingRef } from "../recordings/store.ts";

/**
 * Those who follow single calls: each is told of its own call alone, and not of another organisation's
 * that has its id later on.
 */
export class CallFollowers {
  readonly #byCall = new Map<string, Set<CallObserver>>();

  /** Calls that are followed. */
  get size(): number {
    return this.#byCall.size;
  }

  /** Tells `follower` what happens to a call from now on. Returns how to leave, idempotent. */
  follow(call: RecordingRef, follower: CallObserver): () => void {
    const key = keyOf(call);
    const followers = this.#byCall.get(key) ?? new Set();
    this.#byCall.set(key, followers.add(follower));
    return () => {
      if (followers.delete(follower) && followers.size === 0) this.#byCall.delete(key);
    };
  }

  /** Takes what happens to any call. */
  readonly observe: CallObserver = (event) => {
    const followers = this.#byCall.get(keyOf(refOf(event)));
    if (followers !== undefined) { for (const follower of followers) follower(event); }
  };
}

/** Which call, or which call's recording, it is about. */
function refOf(event: CallEvent): RecordingRef {
  if (event.type === "recording") return event.recording;
  const { id: callId, organisation } = event.call.details;
  return { callId, organisation };
}

function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}
