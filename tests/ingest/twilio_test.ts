import assert from "node:assert/strict";
import type { AudioEvent, IngestEvent, StartEvent } from "../../ingest/provider.ts";
import { twilio } from "../../ingest/twilio.ts";
import { run, testWith } from "../support/programs.ts";
import { assertRefused, eventsOf, NO_REPLY, openStarted } from "./parsing.ts";
import { testProvider } from "./provider_contract.ts";
import { TWILIO_CALL, twilioMedia, twilioStart } from "./twilio_messages.ts";

const CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}';
const DTMF =
  '{"event":"dtmf","sequenceNumber":"42","dtmf":{"track":"inbound_track","digit":"5"},"streamSid":"MZ1"}';
const MARK = '{"event":"mark","sequenceNumber":"43","mark":{"name":"m"},"streamSid":"MZ1"}';
const STOP =
  '{"event":"stop","sequenceNumber":"44","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}';

const open = () => openStarted({ provider: twilio, opening: [CONNECTED, twilioStart()] });

testProvider({
  provider: twilio,
  opening: [CONNECTED, twilioStart()],
  audio: [
    twilioMedia(),
    twilioMedia({ track: "outbound", chunk: "9", timestamp: "180", payload: "/w==" }),
  ],
  others: [CONNECTED, DTMF, MARK, STOP, '{"event":"new","new":{}}'],
});

Deno.test("twilio fixture begins with its start and ends with its hangup", () => {
  const parser = twilio.open(NO_REPLY);
  const events = TWILIO_CALL.flatMap((message) => eventsOf(parser, message));
  const expected: StartEvent = {
    type: "start",
    callId: "CA7b1d3f5a9c0e2468ace13579bdf02468",
    credential: "key-of-the-fixture",
    tracks: {
      user: { encoding: "mulaw", sampleRate: 8000 },
      bot: { encoding: "mulaw", sampleRate: 8000 },
    },
    media: { live: true, recording: true, maxDurationSeconds: 600 },
    metadata: {
      agent: "bookings",
      from: "+15550100",
      streamSid: "MZ3f0c5d7a9e1b24680f13579bdf02468a",
    },
    resume: true,
  };
  assert.deepEqual(events[0], expected);
  const others = events.slice(1).filter((event) => event.type !== "audio");
  const dtmf: IngestEvent = { type: "event", name: "dtmf", data: { digit: "5", track: "user" } };
  assert.deepEqual(others, [dtmf, { type: "stop", reason: "hangup" }]);
});

const REPLAY = `
import base64, json, sys
for line in sys.stdin:
    m = json.loads(line)
    if m["event"] != "media": continue
    a = m["media"]
    track = {"inbound": "user", "outbound": "bot"}[a["track"]]
    print(track, int(a["timestamp"]), int(a["chunk"]), base64.b64decode(a["payload"]).hex())
`;

testWith(["python3"], "twilio fixture's audio is what Python decodes from it", async () => {
  const parser = twilio.open(NO_REPLY);
  const lines = TWILIO_CALL.flatMap((message) => eventsOf(parser, message))
    .filter((event) => event.type === "audio")
    .map(({ track, mediaMs, sequence, payload }: AudioEvent) =>
      `${track} ${mediaMs} ${sequence} ${payload.toHex()}\n`
    );
  const input = new TextEncoder().encode(TWILIO_CALL.join("\n"));
  const expected = new TextDecoder().decode(await run("python3", ["-c", REPLAY], input));
  assert.equal(lines.length, 45);
  assert.equal(lines.join(""), expected);
});

Deno.test("twilio media is audio of the track, at its timestamp, numbered by its chunk", () => {
  const parser = open();
  const [user] = eventsOf(parser, twilioMedia());
  const payload = Uint8Array.of(0, 1, 2, 3);
  assert.deepEqual(user, { type: "audio", track: "user", payload, mediaMs: 60, sequence: 3 });
  const [bot] = eventsOf(parser, twilioMedia({ track: "outbound", chunk: "4294967295" }));
  const sequence = 4294967295;
  assert.deepEqual(bot, { type: "audio", track: "bot", payload, mediaMs: 60, sequence });
});

Deno.test("twilio media without a chunk is numbered by the sequence number", () => {
  const [event] = eventsOf(open(), twilioMedia({ chunk: undefined }));
  assert.equal((event as AudioEvent).sequence, 7);
});

Deno.test("twilio media reuses its result and event", () => {
  const parser = open();
  const first = parser.parse(twilioMedia());
  const [event] = first;
  const second = parser.parse(twilioMedia({ payload: "BAUG", chunk: "4" }));
  assert.equal(first, second);
  assert.equal([...second][0], event);
});

