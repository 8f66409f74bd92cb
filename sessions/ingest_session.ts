import type { Call } from "../calls/call.ts";
import type { IngestOwner } from "../calls/ingest_owners.ts";
import { CallRefusedError, type CallRegistry } from "../calls/registry.ts";
import type { EventHub } from "../events/hub.ts";
import {
  IngestError,
  type IngestEvent,
  type Provider,
  type ProviderParser,
  type StartedCall,
  type StartEvent,
  type TrackName,
} from "../ingest/provider.ts";
import type { Log } from "../log.ts";
import type { Clock, TimerHandle } from "../mixer/clock.ts";
import type { Feed } from "../mixer/inbox.ts";
import type { Pipeline } from "../mixer/pipeline.ts";
import type { Ticker } from "../mixer/ticker.ts";
import type { IngestSockets } from "./ingest_sockets.ts";
import { START_WITHIN_MS, StartAllowance } from "./start_allowance.ts";

/** Broken messages in a row after which a provider's socket is closed. */
const MAX_BROKEN = 100;
/** Problems are told to the sender and logged at most this often, ms. */
const COMPLAIN_EVERY_MS = 1000;

/** The part of a WebSocket a session needs. */
export interface IngestSocket {
  send(message: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

/** What of the server a session works with. */
export interface IngestServices {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly hub: EventHub;
  readonly calls: CallRegistry;
  /** Whose key a credential is. */
  readonly keys: { find(credential: string): string | null };
  readonly ingestSockets: IngestSockets;
  readonly config: { readonly ingestIdleSeconds: number; readonly botQueueSeconds: number };
}

/** What an {@linkcode IngestSession} is made of. */
export interface IngestSessionOptions {
  services: IngestServices;
  provider: Provider;
  socket: IngestSocket;
  /** What a sender is told of its call, by the call's id. */
  describe: (callId: string) => StartedCall;
  /** Whose key the upgrade carried, for providers that carry one there. */
  organisation?: string;
}

/** One ingest socket: parses its messages and does to its call what they say. */
export class IngestSession implements IngestOwner, EventListenerObject {
  readonly #clock: Clock;
  readonly #ticker: Ticker;
  readonly #parser: ProviderParser;
  /** As the call's pipeline knows this socket; closed with it. */
  readonly #feed: Feed;
  readonly #options: IngestSessionOptions;
  readonly #allowance = new StartAllowance();
  #organisation: string | undefined;
  #call: Call | undefined;
  #pipeline: Pipeline | undefined;
  #complainedAtMs = -Infinity;
  #heardAtMs: number;
  #timer: TimerHandle;

  constructor(options: IngestSessionOptions) {
    const { services, provider } = options;
    this.#options = options;
    this.#clock = services.clock;
    this.#ticker = services.ticker;
    const parser = provider.open({
      send: (message) => this.#send(message),
      close: (code, reason) => this.close(code, reason),
    });
    this.#parser = parser;
    this.#feed = {
      parser,
      broken: 0,
      closed: false,
      refused: (error) => this.#refused(error),
      ahead: (track) => this.#ahead(track),
    };
    this.#organisation = options.organisation;
    this.#heardAtMs = services.clock.now();
    this.#timer = services.clock.setTimeout(
      () => this.#refuse(StartAllowance.overdue()),
      START_WITHIN_MS,
    );
    services.ingestSockets.add(this);
  }

  /** Whether the socket has shown a credential. */
  get isAuthenticated(): boolean {
    return this.#organisation !== undefined;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** `false` also while the provider makes the parser: nothing can be sent yet. */
  get #isOpen(): boolean {
    return this.#feed?.closed === false;
  }

  /** Takes the socket's `message` events. */
  handleEvent(event: MessageEvent<string | ArrayBuffer>): void {
    this.message(event.data);
  }

