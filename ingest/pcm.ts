import { z } from "zod";
import { readPcmEvent } from "./pcm_event.ts";
import { PcmFraming } from "./pcm_framing.ts";
import {
  IngestError,
  type IngestEvent,
  type IngestReply,
  type Provider,
  type ProviderParser,
  type StartedCall,
} from "./provider.ts";
import { shown } from "./shown.ts";
import {
  callIdSchema,
  flagSchema,
  mediaSchema,
  metadataSchema,
  readStart,
  sampleRateSchema,
  tracksSchema,
} from "./start_options.ts";
import { readTextMessage } from "./text_message.ts";

/** Earshot's own protocol, for agents and media servers: JSON text and binary audio. */
export const pcm: Provider = {
  name: "pcm",
  credentialIn: "upgrade",
  onBroken: "close",
  botAudio: "speech",
  open: (reply) => new PcmParser(reply),
};

/** Longest reason for the end of a call, in characters; what is longer is cut. */
const MAX_REASON_CHARS = 128;

const NOTHING: readonly IngestEvent[] = [];

const startSchema = z.object({
  callId: callIdSchema.exactOptional(),
  sampleRate: sampleRateSchema.exactOptional(),
  tracks: tracksSchema.default(() => ({})),
  timestamps: flagSchema.default(false),
  media: mediaSchema.default(() => ({})),
  metadata: metadataSchema.default(() => ({})),
  resume: flagSchema.default(false),
});

class PcmParser implements ProviderParser {
  /** Set by an accepted start. */
  #framing: PcmFraming | undefined;
  /** The one result of this parser, rewritten by every message. */
  readonly #result: IngestEvent[] = [];
  readonly #reply: IngestReply;

  constructor(reply: IngestReply) {
    this.#reply = reply;
  }

  started({ callId, listenUrl, playerUrl }: StartedCall): void {
    this.#send({ type: "started", callId, listenUrl, playerUrl });
  }

  refused({ code, message }: IngestError): void {
    this.#send({ type: "error", code, message });
  }

  #send(message: Record<string, string>): void {
    this.#reply.send(JSON.stringify(message));
  }

  canWait(message: string | ArrayBuffer): boolean {
    return typeof message !== "string";
  }

  /** The result and an audio event in it are valid until the next call. */
  parse(message: string | Uint8Array): Iterable<IngestEvent> {
    const event = typeof message === "string"
      ? this.#readText(message)
      : this.#started("audio").read(message);
    if (event === undefined) return NOTHING;
    this.#result[0] = event;
    return this.#result;
  }

  #readText(message: string): IngestEvent {
    const fields = readTextMessage(message);
    const { type } = fields;
    switch (type) {
      case "start":
        return this.#start(fields);
      case "clear":
        this.#started(type);
        return { type, track: "bot" };
      case "pause":
      case "resume":
        this.#started(type);
        return { type };
      case "event":
        this.#started(type);
        return readPcmEvent(fields);
      case "end":
        this.#started(type);
        return { type: "stop", reason: readReason(fields.reason) };
      default:
        throw new IngestError(
          "bad_message",
          "Cannot read message: type takes start, clear, pause, resume, event or end, received " +
            shown(type),
        );
    }
  }

  #start(fields: Record<string, unknown>): IngestEvent {
    if (this.#framing !== undefined) {
      throw new IngestError(
        "already_started",
        "Cannot start call: this socket carries one already, received a second start; open a " +
          "socket for each call",
      );
    }
    const { timestamps, ...options } = readStart(startSchema, fields);
    this.#framing = new PcmFraming(timestamps);
    return { type: "start", ...options };
  }

  #started(what: string): PcmFraming {
    if (this.#framing !== undefined) return this.#framing;
    throw new IngestError(
      "not_started",
      `Cannot take ${what}: the first message must be the text {"type":"start",…}`,
    );
  }
}

/** An over-long reason is cut, not refused: the call is over whatever it says. */
function readReason(reason: unknown): string {
  if (reason === undefined || reason === "") return "ended";
  if (typeof reason === "string") return reason.slice(0, MAX_REASON_CHARS).toWellFormed();
  throw new IngestError(
    "bad_message",
    `Cannot end call: reason takes text, received ${shown(reason)}`,
  );
}
