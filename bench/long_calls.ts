import { Audience } from "../calls/audience.ts";
import { CallIndex } from "../archive/call_index.ts";
import type { CallObserver } from "../calls/call.ts";
import { tellAll } from "../calls/call_observers.ts";
import { openIndexDatabase } from "../archive/index_database.ts";
import type { Call } from "../calls/call.ts";
import type { ListenerSocket } from "../calls/listener.ts";
import { CallRegistry } from "../calls/registry.ts";
import { loadConfig } from "../config.ts";
import { CallFollowers } from "../events/call_followers.ts";
import { EventHub } from "../events/hub.ts";
import type { ProviderParser } from "../ingest/provider.ts";
import { twilio } from "../ingest/twilio.ts";
import { Metrics } from "../metrics.ts";
import { ManualClock } from "../mixer/clock.ts";
import { Ticker } from "../mixer/ticker.ts";
import type { RecordingStore } from "../recordings/store.ts";
import { CallEvents } from "../routes/call_events.ts";
import { testSignal } from "./signal.ts";

/** What calls to drive. */
export interface LongCallsOptions {
  recording: boolean;
  /** Left out: the default of the setting. */
  rewindSeconds?: number;
  /** Takes the recordings of calls that are recorded. */
  store: RecordingStore;
}

const ORGANISATION = "bench";
const CHUNK_MS = 20;
/** Longer than any call: one whose recording is full is held as one that is not recorded. */
const MAX_SECONDS = 7200;
const FORMAT = { encoding: "mulaw", sampleRate: 8000 } as const;

/** One call, what parses its messages, and how far its listener has come. */
interface Driven {
  readonly call: Call;
  readonly parser: ProviderParser;
  readonly heard: { bytes: number };
}

/**
 * Calls as the server has them, from the text of Twilio's messages to the bytes that a listener's
 * socket is given, in simulated time. Not there are sockets, HTTP and a disk. Both sides always have
 * sound, and each call has one listener.
 */
export class LongCalls {
  readonly #clock = new ManualClock();
  readonly #registry: CallRegistry;
  readonly #audience: Audience;
  readonly #index: CallIndex;
  readonly #recording: boolean;
  readonly #payloads = testSignal().map((bytes) => bytes.toBase64());
  readonly #driven: Driven[] = [];
  #chunk = 0;

