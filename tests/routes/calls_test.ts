import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { CallDescription } from "../../routes/call_description.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

interface Page {
  calls: CallDescription[];
  before: string | null;
}

Deno.test("GET /calls pages through many calls, each once, newest first", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const made: string[] = [];
  for (let index = 0; index < 60; index++) {
    // Several begin in the same millisecond.
    if (index % 7 === 0) await clock.advance(1);
    const id = `CA${(index * 37) % 60}`;
    const { status } = await server.api("/calls", { body: { id } });
    assert.equal(status, 201);
    made.push(id);
    if (index % 2 === 0) await server.api(`/calls/${id}/end`, { method: "POST" });
  }
  await server.api("/calls", { body: { id: "other" }, key: OTHER_KEY });
  for (const [state, count] of [["", 60], ["&state=active", 30], ["&state=ended", 30]] as const) {
    const seen: CallDescription[] = [];
    let cursor = "";
    for (;;) {
      const { body } = await server.api<Page>(`/calls?limit=7${state}${cursor}`);
      assert.ok(body.calls.length <= 7);
      seen.push(...body.calls);
      if (body.before === null) break;
      cursor = `&before=${encodeURIComponent(body.before)}`;
    }
    assert.equal(seen.length, count);
    assert.equal(new Set(seen.map(({ id }) => id)).size, count);
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i].startedAt <= seen[i - 1].startedAt);
    for (const call of seen) assert.ok(made.includes(call.id));
  }
  for (const query of ["limit=0", "limit=1001", "limit=x", "state=live", "before=x", "before="]) {
    const { status, body } = await server.api(`/calls?${query}`);
    assert.equal(status, 400, query);
    assert.ok(["bad_query", "bad_request"].includes(body.error.code));
  }
});

/** Metadata of so many bytes as JSON. */
function metadataOf(bytes: number): Record<string, string> {
  const entries = Array.from({ length: 15 }, (_, n) => [`k${n + 10}`, "x".repeat(1024)]);
  const metadata = Object.fromEntries(entries);
  // Two bytes each, in UTF-8.
  const empty = JSON.stringify({ ...metadata, last: "" }).length;
  const left = bytes - empty;
  metadata.last = "é".repeat(left >> 1) + "x".repeat(left & 1);
  return metadata;
}

Deno.test("GET /calls answers at most 1 MiB at a time, and each call once", async () => {
  await using server = await TestServer.start();
  const made = new Set<string>();
  for (let n = 0; n < 150; n++) {
    const id = `CA${n}`;
    made.add(id);
    assert.equal(
      (await server.api("/calls", { body: { id, metadata: metadataOf(16_384) } })).status,
      201,
    );
    if (n % 2 === 0) await server.api(`/calls/${id}/end`, { method: "POST" });
  }
  const seen: string[] = [];
  for (let cursor = "";;) {
    const url = `${server.origin}/calls?limit=1000${cursor}`;
    const response = await fetch(url, { headers: { "x-api-key": KEY } });
    const text = await response.text();
    const bytes = new TextEncoder().encode(text).length;
    assert.ok(bytes <= 1024 * 1024, `${bytes} bytes`);
    const page: Page = JSON.parse(text);
    seen.push(...page.calls.map(({ id }) => id));
    if (page.before === null) break;
    assert.ok(bytes > 1000 * 1024, `a page is filled: ${bytes} bytes`);
    cursor = `&before=${encodeURIComponent(page.before)}`;
  }
  assert.equal(seen.length, 150);
  assert.deepEqual(new Set(seen), made);
});

Deno.test("a call has at most 16 KiB of metadata, what was announced included", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.api("/calls", { body: { metadata: metadataOf(16_385) } });
  assert.equal(status, 400);
  assert.match(body.error.message, /metadata takes 16384 bytes of JSON in all, received 16385/);
  await server.api("/calls", { body: { id: "CA1", metadata: metadataOf(16_384) } });
  const more = { callId: "CA1", metadata: { more: "x" } };
  await assert.rejects(() => server.agent(more), /bad_start/);
  const agent = await server.agent({ callId: "CA1", metadata: { k10: "shorter" } });
  assert.equal((await server.api("/calls/CA1")).body.metadata.k10, "shorter");
  agent.end();
  await agent.closed;
});

Deno.test("another organisation sees nothing of a call and may do nothing to it", async () => {
  await using server = await TestServer.start();
  const media = { live: true, recording: true };
  const agent = await server.agent({ callId: "CA1", media });
  const ended = await server.agent({ callId: "CA2", media });
  ended.end();
  await ended.closed;
  await server.until("CA2", ({ state }) => state === "ended");
  for (const key of [OTHER_KEY, null, "wrong-key-0123456789"]) {
    for (const id of ["CA1", "CA2"]) {
      for (
        const [method, path, body] of [
          ["GET", ""],
          ["GET", "/recording"],
          ["HEAD", "/recording"],
          ["DELETE", "/recording"],
          ["POST", "/clear"],
          ["POST", "/pause"],
          ["POST", "/resume"],
          ["POST", "/end"],
          ["POST", "/tokens", { ttlSeconds: 60 }],
        ] as const
      ) {
        const { status } = await server.api(`/calls/${id}${path}`, { method, key, body });
        assert.equal(status, 401, `${method} ${id}${path} ${key}`);
      }
    }
  }
  assert.deepEqual((await server.api<Page>("/calls", { key: OTHER_KEY })).body.calls, []);
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  assert.equal((await server.api("/calls/CA2")).body.recording?.state, "complete");
  agent.end();
  await agent.closed;
});

