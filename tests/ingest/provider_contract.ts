/**
 * What every provider must do, whatever its protocol. A provider's test file calls
 * {@linkcode testProvider} with messages of its own kind.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { providers } from "../../ingest/mod.ts";
import type { IngestEvent, Provider, ProviderParser } from "../../ingest/provider.ts";
import { mutated } from "./mutations.ts";
import {
  assertIngestError,
  assertRefused,
  eventsOf,
  type Message,
  NO_REPLY,
  openStarted,
} from "./parsing.ts";

/** Messages that show a provider at work. */
export interface ProviderSample {
  provider: Provider;
  /** Whether it is one of the server's own. @default {true} */
  isInTable?: boolean;
  /** What a socket says up to its accepted start, that included. */
  opening: Message[];
  /** Two different messages after the opening, each with one audio event. */
  audio: [Message, Message];
  /** One valid message of every other kind. */
  others: Message[];
}

const SEED = 20260101;
/** What a parser makes of any message: events of the right shape, or an IngestError. */
function parseAnything(parser: ProviderParser, message: Message): void {
  let events: IngestEvent[];
  const waits = parser.canWait?.(typeof message === "string" ? message : message.slice().buffer);
  try {
    events = eventsOf(parser, message);
  } catch (error) {
    assertIngestError(error);
    return;
  }
  for (const event of events) {
    assertWellFormed(event);
    assert.ok(!waits || event.type === "audio", `${event.type} must not wait`);
  }
}

function assertWellFormed(event: IngestEvent): void {
  // Whatever a parser lets through, its readers may write as JSON.
  JSON.stringify(event);
  if (event.type === "audio") {
    assert.ok(event.track === "user" || event.track === "bot");
    assert.ok(event.payload.length > 0 && event.payload.length <= 1024 * 1024);
    for (const count of [event.mediaMs ?? 0, event.sequence ?? 0]) {
      assert.ok(Number.isInteger(count) && count >= 0 && count < 2 ** 32);
    }
  } else if (event.type === "start") {
    if (event.callId !== undefined) assert.match(event.callId, /^[A-Za-z0-9_.-]{1,128}$/);
    assert.ok(Object.keys(event.metadata).length <= 64);
  } else if (event.type === "stop") {
    assert.ok(event.reason.length >= 1 && event.reason.length <= 128);
  }
}

/** Runs `sample` through everything a provider must do. */
export function testProvider(sample: ProviderSample): void {
  const { provider, isInTable = true, opening, audio, others } = sample;
  const { name } = provider;
  const start = opening[opening.length - 1];

  Deno.test(`${name}: is in the table under a name that fits a URL`, () => {
    assert.match(name, /^[a-z0-9-]+$/);
    assert.equal(providers.includes(provider), isInTable);
  });

  Deno.test(`${name}: opening yields one start, at its end`, () => {
    const parser = provider.open(NO_REPLY);
    const events = opening.map((message) => eventsOf(parser, message));
    assert.deepEqual(events.slice(0, -1).flat(), []);
    const [event, ...more] = events[events.length - 1];
    assert.equal(event.type, "start");
    assert.deepEqual(more, []);
    assertWellFormed(event);
    if (event.type === "start" && provider.credentialIn === "start") assert.ok(event.credential);
  });

  Deno.test(`${name}: refuses audio before start, then starts`, () => {
    const parser = provider.open(NO_REPLY);
    assertRefused(parser, audio[0], "not_started");
    for (const message of opening) eventsOf(parser, message);
    assert.equal(eventsOf(parser, audio[0])[0].type, "audio");
  });

  Deno.test(`${name}: refuses a second start and goes on`, () => {
    const parser = openStarted(sample);
    const before = eventsOf(parser, audio[0]);
    assertRefused(parser, start, "already_started");
    assert.deepEqual(eventsOf(parser, audio[0]), before);
  });

  Deno.test(`${name}: open() gives each socket its own state and buffers`, () => {
    const started = openStarted(sample);
    assertRefused(provider.open(NO_REPLY), audio[0], "not_started");

    const [event] = started.parse(audio[0]);
    assert.equal(event.type, "audio");
    const before = structuredClone(event);
    const [other] = openStarted(sample).parse(audio[1]);
    assert.notDeepEqual(structuredClone(other), before);
    assert.deepEqual(event, before);
  });

  Deno.test(`${name}: takes one valid message of every kind`, () => {
    for (const message of [...audio, ...others]) {
      for (const event of eventsOf(openStarted(sample), message)) assertWellFormed(event);
    }
  });

  Deno.test(`${name}: canWait() lets audio wait, and nothing else`, () => {
    if (provider.open(NO_REPLY).canWait === undefined) return;
    const canWait = (message: Message) =>
      openStarted(sample).canWait?.(typeof message === "string" ? message : message.slice().buffer);
    assert.deepEqual(audio.map(canWait), [true, true]);
    assert.deepEqual([...opening, ...others].filter(canWait), []);
  });

  Deno.test(`${name}: throws nothing but IngestError and goes on after it (seed ${SEED})`, () => {
    const anything = fc.oneof(
      { weight: 1, arbitrary: fc.string({ maxLength: 300, unit: "binary" }) },
      { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => bytes.slice()) },
      { weight: 5, arbitrary: mutated([...opening, ...audio, ...others]) },
    );
    const expected = audio.map((message) => eventsOf(openStarted(sample), message));
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 8 }), (messages) => {
        const parser = openStarted(sample);
        const unstarted = provider.open(NO_REPLY);
        for (const message of messages) {
          parseAnything(parser, message);
          parseAnything(unstarted, message);
        }
        assert.deepEqual(audio.map((message) => eventsOf(parser, message)), expected);
      }),
      { seed: SEED, numRuns: 400 },
    );
  });
}
