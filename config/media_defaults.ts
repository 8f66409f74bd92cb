import { boolean, integer, type Parser, Refused } from "./parsers.ts";

/** What is done with a call's audio unless the call asks for something else. */
export interface MediaDefaults {
  readonly live: boolean;
  readonly recording: boolean;
  /** Caps the recording, never the listening. */
  readonly maxDurationSeconds: number;
}

const FIELDS: { readonly [Name in keyof MediaDefaults]: Parser<MediaDefaults[Name]> } = {
  live: boolean(),
  recording: boolean(),
  maxDurationSeconds: integer({ min: 1, max: 86_400 }),
};

/**
 * `name=value` pairs.
 *
 * @param defaults the same, complete: gives what a text leaves out
 */
export function mediaDefaults(defaults: string): Parser<MediaDefaults> {
  const takes = Object.entries(FIELDS).map(([name, field]) => `${name}=${field.takes}`).join(", ");
  return {
    takes: `some of: ${takes}, separated by commas`,
    parse(text) {
      const pairs = new Map([...readPairs(defaults), ...readPairs(text)]);
      return {
        live: readField("live", pairs),
        recording: readField("recording", pairs),
        maxDurationSeconds: readField("maxDurationSeconds", pairs),
      };
    },
  };
}

function readPairs(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of text.split(",", 16)) {
    const [name = "", value = ""] = pair.split("=", 2).map((part) => part.trim());
    if (!Object.hasOwn(FIELDS, name)) throw new Refused(`there is no "${name.slice(0, 32)}"`);
    if (pairs.has(name)) throw new Refused(`"${name}" is given twice`);
    pairs.set(name, value);
  }
  return pairs;
}

function readField<Name extends keyof MediaDefaults>(
  name: Name,
  pairs: ReadonlyMap<string, string>,
): MediaDefaults[Name] {
  const { takes, parse } = FIELDS[name];
  try {
    return parse(pairs.get(name) ?? "");
  } catch {
    throw new Refused(`${name} must be ${takes}`);
  }
}
