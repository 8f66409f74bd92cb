import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { WAV_HEADER_BYTES } from "../../recordings/wav.ts";
import { bytesOf, expectedSamples } from "../recordings/export_support.ts";
import { run, testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import { KEY, OTHER_KEY, sleep, TestServer } from "../support/test_server.ts";
import { recordedCall } from "./recordings_support.ts";
import { bytesOf as pcmOf, noise } from "./sounds.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const PATH = "/recording";

/** The headers that tell what a body is. */
function told({ status, headers }: Response) {
  const names = [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-type",
    "etag",
    "last-modified",
  ];
  return { status, ...Object.fromEntries(names.map((name) => [name, headers.get(name)])) };
}

Deno.test("GET recording answers parts to the sample, under names of their own", async () => {
  await using call = await recordedCall(20_000, { sampleRate: 16_000 });
  const cases = [
    ["?from=0.25", { start: 4000 }, "CA1-0.25-1.25.wav"],
    ["?to=1.0001", { end: 16_002 }, "CA1-0-1.000125.wav"],
    [
      "?from=0.1&to=0.2&channels=2",
      { channels: 2, start: 1600, end: 3200 },
      "CA1-stereo-0.1-0.2.wav",
    ],
    ["?track=bot&from=1&to=99", { track: "bot", start: 16_000 }, "CA1-bot-1-1.25.wav"],
    ["?from=2", { start: 20_000 }, "CA1-1.25-1.25.wav"],
  ] as const;
  for (const [query, options, name] of cases) {
    const response = await call.ask(PATH + query);
    const bytes = await response.bytes();
    assert.equal(response.status, 200);
    assert.equal(
      response.headers.get("content-disposition"),
      `attachment; filename="${name}"`,
    );
    assertSame(
      bytes.subarray(WAV_HEADER_BYTES),
      bytesOf(expectedSamples(call.stereo, options)),
      query,
    );
  }
  for (const query of ["?from=1&to=1", "?from=2&to=1", "?to=0", "?from=1&to=1.00001"]) {
    const { status, body } = await call.server.api(`/calls/CA1/recording${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_query"], query);
  }
  for (
    const query of ["?from=-1", "?from=1e3", "?from=", "?to=1,5", "?format=ogg", "?format=mp3"]
  ) {
    const { status, body } = await call.server.api(`/calls/CA1/recording${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_request"], query);
  }
});

Deno.test("GET recording answers any range, and ranges make the whole (seed 51)", async () => {
  await using call = await recordedCall(30_000);
  const random = seededRandom(51);
  for (const query of ["", "?channels=2", "?track=user&from=0.5&to=3.3"]) {
    const whole = await call.get(PATH + query);
    for (let round = 0; round < 20; round++) {
      const start = Math.floor(random() * whole.length);
      const end = start + 1 + Math.floor(random() * (whole.length - start));
      const response = await call.ask(PATH + query, { range: `bytes=${start}-${end - 1}` });
      const bytes = await response.bytes();
      assert.equal(response.status, 206);
      assert.equal(
        response.headers.get("content-range"),
        `bytes ${start}-${end - 1}/${whole.length}`,
      );
      assert.equal(response.headers.get("content-length"), String(end - start));
      assertSame(bytes, whole.subarray(start, end), `${query} ${start}-${end}`);
    }
    const last = await call.ask(PATH + query, { range: "bytes=-100" });
    assert.equal(last.status, 206);
    assertSame(await last.bytes(), whole.subarray(-100), "the last 100 bytes");
    const several = await call.ask(PATH + query, { range: "bytes=0-9,20-29" });
    assert.equal(several.status, 200);
    assertSame(await several.bytes(), whole, "several ranges");
    const beyond = await call.ask(PATH + query, { range: `bytes=${whole.length}-` });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get("content-range"), `bytes */${whole.length}`);
    assert.equal((await beyond.json()).error.code, "bad_range");
  }
});

Deno.test("HEAD recording tells what GET would, for WAV and FLAC, without converting", async () => {
  await using call = await recordedCall(9000);
  for (
    const query of ["", "?channels=2", "?track=bot&from=0.5", "?format=flac", "?format=flac&to=1"]
  ) {
    const get = await call.ask(PATH + query);
    const body = await get.bytes();
    const head = await call.ask(PATH + query, {}, "HEAD");
    assert.deepEqual(told(head), told(get), query);
    assert.equal((await head.bytes()).length, 0);
    if (!query.includes("flac")) {
      assert.equal(head.headers.get("content-length"), String(body.length));
      assert.equal(head.headers.get("accept-ranges"), "bytes");
    } else {
      assert.equal(head.headers.get("content-length"), null);
      assert.equal(head.headers.get("accept-ranges"), "none");
    }
    assert.match(head.headers.get("etag")!, /^"[^"]+"$/);
    assert.equal(head.headers.get("last-modified"), "Thu, 01 Jan 2026 00:00:01 GMT");
  }
  // A range is of GET alone.
  const head = await call.ask(PATH, { range: "bytes=0-1" }, "HEAD");
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "18080"]);
});

