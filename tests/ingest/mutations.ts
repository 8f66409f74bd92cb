import fc from "fast-check";
import type { Message } from "./parsing.ts";

/** Messages made from valid ones by damage: cut, overwritten, or a JSON field exchanged. */
export function mutated(valid: Message[]): fc.Arbitrary<Message> {
  const texts = valid.filter((message) => typeof message === "string");
  const binaries = valid.filter((message) => typeof message !== "string");
  const choices: fc.Arbitrary<Message>[] = [];
  if (texts.length > 0) {
    choices.push(splicedText(fc.constantFrom(...texts)));
    choices.push(exchangedField(fc.constantFrom(...texts)));
  }
  if (binaries.length > 0) choices.push(splicedBytes(fc.constantFrom(...binaries)));
  return fc.oneof(...choices);
}

/** A text in which up to 8 characters somewhere are replaced by up to 8 others. */
export function splicedText(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const inserted = fc.oneof(
    fc.string({ maxLength: 8, unit: "binary" }),
    fc.constantFrom('"', "\\", "\\u0041", "\n", "\t", " ", "{", "}", "=", "-", "9999999999", ""),
  );
  return fc.tuple(texts, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(8), inserted)
    .map(([text, place, removed, inserted]) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + inserted + text.slice(at + removed);
    });
}

function splicedBytes(
  messages: fc.Arbitrary<Uint8Array<ArrayBuffer>>,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(messages, fc.nat(400), fc.nat(8), fc.uint8Array({ maxLength: 8 }))
    .map(([bytes, place, removed, inserted]) => {
      const at = place % (bytes.length + 1);
      return Uint8Array.from([...bytes.slice(0, at), ...inserted, ...bytes.slice(at + removed)]);
    });
}

/** A JSON text in which one field, anywhere, has another value or is gone. */
function exchangedField(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      "",
      "0",
      "-1",
      "4294967295",
      "4294967296",
      "1e3",
      "Infinity",
      " 1",
      "__proto__",
    ),
    fc.constantFrom(-1, 1.5, 2 ** 53, null, true, [], {}),
    fc.constant(undefined),
  );
  return fc.tuple(texts, fc.nat(), value).map(([text, choice, value]) => {
    const root: unknown = JSON.parse(text);
    const places = fieldsOf(root);
    if (places.length === 0) return text;
    const [owner, key] = places[choice % places.length];
    owner[key] = value;
    return JSON.stringify(root);
  });
}

function fieldsOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== "object" || value === null) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [[owner, key], ...fieldsOf(owner[key])]);
}
