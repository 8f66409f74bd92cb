import type { Call, CallObserver } from "../calls/call.ts";
import type { Past } from "../calls/past.ts";
import type { EventStream } from "../events/event_stream.ts";
import { framePixels, PixelCollector } from "../events/pixels.ts";
import type { TimerHandle } from "../mixer/clock.ts";
import { computePeaks, PIXEL_BYTES, PIXELS_PER_FRAME } from "../recordings/peaks.ts";
import type { RecordedEvent, RecordingState } from "../recordings/store.ts";
import type { CallDescription } from "./call_description.ts";
import type { Services } from "./services.ts";
import { peaksMessage, PIXELS_PER_MESSAGE, sendMarks, sendPeaks } from "./timeline_messages.ts";

/** What a {@linkcode LiveTimeline} is made of. */
export interface LiveTimelineOptions {
  call: Call;
  stream: EventStream;
  services: Pick<Services, "audience" | "clock" | "followers" | "log" | "store">;
  describe: (call: Call) => CallDescription;
}

/** New pixels are sent this often, ms. */
const PEAKS_EVERY_MS = 500;
/** So many of these periods make one after which the state is told again: 5 s. */
const STATE_EVERY = 10;

/** Tells one client of a call that has not ended: its past, and what follows until its end. */
export class LiveTimeline {
  readonly #options: LiveTimelineOptions;
  readonly #frameSamples: number;
  readonly #pixels: PixelCollector;
  #timer: TimerHandle;
  #periods = 0;
  #hasEnded = false;
  /** Ceases to follow the call. */
  #leave = () => {};
  /** Settles when all of the past has been sent. */
  #past: Promise<void> = Promise.resolve();

  constructor(options: LiveTimelineOptions) {
    this.#options = options;
    this.#frameSamples = options.call.details.sampleRate / 20;
    this.#pixels = new PixelCollector(this.#frameSamples, PIXELS_PER_MESSAGE);
  }

  /** Begins to tell. What follows is told from here on, while the past is still being sent. */
  start(): void {
    const { call, stream, services: { followers, clock } } = this.#options;
    const edge = call.broadcast.position;
    // Now, because it is let go of at the end of the call.
    const past = call.memory?.past();
    const { events: marks = [] } = call.memory ?? {};
    this.#sendSnapshot(edge, past?.begin ?? edge);
    stream.onEnd(call.sinks.add(this.#pixels));
    const { id: callId, organisation } = call.details;
    this.#leave = followers.follow({ callId, organisation }, this.#observe);
    stream.onEnd(this.#leave);
    this.#past = this.#sendPast(edge, marks, past);
    this.#beat();
    stream.onEnd(() => clock.clearTimeout(this.#timer));
  }

  readonly #observe: CallObserver = (event) => {
    switch (event.type) {
      case "started":
      case "updated":
        return this.#sendState();
      case "listeners":
        if (event.call.state !== "ended") this.#sendState();
        return;
      case "noted":
        return this.#options.stream.send({ event: "mark", data: event.event });
      case "withdrawn":
      case "ended":
        return void this.#sendEnd();
      case "recording":
        return void this.#sendRecording(event.state);
    }
  };

  async #sendEnd(): Promise<void> {
    const { call, stream, describe } = this.#options;
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { position, reason } = call;
    const { recording } = describe(call);
    // The call's id is free from now on, and the stream may have much to send yet.
    if (recording === null) this.#leave();
    await this.#past;
    this.#sendPixels();
    stream.send({ event: "ended", data: { position, reason, recording } });
    if (recording === null) stream.close();
  }

  async #sendRecording(state: RecordingState): Promise<void> {
    const { call, stream, describe } = this.#options;
    const { recording } = describe(call);
    this.#leave();
    await this.#past;
    stream.send({ event: "recording", data: { ...recording, state } });
    stream.close();
  }

  #sendSnapshot(edge: number, from: number): void {
    const { call, stream, describe } = this.#options;
    const { id, state, sampleRate, startedAt, listeners, metadata, media, recording } = describe(
      call,
    );
    stream.send({
      event: "snapshot",
      data: {
        id,
        state,
        sampleRate,
        startedAt,
        position: edge,
        from,
        samplesPerPixel: this.#frameSamples,
        paused: call.paused,
        ingestLost: call.ingestLost,
        listeners,
        metadata,
        media,
        recording,
      },
    });
  }

  #sendState(): void {
    const { call, stream, services } = this.#options;
    const { state, paused, ingestLost, broadcast: { position } } = call;
    const listeners = services.audience.of(call.details.id);
    stream.send({ event: "state", data: { state, paused, ingestLost, listeners, position } });
  }

  async #sendPast(
    edge: number,
    marks: readonly RecordedEvent[],
    past: Past | undefined,
  ): Promise<void> {
    const { call, stream, services: { log } } = this.#options;
    try {
      if (!await sendMarks(stream, marks)) return;
      const position = await this.#sendStored(edge);
      if (position !== undefined && past !== undefined) {
        await this.#sendRest(past, position, edge);
      }
    } catch (error) {
      log.warn("timeline failed", { id: call.details.id, error });
      stream.close();
    } finally {
      past?.close();
    }
  }

  /** Sends the pixels that the store has. Returns where they end; `undefined` if the stream has. */
  async #sendStored(edge: number): Promise<number | undefined> {
    const { call, stream, services: { store } } = this.#options;
    if (call.recorder === undefined) return 0;
    const { id: callId, organisation } = call.details;
    const stored = await store.open({ organisation, callId });
    const samples = Math.min(edge, stored?.info.samples ?? 0);
    const frames = Math.floor(samples / this.#frameSamples);
    for (let from = 0; from < frames; from += PIXELS_PER_MESSAGE) {
      const to = Math.min(frames, from + PIXELS_PER_MESSAGE);
      const peaks = await stored!.peaks(from * PIXELS_PER_FRAME, to * PIXELS_PER_FRAME);
      if (!await sendPeaks(stream, from, framePixels(peaks))) return undefined;
    }
    return frames * this.#frameSamples;
  }

  /** Computes the pixels of what the store does not have yet. */
  async #sendRest(past: Past, position: number, edge: number): Promise<void> {
    const { stream } = this.#options;
    while (position < edge && !stream.ended) {
      const slice = await past.read(position);
      if (slice === undefined) break;
      const samples = Math.min(slice.pcm.length / 2, edge - slice.position);
      if (samples <= 0) break;
      const frames = Math.ceil(samples / this.#frameSamples);
      const pixels = new Int8Array(frames * PIXEL_BYTES);
      computePeaks(slice.pcm, 0, samples, this.#frameSamples, pixels, 0);
      if (!await sendPeaks(stream, slice.position / this.#frameSamples, pixels)) break;
      position = slice.position + samples;
    }
  }

  #beat(): void {
    if (this.#options.stream.ended) return;
    this.#timer = this.#options.services.clock.setTimeout(() => {
      this.#sendPixels();
      if (++this.#periods % STATE_EVERY === 0) this.#sendState();
      this.#beat();
    }, PEAKS_EVERY_MS);
  }

  #sendPixels(): void {
    const collected = this.#pixels.take();
    if (collected === undefined) return;
    const data = peaksMessage(collected.from, collected.pixels);
    this.#options.stream.send({ event: "peaks", data });
  }
}