Deno.test("twilio media with an empty payload yields nothing", () => {
  assert.deepEqual(eventsOf(open(), twilioMedia({ payload: "" })), []);
});

Deno.test("twilio media takes the longest payload a text message can carry", () => {
  const parser = open();
  const room = 64 * 1024 - twilioMedia({ payload: "" }).length;
  const bytes = new Uint8Array(Math.floor(room / 4) * 3).map((_, index) => index * 7);
  const message = twilioMedia({ payload: bytes.toBase64() });
  assert.deepEqual((eventsOf(parser, message)[0] as AudioEvent).payload, bytes);
  const more = new Uint8Array(bytes.length + 3).toBase64();
  assertRefused(parser, twilioMedia({ payload: more }), "too_big", /at most 65536 bytes/);
  const faulty = bytes.toBase64().slice(0, -1) + "!";
  assertRefused(parser, twilioMedia({ payload: faulty }), "bad_frame");
});

Deno.test("twilio media with a payload that is not base64 is refused whole", () => {
  const parser = open();
  for (const payload of ["AAECAw==!", "A", "AAEC-_==", "AAEC====", "not base64", 5, null, {}]) {
    assertRefused(parser, twilioMedia({ payload }), "bad_frame", /media\.payload takes base64/);
  }
  assert.equal(eventsOf(parser, twilioMedia()).length, 1);
});

Deno.test("twilio media with a timestamp or a number out of bounds is refused", () => {
  const parser = open();
  const bad = ["-1", "4294967296", "99999999999", "1.5", "1e3", "", " 1", "0x1", "NaN", null, {}];
  for (const value of bad) {
    const message = twilioMedia({ timestamp: value });
    assertRefused(parser, message, "bad_message", /media\.timestamp takes an integer from 0 to/);
    assertRefused(parser, twilioMedia({ chunk: value }), "bad_message", /media\.chunk takes/);
  }
  const message = twilioMedia({ timestamp: undefined });
  assertRefused(parser, message, "bad_message", /media\.timestamp .*received nothing$/);
  const bare = '{"event":"media","media":{"track":"inbound","timestamp":"1","payload":"AA=="}}';
  assertRefused(parser, bare, "bad_message", /sequenceNumber takes .*received nothing$/);
});

Deno.test("twilio media of another track is refused", () => {
  for (const track of ["both", "inbound_track", "", undefined, 0, "__proto__"]) {
    assertRefused(open(), twilioMedia({ track }), "unknown_track", /takes inbound or outbound/);
  }
});

Deno.test("twilio messages that need a start are refused before it", () => {
  for (const message of [twilioMedia(), twilioMedia({ track: "both" }), DTMF, STOP]) {
    assertRefused(
      twilio.open(NO_REPLY),
      message,
      "not_started",
      /no start message came before it$/,
    );
  }
});

Deno.test("twilio messages that say nothing about the audio are ignored, at any time", () => {
  for (const parser of [twilio.open(NO_REPLY), open()]) {
    for (const message of [CONNECTED, MARK, '{"event":"new"}', '{"event":""}']) {
      assert.deepEqual(eventsOf(parser, message), []);
    }
  }
});

Deno.test("twilio dtmf takes the keys of a telephone", () => {
  const parser = open();
  const dtmf = (value: unknown) => JSON.stringify({ event: "dtmf", dtmf: value });
  for (const digit of "0123456789ABCD*#") {
    const [event] = eventsOf(parser, dtmf({ track: "inbound_track", digit }));
    assert.deepEqual(event, { type: "event", name: "dtmf", data: { digit, track: "user" } });
  }
  for (const value of [{ digit: "55" }, { digit: 5 }, { digit: "" }, {}, null, undefined, "5"]) {
    assertRefused(parser, dtmf(value), "bad_message", /dtmf\.digit takes one of 0-9 A-D \* #/);
  }
});

Deno.test("twilio messages that are no JSON object with an event are refused", () => {
  const parser = open();
  const bad = ["", "media", "[]", "null", "{}", '{"event":5}', new Uint8Array(4)];
  for (const message of bad) assertRefused(parser, message, "bad_message");
});

Deno.test("twilio message that begins as media and then says it is something else is refused", () => {
  const parser = open();
  const media = twilioMedia();
  assert.equal(parser.canWait?.(media), true);
  const twice = media.replace(/\}$/, ',"event":"stop"}');
  assertRefused(parser, twice, "bad_message", /event is there twice/);
  assert.equal(eventsOf(parser, media)[0].type, "audio");
});
