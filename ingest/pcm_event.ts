import { IngestError, type IngestEvent } from "./provider.ts";
import { shown, shownKind } from "./shown.ts";

/** Longest name of an event, in characters. */
const MAX_EVENT_NAME_CHARS = 64;
/** How deep an event's data may nest: whoever writes it as JSON must not run out of stack. */
const MAX_EVENT_DEPTH = 64;

/**
 * Reads `{"type":"event","name":…,"data":…}`.
 *
 * @throws {IngestError} `bad_message`
 */
export function readPcmEvent(fields: Record<string, unknown>): IngestEvent {
  const { name, data } = fields;
  if (typeof name !== "string" || name.length < 1 || name.length > MAX_EVENT_NAME_CHARS) {
    throw new IngestError(
      "bad_message",
      `Cannot take event: name takes 1 to ${MAX_EVENT_NAME_CHARS} characters, received ` +
        shown(name),
    );
  }
  if (data === undefined) {
    throw new IngestError(
      "bad_message",
      `Cannot take event: data takes any JSON value, received ${shownKind(data)}; send null if ` +
        "there is none",
    );
  }
  if (nestsDeeper(data, MAX_EVENT_DEPTH)) {
    throw new IngestError(
      "bad_message",
      `Cannot take event: data takes JSON nested at most ${MAX_EVENT_DEPTH} deep, received deeper`,
    );
  }
  return { type: "event", name, data };
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
}
