import type { MixedFrame } from "../mixer/mixer.ts";
import type { RecordedEvent } from "../recordings/store.ts";
import type { Listener } from "./listener.ts";
import { View, type ViewOptions } from "./view.ts";

/** What a listener with events knows of its place in the call. */
interface Place {
  /** Position of the frame it expects next; what comes elsewhere is told to it first. */
  expected: number;
  /** First of the frames that it was not sent for want of room, and their number. */
  droppedAt: number;
  dropped: number;
}

/** A frame every second is preceded by its position in any case. */
const FRAMES_PER_SECOND = 20;

/** The messages before a frame have no more, whatever the numbers are. */
const NOTES_BYTES = 160;

/** A view whose listeners are also told where in the call they are, and what happens there. */
export class EventView extends View {
  readonly #frameSamples: number;
  readonly #places = new Map<Listener, Place>();
  #position = 0;

  constructor(options: ViewOptions, frameSamples: number) {
    super(options, frameSamples);
    this.#frameSamples = frameSamples;
  }

  /** @param position of the next frame */
  override add(listener: Listener, position: number): void {
    super.add(listener, position);
    this.#places.set(listener, { expected: position, droppedAt: 0, dropped: 0 });
    listener.onEnd(() => {
      this.remove(listener);
      this.#places.delete(listener);
    });
    listener.send(positionMessage(position));
  }

  override write(frame: MixedFrame): void {
    this.#position = frame.position;
    if (frame.position % (FRAMES_PER_SECOND * this.#frameSamples) === 0) this.#tellPosition();
    super.write(frame);
  }

  /** Tells all what happened. */
  note(event: RecordedEvent): void {
    if (this.#places.size === 0) return;
    const message = JSON.stringify(event);
    for (const listener of this.#places.keys()) listener.send(message);
  }

  protected override deliver(bytes: Uint8Array<ArrayBuffer>): void {
    const position = this.#position;
    for (const [listener, place] of this.#places) {
      // Nothing is sent of what would not be complete.
      const hasRoom = listener.hasRoom(bytes.length + NOTES_BYTES);
      if (hasRoom) this.#tellPlace(listener, place, position);
      if (hasRoom && listener.send(bytes)) {
        place.expected = position + this.#frameSamples;
        continue;
      }
      if (!hasRoom) listener.drop();
      if (place.dropped++ === 0) place.droppedAt = position;
    }
  }

  /** Before a frame: what was dropped, and where it goes on. */
  #tellPlace(listener: Listener, place: Place, position: number): void {
    if (place.dropped > 0) {
      const { droppedAt, dropped: frames } = place;
      listener.send(JSON.stringify({ type: "dropped", position: droppedAt, frames }));
      place.dropped = 0;
    }
    if (place.expected !== position) listener.send(positionMessage(position));
  }

  #tellPosition(): void {
    if (this.#places.size === 0) return;
    const message = positionMessage(this.#position);
    for (const [listener, place] of this.#places) {
      // The one that has just come knows.
      if (listener.send(message)) place.expected = this.#position;
    }
  }
}

/** Says that the next frame begins at `position`. */
export function positionMessage(position: number): string {
  return JSON.stringify({ type: "position", position });
}
