import type { RecordedEvent } from "./store.ts";

/** How much an {@linkcode EventLog} keeps. */
export interface EventLogLimits {
  maxEvents: number;
  /** Most characters of all events as JSON. */
  maxCharacters: number;
}

/** Marks of gaps, which count apart: that sound is missing is said even when nothing else is. */
const MAX_GAPS = 1000;

/** Whether an event tells of the sound itself, and not merely what the agent said of the call. */
export function isMarker({ type, name }: RecordedEvent): boolean {
  return type !== "event" || name === "dtmf";
}

/** The markers and events of one recording, together as many as fit. */
export class EventLog {
  readonly #markers: RecordedEvent[];
  readonly #events: RecordedEvent[];
  readonly #gaps: RecordedEvent[] = [];
  readonly #limits: EventLogLimits;
  #characters: number;

  /** @param begins what the recording begins with; copied, and counted like all others */
  constructor(
    begins: { markers: readonly RecordedEvent[]; events: readonly RecordedEvent[] },
    limits: EventLogLimits,
  ) {
    this.#markers = [...begins.markers];
    this.#events = [...begins.events];
    this.#limits = limits;
    this.#characters = JSON.stringify([...this.#markers, ...this.#events]).length;
  }

  /** How many are kept. */
  get count(): number {
    return this.#markers.length + this.#events.length + this.#gaps.length;
  }

  /** Keeps `event`, which must not change any more. Answers false when it does not fit. */
  add(event: RecordedEvent): boolean {
    const { maxEvents } = this.#limits;
    if (this.#markers.length + this.#events.length >= maxEvents) return false;
    const characters = jsonLength(event);
    if (this.#characters + characters > this.#limits.maxCharacters) return false;
    this.#characters += characters;
    (isMarker(event) ? this.#markers : this.#events).push(event);
    return true;
  }

  /** Keeps the mark of a gap, whatever else there is; of far too many, the first. */
  addGap(gap: RecordedEvent): void {
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push(gap);
  }

  /** What is kept: markers by their position, events in the order they were told. */
  snapshot(): { markers: RecordedEvent[]; events: RecordedEvent[] } {
    const markers = [...this.#markers, ...this.#gaps].sort((a, b) => a.position - b.position);
    return { markers, events: [...this.#events] };
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
