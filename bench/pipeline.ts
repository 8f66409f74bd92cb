import { Pipeline } from "../mixer/pipeline.ts";
import type { Clock, TimerHandle } from "../mixer/clock.ts";
import { Ticker } from "../mixer/ticker.ts";
import { Recorder } from "../recordings/recorder.ts";
import { nowhere } from "./nowhere.ts";
import { testSignal } from "./signal.ts";

const SAMPLE_RATE = 8000;
const CHUNK_MS = 20;
const TICK_MS = 50;
const REPAIR_SAMPLES = 5 * SAMPLE_RATE;

/** A clock for one timer, that of a ticker, and without the cost of a general one. */
class StepClock implements Clock {
  #nowMs = 0;
  #dueMs = Infinity;
  #callback: () => void = () => {};

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    this.#callback = callback;
    this.#dueMs = this.#nowMs + delayMs;
    return this;
  }

  clearTimeout(): void {
    this.#dueMs = Infinity;
  }

  step(ms: number): void {
    this.#nowMs += ms;
    if (this.#dueMs > this.#nowMs) return;
    this.#dueMs = Infinity;
    this.#callback();
  }
}

/**
 * Earshot's pipeline without sockets, JSON or files: two sides into a mixer, its stream teed into a
 * live sink that makes bytes of the mix and a recorder that reads everything again 5 s later.
 */
export class PipelineBench {
  readonly #clock = new StepClock();
  readonly #pipelines: Pipeline[] = [];
  readonly #signal = testSignal();
  readonly #live = new Int16Array((SAMPLE_RATE * TICK_MS) / 1000);
  readonly #running: Promise<void>[] = [];
  /** What has arrived since the last tick, for all calls the same, and how much of it each has taken. */
  readonly #arrived: { payload: Uint8Array; nowMs: number; number: number }[] = [];
  readonly #taken: number[] = [];
  #chunk = 0;
  #awaited = 0;
  #allTaken: () => void = () => {};

  /** @param calls that run at the same time */
  constructor(calls: number) {
    const clock = this.#clock;
    // All ticks at once, however many calls: the time is stepped by hand.
    const ticker = new Ticker(clock, { crowd: Infinity });
    const format = { encoding: "mulaw", sampleRate: SAMPLE_RATE } as const;
    for (let call = 0; call < calls; call++) {
      // Subscribed before its mixer, it is called before it.
      ticker.subscribe(clock.now(), () => this.#takeIn(call));
      const pipeline = new Pipeline({
        clock,
        ticker,
        sampleRate: SAMPLE_RATE,
        formats: { user: format, bot: format },
        botAudio: "live",
        holdbackMs: 100,
        botQueueMs: 120_000,
      });
      const recorder = record(pipeline, call, clock);
      const running = pipeline.run(
        (frame) => this.#live.set(frame.mix),
        (frame) => {
          recorder.write(frame.position);
          if (--this.#awaited === 0) this.#allTaken();
        },
      );
      this.#pipelines.push(pipeline);
      this.#taken.push(0);
      this.#running.push(running.then(() => void recorder.finish(0)));
    }
  }

  /** Lets so many ticks of 50 ms pass; settles when every sink has taken its frames. */
  async run(ticks: number): Promise<void> {
    // Two ticks are five chunks of 20 ms.
    for (let pair = 0; pair < ticks / 2; pair++) {
      for (let step = 0; step < 10; step++) {
        if (step % 2 === 0) this.#arrive();
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#allTaken = resolve;
        // Two ticks of holdback pass before the first frame.
        const isTick = step % 5 === 4 && this.#chunk > 7;
        this.#awaited = isTick ? this.#pipelines.length : 0;
        this.#clock.step(TICK_MS / 5);
        if (!isTick) continue;
        await promise;
        this.#arrived.length = 0;
        this.#taken.fill(0);
      }
    }
  }

  /** Ends all calls. */
  async end(): Promise<void> {
    for (const pipeline of this.#pipelines) pipeline.end();
    await Promise.all(this.#running);
  }

  #arrive(): void {
    const payload = this.#signal[this.#chunk % this.#signal.length];
    this.#arrived.push({ payload, nowMs: this.#clock.now(), number: ++this.#chunk });
  }

  /** As an ingest session does: what has arrived waits for the tick. */
  #takeIn(call: number): void {
    const { user, bot } = this.#pipelines[call];
    while (this.#taken[call] < this.#arrived.length) {
      const { payload, nowMs, number } = this.#arrived[this.#taken[call]++];
      const mediaMs = (number - 1) * CHUNK_MS;
      user.push(payload, nowMs, mediaMs, number);
      bot.push(payload, nowMs, mediaMs, number);
    }
  }
}

function record(pipeline: Pipeline, call: number, clock: Clock): Recorder {
  return new Recorder({
    ...pipeline.repairedSources(),
    store: nowhere,
    clock,
    info: {
      version: 2,
      callId: `call${call}`,
      organisation: "bench",
      sampleRate: SAMPLE_RATE,
      channels: 2,
      startedAt: 0,
      state: "recording",
      samples: 0,
      metadata: {},
      markers: [],
      events: [],
    },
    frameSamples: pipeline.timeline.frameSamples,
    maxSamples: SAMPLE_RATE * 86_400,
    delaySamples: REPAIR_SAMPLES,
  });
}
