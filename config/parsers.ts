/**
 * How the text of an environment variable becomes a value. A parser says in words what it takes, so
 * that error messages and the table of settings never disagree with it.
 *
 * @module
 */
import { Secret } from "./secret.ts";

/** Turns a variable's text into a value. */
export interface Parser<T> {
  /** What is taken, in words that follow "must be". */
  readonly takes: string;
  /** Set when neither text nor value may ever be shown. */
  readonly secret?: true;
  /** @throws {Refused} when the text is not what the parser takes */
  readonly parse: (text: string) => T;
}

/** A text that a parser does not take. The message, often empty, adds what `takes` cannot say. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** A whole number within limits, both included. */
export function integer(limits: { min: number; max: number }): Parser<number> {
  const { min, max } = limits;
  return {
    takes: `a whole number from ${min} to ${max}`,
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
      if (!(value >= min && value <= max)) throw new Refused();
      return value;
    },
  };
}

/** One of some words. */
export function choice<const T extends string>(...words: readonly T[]): Parser<T> {
  return {
    takes: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    parse(text) {
      const word = words.find((candidate) => candidate === text);
      if (word === undefined) throw new Refused();
      return word;
    },
  };
}

/** `true` or `false`. */
export function boolean(): Parser<boolean> {
  const { takes, parse } = choice("true", "false");
  return { takes, parse: (text) => parse(text) === "true" };
}

/** A text of visible ASCII that is never shown. */
export function secret(limits: { minLength: number; maxLength: number }): Parser<Secret> {
  const { minLength, maxLength } = limits;
  return {
    takes: `${minLength} to ${maxLength} visible ASCII characters`,
    secret: true,
    parse(text) {
      if (!isVisibleAscii(text) || text.length < minLength || text.length > maxLength) {
        throw new Refused();
      }
      return new Secret(text);
    },
  };
}

/** A name or an address to bind, as `Deno.serve` takes it: IPv6 without brackets. */
export function host(): Parser<string> {
  return {
    takes: "a host name or an IP address without port",
    parse(text) {
      const isName = /^[A-Za-z0-9._-]{1,253}$/.test(text);
      const isIpv6 = /^[0-9A-Fa-f:.]{2,45}$/.test(text) && URL.canParse(`http://[${text}]`);
      if (!isName && !isIpv6) throw new Refused();
      return text;
    },
  };
}

/** An http or https URL that paths can be appended to. The text is kept as it was written. */
export function baseUrl(): Parser<string> {
  return {
    takes: "an http or https URL in ASCII without credentials, query or trailing slash",
    parse(text) {
      // The URL parser alone would let line breaks, backslashes and blanks pass.
      const isPlain = isVisibleAscii(text) && /^https?:\/\/[^/?#@\\][^?#@\\]*$/.test(text);
      if (!isPlain || text.endsWith("/") || !URL.canParse(text)) throw new Refused();
      return text;
    },
  };
}

/** Whether a text consists of nothing but the printable characters of ASCII, blanks excluded. */
export function isVisibleAscii(text: string): boolean {
  return /^[!-~]+$/.test(text);
}