Deno.test("GET recording goes on with what the client has, and starts anew when it has other", async () => {
  await using call = await recordedCall(9000);
  const whole = await call.ask(PATH);
  const bytes = await whole.bytes();
  const [etag, date] = [whole.headers.get("etag")!, whole.headers.get("last-modified")!];
  const range = "bytes=9000-";
  for (const validator of [etag, date]) {
    const rest = await call.ask(PATH, { range, "if-range": validator });
    assert.equal(rest.status, 206, validator);
    assertSame(await rest.bytes(), bytes.subarray(9000), validator);
  }
  const stereo = await call.ask(`${PATH}?channels=2`, { range, "if-range": etag });
  assert.equal(stereo.status, 200);
  await stereo.body?.cancel();
  const unsatisfiable = { range: "bytes=999999-", "if-range": '"other"' };
  const anew = await call.ask(PATH, unsatisfiable);
  assert.equal(anew.status, 200);
  assertSame(await anew.bytes(), bytes, "the whole");
  const same = await call.ask(PATH, { "if-none-match": etag });
  assert.deepEqual([same.status, same.headers.get("etag")], [304, etag]);
  const other = await call.ask(PATH, { "if-match": '"other"' });
  assert.deepEqual([other.status, (await other.json()).error.code], [412, "changed"]);
});

testWith(["ffmpeg"], "GET recording as FLAC is the WAV, bit by bit", async () => {
  await using call = await recordedCall(50_000);
  for (const query of ["", "channels=2", "track=user&from=1.5&to=4.25"]) {
    const wav = await call.get(`${PATH}?${query}`);
    const response = await call.ask(`${PATH}?format=flac&${query}`);
    assert.equal(response.headers.get("content-type"), "audio/flac");
    assert.match(response.headers.get("content-disposition")!, /\.flac"$/);
    const flac = await response.bytes();
    assert.ok(flac.length < 0.8 * wav.length, `${flac.length} of ${wav.length} bytes`);
    const decoded = await run("ffmpeg", ["-v", "error", "-i", "-", "-f", "s16le", "-"], flac);
    assertSame(decoded, wav.subarray(WAV_HEADER_BYTES), query);
  }
  const ranged = await call.ask(`${PATH}?format=flac`, { range: "bytes=0-9" });
  assert.equal(ranged.status, 200);
  await ranged.body?.cancel();
});

Deno.test("GET recording refuses a conversion too many, and one that ends makes room", async () => {
  await using call = await recordedCall(3_000_000, { env: { EARSHOT_MAX_CONVERSIONS: "1" } });
  const path = `${PATH}?format=flac`;
  const first = (await call.ask(path)).body!.getReader();
  await first.read();
  const waiting = Array.from({ length: 4 }, () => call.ask(path));
  await waitingFor(call, 4);
  const refused = await call.ask(path);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "10");
  assert.equal((await refused.json()).error.code, "conversions_busy");
  await first.cancel();
  for (
    const response of await Promise.all(waiting.map(async (asked) => {
      const { status, body } = await asked;
      await body?.cancel();
      return status;
    }))
  ) assert.equal(response, 200);
});

/** Until so many requests wait for a conversion. */
async function waitingFor({ server }: Awaited<ReturnType<typeof recordedCall>>, requests: number) {
  const waiting = async () => {
    const text = await (await fetch(`${server.origin}/metrics?token=${KEY}`)).text();
    return Number(/^earshot_conversions_waiting (\d+)$/m.exec(text)![1]);
  };
  await until(waiting, (count) => count === requests, "requests that wait");
}

Deno.test("Who waits for a conversion and leaves keeps nobody from one", async () => {
  await using call = await recordedCall(3_000_000, { env: { EARSHOT_MAX_CONVERSIONS: "1" } });
  const ask = (signal?: AbortSignal) =>
    fetch(`${call.server.origin}/calls/CA1/recording?format=flac`, {
      headers: { "x-api-key": KEY },
      ...(signal && { signal }),
    });
  const first = (await ask()).body!.getReader();
  await first.read();
  const leaving = new AbortController();
  const left = assert.rejects(() => ask(leaving.signal));
  await waitingFor(call, 1);
  const last = ask();
  leaving.abort();
  await left;
  await first.cancel();
  const { status, body } = await last;
  assert.equal(status, 200);
  await body?.cancel();
});

