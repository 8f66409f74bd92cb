import type { RecordedEvent } from "./store.ts";

/** How much an {@linkcode EventLog} keeps. */
export interface EventLogLimits {
  maxEvents: number;
  /** Most characters of all events as JSON. */
  maxCharacters: number;
}

/** Whether an event tells of the sound itself, and not merely what the agent said of the call. */
export function isMarker({ type, name }: RecordedEvent): boolean {
  return type !== "event" || name === "dtmf";
}

/** The markers and events of one recording, together as many as fit. */
export class EventLog {
  /** What was kept, in the order it was told. Not copies. */
  readonly markers: RecordedEvent[];
  readonly events: RecordedEvent[];
  readonly #limits: EventLogLimits;
  #characters: number;

  /** @param begins what the recording begins with; copied, and counted like all others */
  constructor(
    begins: { markers: readonly RecordedEvent[]; events: readonly RecordedEvent[] },
    limits: EventLogLimits,
  ) {
    this.markers = [...begins.markers];
    this.events = [...begins.events];
    this.#limits = limits;
    this.#characters = JSON.stringify([...this.markers, ...this.events]).length;
  }

  /** How many are kept. */
  get count(): number {
    return this.markers.length + this.events.length;
  }

  /** Keeps `event`, which must not change any more. Answers false when it does not fit. */
  add(event: RecordedEvent): boolean {
    if (this.count >= this.#limits.maxEvents) return false;
    const characters = jsonLength(event);
    if (this.#characters + characters > this.#limits.maxCharacters) return false;
    this.#characters += characters;
    (isMarker(event) ? this.markers : this.events).push(event);
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
