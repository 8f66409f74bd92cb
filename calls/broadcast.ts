import type { MixedFrame } from "../mixer/mixer.ts";
import type { RecordedEvent } from "../recordings/store.ts";
import type { CallSink } from "./call_sinks.ts";
import { CatchUp, type CatchUpOptions } from "./catch_up.ts";
import { EventView } from "./event_view.ts";
import type { Listener } from "./listener.ts";
import { View, type ViewOptions } from "./view.ts";

/** The live sink: hands every frame to those who listen, each in the view they asked for. */
export class Broadcast implements CallSink {
  readonly #frameSamples: number;
  readonly #views = new Map<string, View>();
  readonly #catchUps = new Set<CatchUp>();
  #position = 0;
  #hasEnded = false;
  /** The pause that lasts. */
  #pause: RecordedEvent | undefined;

  constructor(frameSamples: number) {
    this.#frameSamples = frameSamples;
    // The plain view is always there, so that its signs of life keep their pace.
    const plain: ViewOptions = { channels: 1, silenceAsPcm: false };
    this.#views.set(View.key(plain), new View(plain, frameSamples));
  }

  /** Number of listeners. */
  get size(): number {
    let size = 0;
    for (const view of this.#views.values()) size += view.size;
    return size;
  }

  /** Where the next frame begins. */
  get position(): number {
    return this.#position;
  }

  /** Adds a listener, who gets all frames from now on; one who comes too late hears the end. */
  add(listener: Listener, options: ViewOptions): void {
    this.#add(listener, options);
    if (options.withEvents && this.#pause !== undefined) listener.send(JSON.stringify(this.#pause));
  }

  /** Sends a listener what `past` holds from `position` on, and adds it then. */
  async catchUp(
    listener: Listener,
    view: ViewOptions,
    position: number,
    from: Pick<CatchUpOptions, "clock" | "past" | "events">,
  ): Promise<void> {
    const catchUp = new CatchUp({
      ...from,
      listener,
      view,
      frameSamples: this.#frameSamples,
      edge: () => this.#position,
      join: () => this.#add(listener, view),
    });
    this.#catchUps.add(catchUp);
    try {
      await catchUp.run(position);
    } finally {
      this.#catchUps.delete(catchUp);
    }
  }

  #add(listener: Listener, options: ViewOptions): void {
    const key = View.key(options);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = options.withEvents
        ? new EventView(options, this.#frameSamples)
        : new View(options, this.#frameSamples);
      // There are 16 different views at most.
      this.#views.set(key, view);
    }
    view.add(listener, this.#position);
    if (this.#hasEnded) view.end();
  }

  write(frame: MixedFrame): void {
    this.#position = frame.position + this.#frameSamples;
    for (const view of this.#views.values()) view.write(frame);
  }

  /** Tells those who asked for events what happened. */
  note(event: RecordedEvent): void {
    if (event.type === "paused") this.#pause = event;
    if (event.type === "resumed") this.#pause = undefined;
    for (const view of this.#views.values()) if (view instanceof EventView) view.note(event);
    for (const catchUp of this.#catchUps) catchUp.note(event);
  }

  /** The call is over. */
  end(): void {
    this.#hasEnded = true;
    for (const view of this.#views.values()) view.end();
  }

  /** Ends all listeners for another reason. */
  close(code: number, reason: string): void {
    for (const view of this.#views.values()) view.close(code, reason);
    for (const { listener } of this.#catchUps) listener.close(code, reason);
  }
}