  constructor({ recording, rewindSeconds, store }: LongCallsOptions) {
    const config = loadConfig((name) =>
      name === "EARSHOT_REWIND_SECONDS" ? rewindSeconds?.toString() : undefined
    );
    const clock = this.#clock;
    const metrics = new Metrics();
    const observers: CallObserver[] = [];
    const observer = tellAll(observers, fail);
    const audience = new Audience({
      clock,
      maxPerCall: config.maxListenersPerCall,
      maxPerOrganisation: config.maxListenersPerOrg,
      maxSlowMs: config.slowListenerSeconds * 1000,
      onChange: (call, { joined }) => observer({ type: "listeners", call, joined }),
    });
    const hub = new EventHub({ keptPerOrganisation: config.eventsKept });
    const events = new CallEvents({ hub, audience }, "");
    observers.push(metrics.observe, events.observe, new CallFollowers().observe);
    this.#recording = recording;
    this.#audience = audience;
    this.#index = new CallIndex({
      database: openIndexDatabase(undefined, fail),
      clock,
      endedCallsKept: config.endedCallsKept,
      onWarning: fail,
    });
    this.#registry = new CallRegistry({
      environment: {
        clock,
        ticker: new Ticker(clock, { onWake: metrics.observeLateness }),
        store,
        observer,
        holdbackMs: config.holdbackMs,
        botQueueMs: config.botQueueSeconds * 1000,
        graceMs: config.graceSeconds * 1000,
        rewindMs: config.rewindSeconds * 1000,
        announceMs: config.announceSeconds * 1000,
      },
      mediaDefaults: config.mediaDefaults,
      maxCalls: config.maxCalls,
      maxCallsPerOrganisation: config.maxCallsPerOrg,
      index: this.#index,
    });
  }

  /** Begins calls, each with a listener, beside those that go on. */
  start(calls: number): void {
    for (let number = 0; number < calls; number++) {
      const id = `call${this.#driven.length}`;
      const call = this.#registry.start({
        id,
        organisation: ORGANISATION,
        formats: { user: FORMAT, bot: FORMAT },
        media: { live: true, recording: this.#recording, maxDurationSeconds: MAX_SECONDS },
        botAudio: twilio.botAudio,
      }, { heardAtMs: 0, released: () => {} });
      const parser = twilio.open({ send() {}, close() {} });
      Array.from(parser.parse(startMessage(id)));
      const heard = { bytes: 0 };
      const view = { channels: 1, silenceAsPcm: false } as const;
      call.addListener(this.#audience.admit(call, new CountingSocket(heard), view), view);
      this.#driven.push({ call, parser, heard });
    }
  }

  /**
   * Lets the calls go on.
   *
   * @throws when their listeners were not sent all of it
   */
  async run(seconds: number): Promise<void> {
    const before = this.#driven.map(({ heard }) => heard.bytes);
    for (let chunk = 0; chunk < (seconds * 1000) / CHUNK_MS; chunk++) {
      await this.#clock.advance(CHUNK_MS);
      this.#push();
    }
    this.#driven.forEach(({ heard }, index) => {
      const heardSeconds = (heard.bytes - before[index]) / (2 * FORMAT.sampleRate);
      if (heardSeconds > seconds - 1) return;
      throw new Error(`Cannot measure: of ${seconds} s a listener heard ${heardSeconds} s`);
    });
  }

  /** Ends all calls. */
  async close(): Promise<void> {
    await this.#registry.close("ended");
    this.#index.close();
  }

  /** 20 ms of both sides of every call. */
  #push(): void {
    const nowMs = this.#clock.now();
    const payload = this.#payloads[this.#chunk % this.#payloads.length];
    const user = mediaMessage("inbound", this.#chunk, payload);
    const bot = mediaMessage("outbound", this.#chunk, payload);
    this.#chunk++;
    for (const { call, parser } of this.#driven) {
      take(call, parser, user, nowMs);
      take(call, parser, bot, nowMs);
    }
  }
}

/** What an ingest session does with audio. */
function take(call: Call, parser: ProviderParser, message: string, nowMs: number): void {
  for (const event of parser.parse(message)) {
    if (event.type !== "audio") continue;
    call.pipeline?.[event.track].push(event.payload, nowMs, event.mediaMs, event.sequence);
  }
}

/** A socket with a fast network behind it: nothing ever waits. */
class CountingSocket implements ListenerSocket {
  readonly bufferedAmount = 0;
  readonly #heard: { bytes: number };

  constructor(heard: { bytes: number }) {
    this.#heard = heard;
  }

  send(data: string | Uint8Array): void {
    if (typeof data !== "string") this.#heard.bytes += data.length;
  }

  close(): void {}
}

function startMessage(callSid: string): string {
  return JSON.stringify({
    event: "start",
    sequenceNumber: "1",
    start: {
      accountSid: "AC1",
      streamSid: "MZ1",
      callSid,
      tracks: ["inbound", "outbound"],
      customParameters: {},
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
    },
    streamSid: "MZ1",
  });
}

function mediaMessage(track: string, chunk: number, payload: string): string {
  return `{"event":"media","sequenceNumber":"${2 * chunk + 2}","media":{"track":"${track}",` +
    `"chunk":"${chunk + 1}","timestamp":"${chunk * CHUNK_MS}","payload":"${payload}"},` +
    `"streamSid":"MZ1"}`;
}

function fail(problem: unknown): never {
  throw new Error(`Cannot drive calls: ${problem}`);
}
