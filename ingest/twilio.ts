import {
  type AudioEvent,
  IngestError,
  type IngestEvent,
  type Provider,
  type ProviderParser,
} from "./provider.ts";
import { shown } from "./shown.ts";
import { readTextMessage } from "./text_message.ts";
import { verifyTwilioSignature } from "./twilio_signature.ts";
import {
  isTwilioMedia,
  readTwilioMedia,
  scanTwilioMedia,
  type TwilioMedia,
} from "./twilio_media.ts";
import { readTwilioStart } from "./twilio_start.ts";

/** Twilio Media Streams: JSON text messages, mu-law in base64. */
export const twilio: Provider = {
  name: "twilio",
  // Twilio drops the query string of a stream's URL and sends no headers of ours.
  credentialIn: "start",
  onBroken: "skip",
  botAudio: "live",
  verifyUpgrade: ({ url, headers }, authToken) =>
    verifyTwilioSignature({ authToken, url, signature: headers.get("x-twilio-signature") }),
  open: () => new TwilioParser(),
};

const NOTHING: readonly IngestEvent[] = [];

/** Room for a message of 20 ms, 160 bytes, several times over. */
const SCRATCH_BYTES = 1024;

class TwilioParser implements ProviderParser {
  #started = false;
  readonly #media: TwilioMedia = { track: "user", mediaMs: 0, sequence: 0, payload: "" };
  readonly #audio: AudioEvent = { type: "audio", track: "user", payload: new Uint8Array(0) };
  /** The one result of this parser, rewritten by every message. */
  readonly #result: IngestEvent[] = [];
  /** Decoded payloads; grows with the longest, which the limit on text keeps below 64 KiB. */
  #scratch = new Uint8Array(SCRATCH_BYTES);

  canWait(message: string | ArrayBuffer): boolean {
    return typeof message === "string" && isTwilioMedia(message);
  }

  /** The result and an audio event in it are valid until the next call. */
  parse(message: string | Uint8Array): Iterable<IngestEvent> {
    if (typeof message !== "string") {
      throw new IngestError(
        "bad_message",
        `Cannot read message: Twilio sends text, received ${message.length} bytes of binary`,
      );
    }
    const event = this.#scan(message) ?? this.#readText(message);
    if (event === undefined) return NOTHING;
    this.#result[0] = event;
    return this.#result;
  }

  /** The fast way for what nearly every message is; `undefined` if it may be anything else. */
  #scan(message: string): AudioEvent | undefined {
    if (!this.#started || !scanTwilioMedia(message, this.#media)) return undefined;
    const { payload } = this.#media;
    const bytes = this.#decode(payload);
    // White space, which base64 may have and JSON may not, makes fewer bytes than characters tell.
    const padding = payload.endsWith("==") ? 2 : payload.endsWith("=") ? 1 : 0;
    return bytes > 0 && bytes === payload.length * 3 / 4 - padding
      ? this.#audioOf(bytes)
      : undefined;
  }

  #readText(message: string): IngestEvent | undefined {
    const fields = readTextMessage(message);
    if (fields.event !== "media" && isTwilioMedia(message)) {
      // It may have waited as audio does, and what it says of itself at its end is too late then.
      throw new IngestError("bad_message", "Cannot read message: event is there twice");
    }
    switch (fields.event) {
      case "media":
        this.#mustBeStarted("media");
        readTwilioMedia(fields, this.#media);
        return this.#takeMedia();
      case "start":
        return this.#start(fields);
      case "dtmf":
        this.#mustBeStarted("dtmf");
        return readDtmf(fields);
      case "stop":
        this.#mustBeStarted("stop");
        return { type: "stop", reason: "hangup" };
      default:
        // "connected", "mark" and whatever Twilio adds one day say nothing about the audio.
        if (typeof fields.event === "string") return undefined;
        throw new IngestError(
          "bad_message",
          `Cannot read message: event takes text, received ${shown(fields.event)}`,
        );
    }
  }

  #start(fields: Record<string, unknown>): IngestEvent {
    if (this.#started) {
      throw new IngestError(
        "already_started",
        "Cannot start call: this stream carries one already, received a second start",
      );
    }
    const event = readTwilioStart(fields);
    this.#started = true;
    return event;
  }

  #takeMedia(): AudioEvent | undefined {
    this.#mustBeStarted("media");
    const bytes = this.#decode(this.#media.payload);
    if (bytes === -1) {
      throw new IngestError(
        "bad_frame",
        `Cannot take audio: media.payload takes base64, received ${this.#media.payload.length} ` +
          "characters that are not",
      );
    }
    return bytes === 0 ? undefined : this.#audioOf(bytes);
  }

  /** The audio event of what stands in `#media` and, decoded, at the beginning of the scratch buffer. */
  #audioOf(bytes: number): AudioEvent {
    const audio = this.#audio;
    audio.track = this.#media.track;
    audio.mediaMs = this.#media.mediaMs;
    audio.sequence = this.#media.sequence;
    // Messages are of one length nearly always: a view less to make for each.
    if (audio.payload.length !== bytes || audio.payload.buffer !== this.#scratch.buffer) {
      audio.payload = this.#scratch.subarray(0, bytes);
    }
    return audio;
  }

  /** Decodes into the scratch buffer; returns the number of bytes, -1 if it is not base64. */
  #decode(base64: string): number {
    // The decoder stops where the room ends, which here is never before the end of the text: it sees
    // every fault.
    const roomBytes = Math.ceil(base64.length / 4) * 3;
    if (roomBytes > this.#scratch.length) this.#scratch = new Uint8Array(roomBytes);
    try {
      return this.#scratch.setFromBase64(base64).written;
    } catch {
      return -1;
    }
  }

  #mustBeStarted(what: string): void {
    if (this.#started) return;
    throw new IngestError("not_started", `Cannot take ${what}: no start message came before it`);
  }
}

/** Twilio detects the keys of the caller only. */
function readDtmf(fields: Record<string, unknown>): IngestEvent {
  const { dtmf } = fields;
  const digit = typeof dtmf === "object" && dtmf !== null && "digit" in dtmf
    ? dtmf.digit
    : undefined;
  if (typeof digit !== "string" || !/^[0-9A-D*#]$/.test(digit)) {
    throw new IngestError(
      "bad_message",
      `Cannot take dtmf: dtmf.digit takes one of 0-9 A-D * #, received ${shown(digit)}`,
    );
  }
  return { type: "event", name: "dtmf", data: { digit, track: "user" } };
}