Deno.test("POST /calls announces a call, or names the field that is wrong", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.api("/calls", {
    body: { id: "CA1", sampleRate: 16000, media: { live: true }, metadata: { agent: "support" } },
  });
  assert.equal(status, 201);
  assert.deepEqual(
    [body.id, body.state, body.sampleRate, body.media, body.metadata, body.recording],
    [
      "CA1",
      "announced",
      16000,
      { live: true, recording: false, maxDurationSeconds: 1800 },
      { agent: "support" },
      null,
    ],
  );
  assert.equal(body.listenUrl, server.ws("/live/CA1/ws"));
  const twice = await server.api("/calls", { body: { id: "CA1" } });
  assert.deepEqual([twice.status, twice.body.error.code], [409, "call_exists"]);
  for (
    const [wrong, field] of [
      [{ id: "a/b" }, "id"],
      [{ id: 7 }, "id"],
      [{ sampleRate: 44_100 }, "sampleRate"],
      [{ media: { live: "yes" } }, "media.live"],
      [{ metadata: { a: 1 } }, "metadata.a"],
      [{ tracks: { user: { encoding: "opus", sampleRate: 8000 } } }, "tracks.user.encoding"],
      [[], ""],
    ] as const
  ) {
    const answer = await server.api("/calls", { body: wrong });
    assert.deepEqual([answer.status, answer.body.error.code], [400, "bad_request"]);
    assert.ok(answer.body.error.message.startsWith(field), answer.body.error.message);
  }
  for (const body of ["{", "", "\0"]) {
    const headers = { "x-api-key": KEY, "content-type": "application/json" };
    const response = await fetch(`${server.origin}/calls`, { method: "POST", headers, body });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, "bad_request");
  }
});

Deno.test("an API request is read from holders of a key alone, and not without end", async () => {
  await using server = await TestServer.start();
  const strange = await server.api("/calls", { body: { id: "a/b" }, key: null });
  assert.equal(strange.status, 401);
  const answer = await server.api("/calls", {
    body: { metadata: { a: "x".repeat(4 * 1024 * 1024) } },
  });
  assert.deepEqual([answer.status, answer.body.error.code], [413, "too_big"]);
  assert.match(await postChunked(server.origin, 600 * 1024), /^HTTP\/1\.1 413 /);
});

Deno.test("clear, pause, resume and end do what the ingest messages do", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const listener = await server.listen("CA1", "?silence=pcm");
  const post = (action: string, body?: unknown) =>
    server.api(`/calls/CA1/${action}`, { method: "POST", body });
  const speech = noise(16_000, 121);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", 16_000);
  await server.advance(500);
  const paused = await post("pause");
  assert.deepEqual([paused.status, paused.body.health!.paused], [200, true]);
  await server.advance(500);
  assert.equal((await post("resume")).body.health!.paused, false);
  await server.advance(250);
  assert.ok((await post("clear")).body.health!.bot.cleared > 0);
  await server.advance(250);
  const { status, body } = await post("end", { reason: "supervisor" });
  assert.deepEqual([status, body.state, body.reason], [200, "ended", "supervisor"]);
  assert.equal(body.durationSeconds, 1.5);
  assert.equal((await agent.closed).code, 1000);
  assert.equal((await listener.closed).code, 1000);
  const heard = listener.samples();
  assert.deepEqual(heard.subarray(0, 4000), speech.subarray(0, 4000));
  // The edges of a pause are faded, 5 ms each.
  assert.deepEqual(heard.subarray(4040, 8000), new Int16Array(3960));
  assert.deepEqual(heard.subarray(8040, 10_000), speech.subarray(8040, 10_000));
  assert.deepEqual(heard.subarray(10_080, 12_000), new Int16Array(1920));
  for (const action of ["clear", "pause", "resume", "end"]) {
    const over = await post(action);
    assert.deepEqual([over.status, over.body.error.code], [410, "call_ended"]);
  }
  const unknown = await server.api("/calls/CA404/end", { method: "POST" });
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "call_not_found"]);
});

/** Sends a body whose length nobody tells before, which `fetch` cannot take back; answers the reply. */
async function postChunked(origin: string, bytes: number): Promise<string> {
  const { hostname, port } = new URL(origin);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const head = `POST /calls HTTP/1.1\r\nHost: ${hostname}\r\nX-API-Key: ${KEY}\r\n` +
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = `1000\r\n${" ".repeat(4096)}\r\n`;
  const message = new TextEncoder().encode(head + chunk.repeat(bytes / 4096) + "0\r\n\r\n");
  for (let sent = 0; sent < message.length;) sent += await socket.write(message.subarray(sent));
  const reply = new Uint8Array(1024);
  const length = await socket.read(reply) ?? 0;
  return new TextDecoder().decode(reply.subarray(0, length));
}