  /**
   * Takes one message as the WebSocket gives it. Audio waits for the next frame to be mixed; anything
   * else happens at once, after what arrived before it.
   */
  message(data: string | ArrayBuffer): void {
    const feed = this.#feed;
    if (feed.closed) return;
    const nowMs = this.#clock.now();
    const lagMs = this.#ticker.lagMs(nowMs);
    this.#heardAtMs = nowMs;
    const inbox = this.#pipeline?.inbox;
    if (inbox !== undefined && this.#canWait(data)) return inbox.add(feed, data, nowMs, lagMs);
    inbox?.drain();
    this.#take(data, nowMs, lagMs);
  }

  #canWait(data: string | ArrayBuffer): boolean {
    try {
      return this.#parser.canWait?.(data) ?? false;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #take(data: string | ArrayBuffer, nowMs: number, lagMs: number): void {
    // What came before may have closed it.
    if (this.#feed.closed) return;
    try {
      if (this.#call === undefined) this.#allowance.take(data);
      const message = typeof data === "string" ? data : new Uint8Array(data);
      for (const event of this.#parser.parse(message)) {
        if (event.type === "audio") this.#pipeline?.push(this.#feed, event, nowMs, lagMs);
        else this.#apply(event);
      }
      this.#feed.broken = 0;
    } catch (error) {
      this.#refused(error);
    }
  }

  /** A message was of no use, for what was thrown. */
  #refused(error: unknown): void {
    if (error instanceof IngestError) this.#refuse(error);
    else if (error instanceof RangeError) this.#refuse(new IngestError("bad_frame", error.message));
    else this.#fail(error);
  }

  /** An exception that leaves an event handler would end the process and all of its calls. */
  #fail(error: unknown): void {
    this.#options.services.log.error("ingest message failed", { error });
    this.close(1011, "internal error");
  }

  /** The socket has closed, whoever closed it. Idempotent. */
  closed(): void {
    this.#pipeline?.inbox.drain();
    const { clock, ingestSockets } = this.#options.services;
    this.#feed.closed = true;
    clock.clearTimeout(this.#timer);
    ingestSockets.delete(this);
    this.#call?.lose(this);
    this.#call = this.#pipeline = undefined;
  }

  released(reason: string): void {
    this.#call = undefined;
    this.#hook(() => this.#parser.ended?.(reason));
    this.close(1000, reason);
  }

  /** Closes the socket; the call, if there is one, lives on through its grace time. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    try {
      this.#options.socket.close(code, reason);
    } catch {
      // Closed already.
    }
    this.closed();
  }

  #apply(event: Exclude<IngestEvent, { type: "audio" }>): void {
    const call = this.#call;
    if (event.type === "start") return this.#start(event);
    if (call === undefined) return;
    switch (event.type) {
      case "clear":
        return call.clear();
      case "pause":
        return call.pause();
      case "resume":
        return call.resume();
      case "event": {
        const { name, data } = event;
        return call.note({ type: "event", position: call.position, name, data });
      }
      case "stop":
        void call.end(event.reason);
        return;
    }
  }

  /** Audio was discarded because it lies too far ahead. */
  #ahead(track: TrackName): void {
    const seconds = this.#options.services.config.botQueueSeconds;
    this.#complain(
      track === "bot"
        ? new IngestError(
          "bot_queue_full",
          `Cannot queue bot audio: ${seconds} s wait to be spoken; send it no further ahead`,
        )
        : new IngestError(
          "user_audio_ahead",
          "Cannot place user audio: it is ahead of real time; send it as it is said",
        ),
    );
  }

  #start(event: StartEvent): void {
    const { services, provider } = this.#options;
    const organisation = this.#authenticate(event);
    const { callId: id, sampleRate, tracks: formats, media, metadata, side, resume } = event;
    const { botAudio } = provider;
    const request = {
      id,
      organisation,
      sampleRate,
      formats,
      media,
      metadata,
      botAudio,
      side,
      resume,
    };
    try {
      const { calls } = services;
      this.#call = calls.join(request, this) ?? calls.start(request, this);
    } catch (error) {
      if (error instanceof CallRefusedError) throw new IngestError(error.code, error.message);
      if (error instanceof RangeError) throw new IngestError("bad_start", error.message);
      throw error;
    }
    this.#pipeline = this.#call.pipeline;
    services.clock.clearTimeout(this.#timer);
    this.#watch();
    const { id: callId } = this.#call.details;
    this.#hook(() => this.#parser.started?.(this.#options.describe(callId)));
  }

  #authenticate(event: StartEvent): string {
    if (this.#organisation !== undefined) return this.#organisation;
    const { keys, ingestSockets } = this.#options.services;
    const organisation = event.credential === undefined ? null : keys.find(event.credential);
    if (organisation === null) {
      throw new IngestError(
        "unauthorized",
        "Cannot start call: send a valid API key as the custom parameter token",
      );
    }
    this.#organisation = organisation;
    ingestSockets.authenticated();
    return organisation;
  }

  /** Closes the socket of a sender that has been idle for too long: it may be gone. */
  #watch(): void {
    const { clock, config } = this.#options.services;
    const quietMs = clock.now() - this.#heardAtMs;
    const leftMs = config.ingestIdleSeconds * 1000 - quietMs;
    if (leftMs <= 0) return this.close(1001, "idle timeout");
    this.#timer = clock.setTimeout(() => this.#watch(), leftMs);
  }

  /** A message broke the protocol: the provider says whether that ends the socket of a call. */
  #refuse(error: IngestError): void {
    const isTolerated = this.#options.provider.onBroken === "skip" && this.#call !== undefined;
    if (isTolerated && ++this.#feed.broken < MAX_BROKEN) return this.#complain(error);
    this.#complain(error, true);
    this.close(error.closeCode, error.code);
  }

  /** Counts a problem, and tells log and sender of it, at most once a second unless it is the last. */
  #complain(error: IngestError, isLast = false): void {
    const { code, message } = error;
    const { services: { clock, log, ingestSockets, hub }, provider } = this.#options;
    const call = this.#call;
    ingestSockets.countRefused(code);
    if (call !== undefined) {
      call.problems.count++;
      call.problems.last = message;
    }
    const nowMs = clock.now();
    if (!isLast && nowMs - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
    this.#complainedAtMs = nowMs;
    const level = this.isAuthenticated || ingestSockets.mayTell(code) ? "warn" : "debug";
    log[level]("ingest message refused", {
      provider: provider.name,
      id: call?.details.id,
      code,
      message,
    });
    if (call === undefined && this.#organisation !== undefined) {
      const { name } = provider;
      hub.publish(this.#organisation, "ingest.refused", { provider: name, code, message });
    }
    this.#hook(() => this.#parser.refused?.(error));
  }

  /** Lets the provider answer. */
  #hook(answer: () => void): void {
    try {
      answer();
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(message: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#isOpen) return;
    try {
      this.#options.socket.send(message);
    } catch {
      // Not open any more.
    }
  }
}
