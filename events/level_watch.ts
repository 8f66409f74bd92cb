import type { Call, CallObserver } from "../calls/call.ts";
import type { Clock, TimerHandle } from "../mixer/clock.ts";
import { LevelMeter } from "./level_meter.ts";

/** Call id, peak of the user and of the bot in dBFS. */
export type CallLevels = readonly [callId: string, user: number, bot: number];

/** Takes the levels of an organisation's calls; the array is not used again. Must not throw. */
export type LevelsListener = (levels: readonly CallLevels[]) => void;

/** How often levels are told, ms: a little more than ten times a second, however busy the process is. */
const EVERY_MS = 80;

/** A meter at work. */
interface Metered {
  readonly meter: LevelMeter;
  readonly stop: () => void;
}

/** Those of one organisation who watch, and what is measured for them. */
interface Watch {
  readonly listeners: Set<LevelsListener>;
  readonly meters: Map<string, Metered>;
  timer: TimerHandle;
}

/**
 * How loud calls are, for walls of many: one message for all calls of an organisation, a dozen times a
 * second. Nothing is measured of an organisation that nobody watches.
 */
export class LevelWatch {
  readonly #clock: Clock;
  readonly #active: () => Iterable<Call>;
  readonly #watches = new Map<string, Watch>();

  /** @param active the calls that have not ended */
  constructor(clock: Clock, active: () => Iterable<Call>) {
    this.#clock = clock;
    this.#active = active;
  }

  /** Number of meters at work. */
  get meters(): number {
    let meters = 0;
    for (const watch of this.#watches.values()) meters += watch.meters.size;
    return meters;
  }

  /** Tells `listener` the levels from now on. Returns how to leave. */
  subscribe(organisation: string, listener: LevelsListener): () => void {
    const watch = this.#watches.get(organisation) ?? this.#begin(organisation);
    const own: LevelsListener = (levels) => listener(levels);
    watch.listeners.add(own);
    return () => {
      if (watch.listeners.delete(own) && watch.listeners.size === 0) this.#end(organisation, watch);
    };
  }

  /** Takes what happens to calls: one that begins is measured if somebody watches. */
  readonly observe: CallObserver = (event) => {
    if (event.type !== "started" && event.type !== "ended") return;
    const { call, type } = event;
    const watch = this.#watches.get(call.details.organisation);
    if (watch === undefined) return;
    if (type === "started") return this.#measure(watch, call);
    watch.meters.get(call.details.id)?.stop();
    watch.meters.delete(call.details.id);
  };

  #begin(organisation: string): Watch {
    const watch: Watch = { listeners: new Set(), meters: new Map(), timer: undefined };
    this.#watches.set(organisation, watch);
    for (const call of this.#active()) {
      const isOurs = call.details.organisation === organisation;
      if (isOurs && call.state === "live") this.#measure(watch, call);
    }
    const tell = () => {
      watch.timer = this.#clock.setTimeout(tell, EVERY_MS);
      this.#tell(watch);
    };
    watch.timer = this.#clock.setTimeout(tell, EVERY_MS);
    return watch;
  }

  #end(organisation: string, watch: Watch): void {
    this.#clock.clearTimeout(watch.timer);
    for (const { stop } of watch.meters.values()) stop();
    this.#watches.delete(organisation);
  }

  #measure(watch: Watch, call: Call): void {
    const meter = new LevelMeter();
    watch.meters.set(call.details.id, { meter, stop: call.sinks.add(meter) });
  }

  #tell({ meters, listeners }: Watch): void {
    const levels: CallLevels[] = [];
    for (const [id, { meter }] of meters) {
      const peaks = meter.take();
      if (peaks !== undefined) levels.push([id, ...peaks]);
    }
    if (levels.length === 0) return;
    for (const listener of listeners) listener(levels);
  }
}
