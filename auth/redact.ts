/** Parts of the names of parameters whose values nobody may see, after decoding, in small letters. */
const SENSITIVE = [
  ...["token", "key", "secret", "sig", "passw", "pwd", "credential", "auth"],
  // Telephone numbers, names: calls are found by them.
  "metadata",
];

const MAX_LENGTH = 8192;

/** The beginning of a parameter, in the URL itself or in another one that it carries encoded. */
const PARAMETER = /(?:^|[?&#;]|%3F|%26|%23|%3B)((?:(?!%3F|%26|%23|%3B|%3D)[^?&#;=])*)(?:=|%3D)/gi;

/**
 * A URL, or the path and query of one, as it may stand in a log: in place of user names, passwords
 * and the values of parameters that are named like tokens, keys, signatures or metadata there is "…". What is
 * hidden is rather too much than too little. Never throws; what is over 8192 characters is cut off.
 */
export function redactUrl(url: string): string {
  const bounded = url.length > MAX_LENGTH ? `${url.slice(0, MAX_LENGTH)}…` : url;
  const masked = bounded.replace(/([/\\]{2})[^/\\?#]*@/, "$1…@");
  let redacted = "";
  let copied = 0;
  for (const match of masked.matchAll(PARAMETER)) {
    const valueStart = match.index + match[0].length;
    // A parameter within a value that is hidden already.
    if (match.index < copied || !isSensitive(match[1])) continue;
    const valueEnd = indexOfAny(masked, "&#", valueStart);
    redacted += masked.slice(copied, valueStart);
    if (valueEnd > valueStart) redacted += "…";
    copied = valueEnd;
  }
  return redacted + masked.slice(copied);
}

function isSensitive(encodedName: string): boolean {
  const name = decode(encodedName.replaceAll("+", " ")).toLowerCase();
  return SENSITIVE.some((part) => name.includes(part));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Broken escapes beside good ones must not hide a name: decode what can be decoded.
    return text.replace(
      /%([2-7][0-9a-f])/gi,
      (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
    );
  }
}

function indexOfAny(text: string, marks: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (marks.includes(text[index])) return index;
  }
  return text.length;
}
