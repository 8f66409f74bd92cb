import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { bytesOf } from "../recordings/export_support.ts";
import { peaksOf } from "../recordings/store_contract.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { recordedCall } from "./recordings_support.ts";
import { bytesOf as pcmOf, noise } from "./sounds.ts";

interface Peaks {
  samples_per_pixel: number;
  length: number;
  data: number[];
}

Deno.test("GET peaks answers the outline as JSON and binary, without reading any sound", async () => {
  await using call = await recordedCall(40_000);
  const all = peaksOf(bytesOf(call.stereo));
  // Whoever reads the sound now finds none.
  const wav = `${call.folder}/acme/CA1.wav`;
  await Deno.writeFile(wav, new Uint8Array((await Deno.stat(wav)).size));
  const { status, headers, body } = await call.server.api<Peaks>("/calls/CA1/peaks");
  assert.deepEqual([status, body.samples_per_pixel, body.length], [200, 100, 400]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "private, no-cache");
  assertSame(body.data, all, "JSON");
  const response = await call.ask("/peaks?format=dat&from=1&to=2");
  const dat = await response.bytes();
  assert.equal(response.headers.get("content-length"), String(24 + 4 * 80));
  assertSame(new Int8Array(dat.buffer, 24), all.subarray(4 * 80, 4 * 160), "dat");
  const coarse = await call.server.api<Peaks>("/calls/CA1/peaks?pixels=30");
  assert.deepEqual([coarse.body.samples_per_pixel, coarse.body.length], [1400, 29]);
  const same = await call.server.api<Peaks>("/calls/CA1/peaks?samplesPerPixel=1400");
  assert.deepEqual(same.body, coarse.body);
  for (const query of ["samplesPerPixel=150", "samplesPerPixel=100&pixels=9", "from=2&to=1"]) {
    const { status, body } = await call.server.api(`/calls/CA1/peaks?${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_query"], query);
  }
  for (const query of ["samplesPerPixel=x", "pixels=200001", "pixels=0", "format=png"]) {
    const { status, body } = await call.server.api(`/calls/CA1/peaks?${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_request"], query);
  }
});

Deno.test("HEAD peaks and conditions are as of the recording", async () => {
  await using call = await recordedCall(40_000);
  for (const query of ["", "?format=dat&pixels=10"]) {
    const get = await call.ask(`/peaks${query}`);
    await get.body?.cancel();
    const head = await call.ask(`/peaks${query}`, {}, "HEAD");
    const told = ({ status, headers }: Response) => ({
      status,
      headers: ["content-type", "content-length", "etag", "last-modified", "cache-control"]
        .map((name) => headers.get(name)),
    });
    assert.deepEqual(told(head), told(get));
    const same = await call.ask(`/peaks${query}`, { "if-none-match": head.headers.get("etag")! });
    assert.equal(same.status, 304);
  }
});

Deno.test("GET peaks follows a call while it runs, and ends with the samples' own", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const peaks = async () => (await server.api<Peaks>("/calls/CA1/peaks?samplesPerPixel=100")).body;
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const speech = noise(8 * 20_000, 81);
  agent.bot(pcmOf(speech));
  await server.received("CA1", "bot", speech.length);
  assert.equal((await peaks()).length, 0);
  await server.advance(9000);
  const soFar = await peaks();
  assert.ok(soFar.length >= 80, `${soFar.length} pixels`);
  agent.end();
  await agent.closed;
  await server.until("CA1", ({ recording }) => recording?.state === "complete");
  const whole = await peaks();
  assertSame(whole.data.slice(0, soFar.data.length), soFar.data, "what was there before");
  const url = `${server.origin}/calls/CA1/recording?channels=2&token=${KEY}`;
  const wav = await (await fetch(url)).bytes();
  assertSame(whole.data, peaksOf(wav.slice(80)), "the recording's peaks");
  const unrecorded = await server.agent({ callId: "CA2", media: { live: true, recording: false } });
  const { status, body } = await server.api("/calls/CA2/peaks");
  assert.deepEqual([status, body.error.code], [404, "not_recorded"]);
  unrecorded.end();
  await unrecorded.closed;
  const unknown = await server.api("/calls/CA404/peaks");
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "call_not_found"]);
});
