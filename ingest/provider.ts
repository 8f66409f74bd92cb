/**
 * What a provider of call audio looks like to the rest of Earshot: messages in, events and answers
 * out. A provider never sees a socket or a call.
 *
 * @module
 */
import type { TrackFormat } from "../mixer/decode.ts";
import type { AudioEvent, TrackName } from "../mixer/inbox.ts";

export type { AudioEvent, TrackName } from "../mixer/inbox.ts";

/** How each side's audio is encoded on the wire. */
export type TrackFormats = Record<TrackName, TrackFormat>;

/** What is done with a call's audio; a field left out takes the server's default. */
export interface MediaOptions {
  live?: boolean;
  recording?: boolean;
  maxDurationSeconds?: number;
}

/** A call begins, or (with `resume`) a lost ingest socket is replaced. */
export interface StartEvent {
  type: "start";
  /** Left out: the server makes one. */
  callId?: string;
  /** For providers whose upgrade request cannot carry a credential. */
  credential?: string;
  /** The call's rate in Hz; left out, that of an announced call, or 8000. */
  sampleRate?: 8000 | 16000;
  /** Left out for a side: `pcm_s16le` at the call's rate. */
  tracks: Partial<TrackFormats>;
  media: MediaOptions;
  metadata: Record<string, string>;
  /**
   * Take over the call if its ingest socket was lost. A parser cannot know whether there is such a
   * call: resuming an unknown one is a plain start.
   */
  resume: boolean;
  /** The one side that this socket brings; another socket with the same `callId` may bring the other. */
  side?: TrackName;
}

export type IngestEvent =
  | StartEvent
  | AudioEvent
  /** Barge-in: what the bot has not yet spoken is discarded. */
  | { type: "clear"; track: "bot" }
  /** Redaction begins and ends: time goes on, sound does not. */
  | { type: "pause" }
  | { type: "resume" }
  /** A transcript line, DTMF, a tool call: handed to listeners and kept with the recording. */
  | { type: "event"; name: string; data: unknown }
  | { type: "stop"; reason: string };

/** The way back to the sender, for a provider that has something to say. */
export interface IngestReply {
  /** Sends a text or binary message. What the socket does not take any more is lost. */
  send(message: string | Uint8Array<ArrayBuffer>): void;
  /**
   * Closes the socket. The call, if there is one, lives on through its grace time: a `stop` event ends it.
   *
   * @param code 1000, or what the provider's protocol says
   */
  close(code: number, reason: string): void;
}

/** What a sender may be told of its call once it has begun. */
export interface StartedCall {
  readonly callId: string;
  readonly listenUrl: string;
  readonly playerUrl: string;
}

/**
 * Turns one socket's messages into events, and answers them where the provider wants answers; may hold
 * state, which no other socket shares. What a hook throws closes the socket, and no other.
 */
export interface ProviderParser {
  /**
   * Whether the message is one of audio that loses nothing when it is parsed some ms later, together
   * with others: a quick guess, wrong only in that it may be `false`. What waits must not yield anything
   * but audio. Never asked before the call has begun. Without it no message waits, which costs more.
   */
  canWait?(message: string | ArrayBuffer): boolean;
  /**
   * Parses one message. A text message comes as a string, a binary one as bytes that the parser may
   * keep only until it returns. The events are to be used before the next message is parsed: the
   * list and its audio event may be rewritten then. After an error the parser is as it was before
   * the message.
   *
   * @throws {IngestError} when the message breaks the provider's protocol
   */
  parse(message: string | Uint8Array): Iterable<IngestEvent>;
  /** The call has begun, has been joined, or has been taken over. */
  started?(call: StartedCall): void;
  /**
   * A message was refused: now and then of those that are skipped, and always before the socket is closed
   * for it.
   */
  refused?(error: IngestError): void;
  /** The call has ended, or another socket has taken it over; the socket is closed after this. */
  ended?(reason: string): void;
}

/** One way for call audio to come in, mounted at `/ingest/{name}`. */
export interface Provider {
  readonly name: string;
  /**
   * Where the credential is found: on the upgrade request, or in the `start` event of a socket that
   * until then is trusted with nothing.
   */
  readonly credentialIn: "upgrade" | "start";
  /**
   * What becomes of a socket whose call has begun when a message breaks the protocol: it is closed, for a
   * sender that can be told and comes back, or only the message is skipped. A hundred in a row close it
   * all the same.
   */
  readonly onBroken: "close" | "skip";
  /**
   * What the bot's audio is: `speech` that is to be spoken from its arrival on and may come ahead of
   * time, or a `live` leg of the call, as the caller hears it.
   */
  readonly botAudio: "speech" | "live";
  /**
   * Whether the upgrade request really comes from the provider. Called when the operator has given the
   * provider's secret; left out by providers that sign nothing.
   *
   * @param upgrade its public `wss://` URL and its headers
   */
  readonly verifyUpgrade?: (upgrade: UpgradeRequest, secret: string) => boolean;
  /** A parser for one socket, which may keep `reply` and use it at any time. */
  open(reply: IngestReply): ProviderParser;
}

/** What a provider may have signed. */
export interface UpgradeRequest {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** Machine-readable codes of what can be wrong with an ingest message. */
export type IngestErrorCode =
  | "bad_message"
  | "bad_start"
  | "bad_frame"
  | "unknown_track"
  | "not_started"
  | "already_started"
  | "too_big"
  | "unauthorized"
  | "call_exists"
  | "call_not_found"
  | "bot_queue_full"
  | "user_audio_ahead"
  | "limit_reached";

/** A message that breaks the protocol. `message` says what to do, without a full stop. */
export class IngestError extends Error {
  override readonly name = "IngestError";
  readonly code: IngestErrorCode;
  /** WebSocket close code that fits: 1008 protocol, 1009 too big. */
  readonly closeCode: 1008 | 1009;

  constructor(code: IngestErrorCode, message: string) {
    super(message);
    this.code = code;
    this.closeCode = code === "too_big" ? 1009 : 1008;
  }
}
