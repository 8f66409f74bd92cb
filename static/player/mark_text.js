// @ts-check

/** Longer texts are cut: nobody reads them in a line, and a page must not hang over one. */
const LONGEST_TEXT = 2000;
const LONGEST_LABEL = 60;

/**
 * @typedef {object} Mark Something that happened in a call, as the timeline tells it. Only the type
 * and the position are certain: names and data are whatever an agent sent.
 * @property {string} type
 * @property {number} position samples since the call began
 * @property {unknown} [name]
 * @property {unknown} [data]
 */

/**
 * @typedef {"user" | "bot" | "barge-in" | "paused" | "resumed" | "gap" | "dtmf" | "event"} MarkKind
 */

/** @type {Record<string, "user" | "bot">} */
const SPEAKERS = {
  user: "user",
  caller: "user",
  customer: "user",
  human: "user",
  inbound: "user",
  bot: "bot",
  agent: "bot",
  assistant: "bot",
  ai: "bot",
  outbound: "bot",
};

/** @param {Mark} mark @returns {MarkKind} */
export function markKind({ type, name, data }) {
  switch (type) {
    case "barge-in":
    case "paused":
    case "resumed":
    case "gap":
    case "dtmf":
      return type;
  }
  if (name === "dtmf") return "dtmf";
  if (name !== "transcript") return "event";
  return SPEAKERS[String(speaker(data)).toLowerCase()] ?? "event";
}

/**
 * What a mark says, in words. Plain text, bounded, without control characters: to be set as
 * `textContent` and as nothing else.
 *
 * @param {Mark} mark
 * @param {number} sampleRate
 * @returns {{ kind: MarkKind, label: string, text: string }}
 */
export function describeMark(mark, sampleRate) {
  const { type, name, data } = mark;
  const kind = markKind(mark);
  switch (kind) {
    case "barge-in":
      return { kind, label: "Barge-in", text: bargeInText(data, sampleRate) };
    case "paused":
      return { kind, label: "Paused", text: "Kept private from here on" };
    case "resumed":
      return { kind, label: "Resumed", text: "Sound is back" };
    case "gap":
      return { kind, label: "Gap", text: gapText(data, sampleRate) };
    case "dtmf":
      return { kind, label: "Key pressed", text: plain(field(data, "digit", "key") ?? data) };
    case "user":
      return { kind, label: "User", text: spoken(data) };
    case "bot":
      return { kind, label: "Bot", text: spoken(data) };
  }
  if (name === "transcript") {
    return { kind, label: plain(speaker(data) ?? "Transcript", LONGEST_LABEL), text: spoken(data) };
  }
  const label = typeof name === "string" && name !== "" ? name : type;
  return { kind, label: plain(label, LONGEST_LABEL), text: plain(data) };
}

/** @param {unknown} data of a transcript line */
function speaker(data) {
  return field(data, "who", "speaker", "role", "track", "from");
}

/** @param {unknown} data of a transcript line */
function spoken(data) {
  return plain(field(data, "text", "transcript", "content", "message") ?? data);
}

/**
 * The first of some fields that is there.
 *
 * @param {unknown} data
 * @param {...string} names
 * @returns {unknown}
 */
function field(data, ...names) {
  if (typeof data !== "object" || data === null) return undefined;
  const fields = /** @type {Record<string, unknown>} */ (data);
  const found = names.find((name) => Object.hasOwn(fields, name) && fields[name] !== null);
  return found === undefined ? undefined : fields[found];
}

/**
 * @param {unknown} value
 * @param {number} [longest]
 */
function plain(value, longest = LONGEST_TEXT) {
  let text = "";
  if (typeof value === "string") text = value;
  else if (value !== undefined && value !== null) text = JSON.stringify(value) ?? String(value);
  // deno-lint-ignore no-control-regex
  const cleaned = text.slice(0, longest + 1).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return cleaned.length > longest ? `${cleaned.slice(0, longest)}…` : cleaned;
}

/**
 * @param {unknown} data
 * @param {number} sampleRate
 */
function bargeInText(data, sampleRate) {
  const samples = Number(field(data, "discarded"));
  if (!(samples > 0)) return "The bot was interrupted";
  return `The bot was interrupted, ${(samples / sampleRate).toFixed(1)} s left unsaid`;
}

/**
 * @param {unknown} data
 * @param {number} sampleRate
 */
function gapText(data, sampleRate) {
  const seconds = Number(field(data, "samples")) / sampleRate;
  const reason = plain(field(data, "reason"), LONGEST_LABEL);
  const lost = seconds > 0 ? `${seconds.toFixed(1)} s of sound were lost` : "Sound was lost";
  return reason === "" ? lost : `${lost}: ${reason}`;
}
