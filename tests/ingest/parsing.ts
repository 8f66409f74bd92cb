import assert from "node:assert/strict";
import {
  IngestError,
  type IngestErrorCode,
  type IngestEvent,
  type IngestReply,
  type Provider,
  type ProviderParser,
} from "../../ingest/provider.ts";

/** For a parser whose answers nobody looks at. */
export const NO_REPLY: IngestReply = { send() {}, close() {} };

export type Message = string | Uint8Array<ArrayBuffer>;

const CODES: IngestErrorCode[] = [
  "bad_message",
  "bad_start",
  "bad_frame",
  "unknown_track",
  "not_started",
  "already_started",
  "too_big",
];

/** A copy of the events of one message, their payloads included. */
export function eventsOf(parser: ProviderParser, message: Message): IngestEvent[] {
  return Array.from(
    parser.parse(message),
    (event) =>
      event.type === "audio"
        ? { ...event, payload: event.payload.slice() }
        : structuredClone(event),
  );
}

/** A parser that has taken the sample's opening. */
export function openStarted(sample: { provider: Provider; opening: Message[] }): ProviderParser {
  const parser = sample.provider.open(NO_REPLY);
  for (const message of sample.opening) eventsOf(parser, message);
  return parser;
}

/** Asserts that `message` is refused with `code`, in words that teach. */
export function assertRefused(
  parser: ProviderParser,
  message: Message,
  code: IngestErrorCode,
  says?: RegExp,
): void {
  assert.throws(() => eventsOf(parser, message), (error) => {
    assertIngestError(error);
    assert.equal(error.code, code, error.message);
    if (says !== undefined) assert.match(error.message, says);
    return true;
  });
}

/** Asserts that `error` is an IngestError as the protocol has them. */
export function assertIngestError(error: unknown): asserts error is IngestError {
  assert.ok(error instanceof IngestError, `threw ${error}`);
  assert.ok(CODES.includes(error.code), error.code);
  assert.equal(error.closeCode, error.code === "too_big" ? 1009 : 1008);
  assert.match(error.message, /^Cannot .*[^.]$/s);
  assert.ok(error.message.length < 500, `too long: ${error.message}`);
}
