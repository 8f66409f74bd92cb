import assert from "node:assert/strict";
import { answerAsEarshot, startIngestPeer } from "./ingest_peer.ts";
import { PcmClient } from "./pcm_client.ts";

Deno.test("PcmClient sends what part 2 of the protocol describes", async () => {
  await using peer = startIngestPeer();
  const client = await PcmClient.open({ url: `${peer.origin}/ingest/pcm`, key: "secret" });
  assert.equal((await client.start({ callId: "CA1" })).callId, "CA1");
  client.user(Uint8Array.of(1, 2));
  client.bot(Uint8Array.of(3, 4));
  client.clear();
  client.pause();
  client.resume();
  client.event("transcript", { text: "hello" });
  client.end("hangup");
  assert.equal((await client.closed).code, 1000);
  const { headers, messages } = await peer.session(0);
  assert.equal(headers.get("authorization"), "Bearer secret");
  const seen = messages.map(({ data }) => typeof data === "string" ? JSON.parse(data) : [...data]);
  assert.deepEqual(seen, [
    { type: "start", callId: "CA1" },
    [0, 1, 2],
    [1, 3, 4],
    { type: "clear" },
    { type: "pause" },
    { type: "resume" },
    { type: "event", name: "transcript", data: { text: "hello" } },
    { type: "end", reason: "hangup" },
  ]);
});

Deno.test("PcmClient.stream() paces frames and stamps them with their media time", async () => {
  await using peer = startIngestPeer();
  const client = await PcmClient.open({ url: peer.origin });
  await client.start({ timestamps: true });
  const audio = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
  const startedMs = performance.now();
  await client.stream("bot", audio, { frameBytes: 160, frameMs: 20, fromMediaMs: 300 });
  const tookMs = performance.now() - startedMs;
  client.end();
  await client.closed;
  const { messages } = await peer.session(0);
  const frames = messages.flatMap(({ data }) => typeof data === "string" ? [] : [data]);
  assert.deepEqual(frames.map((frame) => frame.length), [165, 165, 165, 165, 165, 165, 45]);
  const times = frames.map((frame) => new DataView(frame.buffer).getUint32(1, true));
  assert.deepEqual(times, [300, 320, 340, 360, 380, 400, 420]);
  assert.deepEqual(frames.flatMap((frame) => [...frame.subarray(5)]), [...audio]);
  assert.ok(tookMs >= 139, `took ${tookMs} ms`);
});

Deno.test("PcmClient.start() throws the server's error", async () => {
  await using peer = startIngestPeer(() => ({ type: "error", code: "call_exists", message: "no" }));
  const client = await PcmClient.open({ url: peer.origin });
  await assert.rejects(() => client.start(), /call_exists: no/);
  await client.drop();
});

Deno.test("PcmClient.message() throws when the socket closes first", async () => {
  await using peer = startIngestPeer((message, session) => {
    if (message.type === "clear") session.socket.close(1008, "enough");
    return answerAsEarshot(message, session);
  });
  const client = await PcmClient.open({ url: peer.origin });
  await client.start();
  client.clear();
  await assert.rejects(() => client.message("other"), /closed with 1008 enough/);
});

Deno.test("PcmClient.open() throws when the upgrade is refused", async () => {
  const refuse = () => new Response("no", { status: 401 });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, refuse);
  const url = `ws://127.0.0.1:${server.addr.port}`;
  await assert.rejects(() => PcmClient.open({ url }), /Cannot open/);
  await server.shutdown();
});
