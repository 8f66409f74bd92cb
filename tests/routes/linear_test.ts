/**
 * What a stranger sends is read in a time that grows as its length does. A pattern that is not linear
 * takes four times as long for twice the text, or worse.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { credentialOf } from "../../auth/authorize.ts";
import { redactUrl } from "../../auth/redact.ts";
import { providers } from "../../ingest/mod.ts";
import { IngestError } from "../../ingest/provider.ts";
import { verifyTwilioSignature } from "../../ingest/twilio_signature.ts";
import { NO_REPLY } from "../ingest/parsing.ts";
import { ApiError } from "../../routes/api_error.ts";
import { checkHandshake } from "../../routes/handshake.ts";
import { readFrom, readView } from "../../routes/live_query.ts";
import { isRangeCurrent } from "../../routes/recordings_conditions.ts";
import { rangeOf } from "../../routes/recordings_range.ts";
import { publicOrigin } from "../../routes/urls.ts";
import { growth } from "../support/growth.ts";

/** Characters of the longer text: about what the platform takes of headers. */
const LENGTH = 60_000;
/** Twice the text may take this much more time: 2, and what a busy machine adds. A square takes 4. */
const MOST = 3.2;
const ROUNDS = 30;

/** What is repeated between a beginning and an end that keep a pattern from giving up early. */
const FILLINGS = [
  " ",
  "\t",
  ",",
  ", ",
  '"',
  "[",
  '{"a":',
  "%",
  "%3",
  "/",
  "//@",
  "=",
  "&a",
  "1",
  "-",
  ";",
];

const headers = (value: string) => ({ get: () => value });

/** Gives a handler's context to `use`, with `value` as every header. */
function withHeader(value: string, use: (c: Parameters<typeof checkHandshake>[0]) => void): void {
  const app = new Hono().get("/", (c) => {
    c.req.header = (() => value) as unknown as typeof c.req.header;
    use(c);
    return c.body(null);
  });
  void app.request("/");
}

/** Every reader of what strangers send, with the beginnings that get a text into it. */
const READERS: Record<string, { begins: string[]; read: (text: string) => void }> = {
  checkHandshake: {
    begins: ["close", "upgrade,"],
    read: (text) =>
      withHeader(text, (c) => {
        const { header } = c.req;
        c.req.header = ((name: string) =>
          name === "upgrade" ? "websocket" : header(name)) as unknown as typeof header;
        attempt(() =>
          checkHandshake(c)
        );
      }),
  },
  "publicOrigin()": {
    begins: ["", "https"],
    read: (text) => withHeader(text, (c) => void publicOrigin(c, undefined)),
  },
  "credentialOf() of a header": {
    begins: ["", "Bearer "],
    read: (text) => void credentialOf({ url: "/", headers: headers(text) }),
  },
  "credentialOf() of a URL": {
    begins: ["/?", "/?token="],
    read: (text) => void credentialOf({ url: text, headers: headers("") }),
  },
  redactUrl: { begins: ["/?", "https://", "/?token="], read: (text) => void redactUrl(text) },
  rangeOf: { begins: ["", "bytes=", "bytes=0-"], read: (text) => void rangeOf(text, 1000) },
  isRangeCurrent: {
    begins: ['"', "W/"],
    read: (text) => void isRangeCurrent(headers(text), { etag: '"a"', modifiedAt: 0 }),
  },
  verifyTwilioSignature: {
    begins: ["wss://a/", "wss://"],
    read: (url) => void verifyTwilioSignature({ authToken: "t", url, signature: "s" }),
  },
  "readFrom() and readView()": {
    begins: ["from=", "channels=", "-1."],
    read: (text) => {
      const query = new URLSearchParams(text);
      attempt(() => readFrom(query));
      attempt(() => readView(query));
    },
  },
  ...Object.fromEntries(providers.map((provider) => [
    `${provider.name}'s parser`,
    {
      begins: ["", '{"event":"media","media":{"payload":"', '{"type":"start","callId":"'],
      read: (text: string) => attempt(() => Array.from(provider.open(NO_REPLY).parse(text))),
    },
  ])),
};

/** What is refused is refused in words. */
function attempt(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof IngestError || error instanceof ApiError)) throw error;
  }
}

function text(begin: string, filling: string, length: number): string {
  return begin + filling.repeat(Math.ceil((length - begin.length) / filling.length)) + "x";
}

for (const [name, { begins, read }] of Object.entries(READERS)) {
  Deno.test(`${name} reads the longest text in linear time`, () => {
    for (const begin of begins) {
      for (const filling of FILLINGS) {
        const [half, whole] = [text(begin, filling, LENGTH / 2), text(begin, filling, LENGTH)];
        const ratio = growth(() => read(half), () => read(whole), MOST, ROUNDS);
        const what = JSON.stringify(`${begin}${filling}…`);
        assert.ok(
          ratio <= MOST,
          `${what}: twice the length takes ${ratio.toFixed(1)} times as long`,
        );
      }
    }
  });
}