Deno.test("A client that reads nothing makes the server read no further", async () => {
  const noise = new Int16Array(2 * 10_000_000);
  for (let at = 0; at < noise.length; at += 32_768) {
    crypto.getRandomValues(noise.subarray(at, at + 32_768));
  }
  await using call = await recordedCall(noise);
  for (const query of ["?channels=2", "?channels=2&format=flac"]) {
    const response = await call.ask(PATH + query);
    let [before, position] = [-1, 0];
    // The kernel takes some megabytes at first.
    while (position === 0 || position > before) {
      before = position;
      await sleep(300);
      [position = 0] = await call.openFiles();
    }
    assert.ok(position < noise.byteLength / 2, `${query}: read up to ${position}`);
    await response.body?.cancel();
    while ((await call.openFiles()).length > 0) await sleep(1);
  }
});

Deno.test("A cancelled download closes its file at once", async () => {
  await using call = await recordedCall(3_000_000);
  for (const query of ["?channels=2", "", "?format=flac"]) {
    const reader = (await call.ask(PATH + query)).body!.getReader();
    await reader.read();
    while ((await call.openFiles()).length === 0) await sleep(1);
    await reader.cancel();
    const deadlineMs = performance.now() + PATIENCE_MS;
    while ((await call.openFiles()).length > 0) {
      assert.ok(performance.now() < deadlineMs, `${query}: the file is still open`);
      await sleep(1);
    }
  }
});

Deno.test("GET recording is a snapshot while the call runs", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const headers = { "x-api-key": KEY };
  const ask = (more: Record<string, string> = {}, query = "") =>
    fetch(`${server.origin}/calls/CA1/recording${query}`, { headers: { ...headers, ...more } });
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const speech = noise(8 * 20_000, 61);
  agent.bot(pcmOf(speech));
  await server.received("CA1", "bot", speech.length);
  await server.advance(9000);
  const early = await ask();
  const bytes = await early.bytes();
  assert.equal(early.headers.get("content-length"), String(bytes.length));
  assert.equal(early.headers.get("last-modified"), null);
  assert.ok(bytes.length > WAV_HEADER_BYTES + 2 * 8000, `${bytes.length} bytes`);
  const etag = early.headers.get("etag")!;
  const ranged = await ask({ range: "bytes=1000-1999", "if-range": etag });
  assert.equal(ranged.status, 206);
  assertSame(await ranged.bytes(), bytes.subarray(1000, 2000), "a range of the snapshot");
  await server.advance(3000);
  const later = await ask({ range: "bytes=1000-1999", "if-range": etag });
  assert.equal(later.status, 200);
  assert.notEqual(later.headers.get("etag"), etag);
  const more = await later.bytes();
  assert.ok(more.length > bytes.length);
  const sound = (file: Uint8Array) => file.subarray(WAV_HEADER_BYTES);
  assertSame(sound(more).subarray(0, sound(bytes).length), sound(bytes), "what was there before");
  assertSame(sound(more), new Uint8Array(speech.buffer, 0, sound(more).length), "what was said");
  agent.end();
  await agent.closed;
  const part = await ask({}, "?to=1");
  await part.body?.cancel();
  const same = await ask({ "if-none-match": part.headers.get("etag")! }, "?to=1");
  assert.equal(same.status, 304);
});

Deno.test("A deleted recording is gone, for its organisation and for others", async () => {
  await using call = await recordedCall(1000);
  const { server } = call;
  const asOther = await server.api("/calls/CA1/recording", { key: OTHER_KEY });
  assert.equal(asOther.status, 401);
  assert.equal((await server.api("/calls/CA1/peaks", { key: OTHER_KEY })).status, 401);
  assert.equal((await server.api("/calls/CA1/peaks", { key: null })).status, 401);
  const deleted = await server.api("/calls/CA1/recording", { method: "DELETE" });
  assert.equal(deleted.status, 204);
  for (const [path, method] of [[PATH, "GET"], [PATH, "DELETE"], ["/peaks", "GET"]]) {
    const { status, body } = await server.api(`/calls/CA1${path}`, { method });
    assert.deepEqual([status, body.error.code], [410, "recording_deleted"], `${method} ${path}`);
  }
  // The id is free again, and a call that is not recorded has nothing that could have been deleted.
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: false } });
  const { status, body } = await server.api("/calls/CA1/recording");
  assert.deepEqual([status, body.error.code], [404, "not_recorded"]);
  agent.end();
  await agent.closed;
});
