import assert from "node:assert/strict";
import { pcm } from "../../ingest/pcm.ts";
import { assertRefused, eventsOf, NO_REPLY } from "./parsing.ts";
import { openPcm } from "./pcm_messages.ts";

Deno.test("pcm binary without timestamps is a track byte and a payload, viewed in place", () => {
  const parser = openPcm({ timestamps: false });
  const message = Uint8Array.of(1, 10, 20, 30, 40);
  const [event] = parser.parse(message);
  assert.deepEqual(event, { type: "audio", track: "bot", payload: Uint8Array.of(10, 20, 30, 40) });
  assert.ok(event.type === "audio" && event.payload.buffer === message.buffer);
});

Deno.test("pcm binary reads its own bytes of a larger buffer", () => {
  const message = Uint8Array.of(9, 9, 0, 7, 9).subarray(2, 4);
  const [event] = openPcm({ timestamps: false }).parse(message);
  assert.deepEqual(event, { type: "audio", track: "user", payload: Uint8Array.of(7) });
});

Deno.test("pcm binary with timestamps reads them as 32 bits, unsigned, little-endian", () => {
  const parser = openPcm();
  for (const mediaMs of [0, 1, 20, 0x01020304, 2 ** 31, 2 ** 32 - 1]) {
    const message = new Uint8Array(6);
    new DataView(message.buffer).setUint32(1, mediaMs, true);
    const [event] = eventsOf(parser, message);
    assert.deepEqual(event, { type: "audio", track: "user", payload: Uint8Array.of(0), mediaMs });
  }
});

Deno.test("pcm binary reuses its result and event", () => {
  const parser = openPcm({ timestamps: false });
  const first = parser.parse(Uint8Array.of(0, 1));
  const [event] = first;
  const second = parser.parse(Uint8Array.of(1, 2, 3));
  assert.equal(first, second);
  assert.equal([...second][0], event);
});

Deno.test("pcm binary with an empty payload yields nothing", () => {
  assert.deepEqual(eventsOf(openPcm({ timestamps: false }), Uint8Array.of(0)), []);
  assert.deepEqual(eventsOf(openPcm(), Uint8Array.of(1, 0, 0, 0, 0)), []);
});

Deno.test("pcm binary leaves it to the decoder to put samples together", () => {
  const plain = pcm.open(NO_REPLY);
  eventsOf(plain, '{"type":"start"}');
  assert.equal(eventsOf(plain, Uint8Array.of(0, 1)).length, 1);
});

Deno.test("pcm binary shorter than its header is refused", () => {
  assertRefused(openPcm({ timestamps: false }), new Uint8Array(0), "bad_frame", /1 byte of track/);
  assertRefused(
    openPcm(),
    Uint8Array.of(0, 1, 2, 3),
    "bad_frame",
    /4 of time .* received 4 bytes$/,
  );
});

Deno.test("pcm binary for a track other than 0 and 1 is refused", () => {
  for (const track of [2, 48, 255]) {
    const message = Uint8Array.of(track, 0, 0, 0, 0, 1, 2);
    assertRefused(openPcm(), message, "unknown_track", new RegExp(`received ${track}$`));
  }
});

Deno.test("pcm binary takes a payload of 1 MiB and not a byte more", () => {
  const parser = openPcm();
  const [event] = eventsOf(parser, new Uint8Array(5 + 2 ** 20));
  assert.ok(event.type === "audio" && event.payload.length === 1024 * 1024);
  assertRefused(parser, new Uint8Array(6 + 2 ** 20), "too_big", /at most 1048576 bytes/);
});
