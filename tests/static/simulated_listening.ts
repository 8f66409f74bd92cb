/** The player from its socket to its sound, in simulated time. */
import { ManualClock } from "../../mixer/clock.ts";
import { Player } from "../../static/audio/player.js";
import { TimeMachine } from "../../static/feed/time_machine.js";
import type { Latency, Status } from "../../static/listening.js";
import type { SimulatedCall } from "./simulated_call.ts";

const QUANTUM = 128;

export type PlayerStatus = Omit<Status, "latency"> & {
  frame: number;
  latency: Omit<Latency, "totalMs">;
};

/** What a listener's browser does: the worker's time machine, the worklet's player, a device. */
export class SimulatedListening {
  readonly clock = new ManualClock(1000);
  readonly machine: TimeMachine;
  readonly player: Player;
  readonly statuses: PlayerStatus[] = [];
  readonly reports: { state?: string; type?: string }[] = [];
  /** All that was played, at the device's rate. */
  readonly heard: Float32Array;
  /** Most that waited to be played in worker and worklet. */
  frames = 0;
  /** Longest list of messages... of the worker's backlog, in samples. */
  readonly #call: SimulatedCall;
  readonly #rateHz: number;

  constructor(call: SimulatedCall, { rateHz = call.rateHz, seconds = 600 } = {}) {
    this.#call = call;
    this.#rateHz = rateHz;
    this.heard = new Float32Array(seconds * rateHz);
    this.player = new Player(rateHz, (status) => this.statuses.push(status as PlayerStatus));
    this.machine = new TimeMachine(
      (message) => this.player.onFeed(message, this.#deviceMs),
      (message) => this.reports.push(message),
      {
        openSocket: (url) => call.openSocket(url),
        fetch: (url, init) => call.fetch(url, init),
        setTimeout: (callback, ms) => this.clock.setTimeout(callback, ms),
        clearTimeout: (timer) => this.clock.clearTimeout(timer),
        now: () => this.clock.now(),
        random: () => 0.5,
      },
    );
    this.player.answer = (message) =>
      this.machine.want(message as { samples: number; turn: number });
  }

  get #deviceMs(): number {
    return this.frames * 1000 / this.#rateHz;
  }

  get status(): PlayerStatus {
    return this.statuses[this.statuses.length - 1];
  }

  open(from?: number): void {
    const url = "ws://host/live/a/ws?token=k";
    this.machine.open({ url, statusUrl: "http://host/live/a/ws?token=k", from });
  }

  /** Lets the time pass. */
  async run(ms: number): Promise<void> {
    const untilMs = this.clock.now() + ms;
    while (this.clock.now() < untilMs) {
      await this.clock.advance(QUANTUM / this.#rateHz * 1000);
      this.#call.step(this.clock.now());
      this.player.process(this.heard.subarray(this.frames, this.frames + QUANTUM), this.frames);
      this.frames += QUANTUM;
    }
  }

  /** Lets the time pass until `done`. @throws after `mostMs` */
  async until(done: (status: PlayerStatus) => boolean, mostMs = 10_000): Promise<void> {
    for (let ms = 0; ms < mostMs; ms += 50) {
      if (this.statuses.length > 0 && done(this.status)) return;
      await this.run(50);
    }
    throw new Error(`Not within ${mostMs} ms; now ${JSON.stringify(this.status)}`);
  }
}
