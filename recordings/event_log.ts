import type { RecordedEvent } from "./store.ts";

/** How much an {@linkcode EventLog} keeps. */
export interface EventLogLimits {
  maxEvents: number;
  /** Most characters of all events as JSON. */
  maxCharacters: number;
}

/** The events of one recording, as many as fit. */
export class EventLog {
  /** What was kept, in the order it was told. Not a copy. */
  readonly events: RecordedEvent[];
  readonly #limits: EventLogLimits;
  #characters = 0;

  /** @param events what the recording begins with; copied, and counted like all others */
  constructor(events: readonly RecordedEvent[], limits: EventLogLimits) {
    this.events = [...events];
    this.#limits = limits;
    this.#characters = JSON.stringify(events).length;
  }

  /** Keeps `event`, which must not change any more. Answers false when it does not fit. */
  add(event: RecordedEvent): boolean {
    if (this.events.length >= this.#limits.maxEvents) return false;
    const characters = jsonLength(event);
    if (this.#characters + characters > this.#limits.maxCharacters) return false;
    this.#characters += characters;
    this.events.push(event);
    return true;
  }
}

/** Length as JSON, or Infinity for what JSON cannot carry. */
function jsonLength(event: RecordedEvent): number {
  try {
    return JSON.stringify(event).length;
  } catch {
    return Infinity;
  }
}
