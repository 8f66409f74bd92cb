import assert from "node:assert/strict";
import { ListenerClient } from "./listener_client.ts";

const METADATA = {
  type: "metadata",
  sampleRate: 8000,
  channels: 1,
  bitDepth: 16,
  sessionId: "CA1",
};

/** A server that sends `messages` to whoever connects and then closes with 1000. */
function serve(messages: (string | Uint8Array<ArrayBuffer>)[]) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (const message of messages) socket.send(message);
      socket.close(1000, "over");
    };
    return response;
  });
  return { url: `ws://127.0.0.1:${server.addr.port}/live/CA1/ws`, stop: () => server.shutdown() };
}

Deno.test("ListenerClient sorts a well-formed stream", async () => {
  const frame = new Uint8Array(800).fill(1);
  const event = JSON.stringify({ type: "position", position: 400 });
  const stream = [JSON.stringify(METADATA), frame, event, new Uint8Array(2), frame];
  const { url, stop } = serve([...stream, new Uint8Array(0)]);
  const client = await ListenerClient.open({ url, key: "secret" });
  const { code, reason } = await client.closed;
  await stop();
  assert.deepEqual([code, reason], [1000, "over"]);
  assert.deepEqual(client.metadata, METADATA);
  assert.deepEqual(client.samples(), new Int16Array(800).fill(257));
  assert.equal(client.keepalivesMs.length, 1);
  assert.deepEqual(client.events.map(({ message }) => message.type), ["position"]);
  assert.equal(client.ended, true);
  assert.deepEqual(client.violations, []);
});

Deno.test("ListenerClient notes what breaks the protocol", async () => {
  const early = new Uint8Array(800);
  const wrong = [new Uint8Array(801), Uint8Array.of(0, 1), JSON.stringify(METADATA)];
  const { url, stop } = serve([
    early,
    JSON.stringify(METADATA),
    ...wrong,
    new Uint8Array(0),
    early,
  ]);
  const client = await ListenerClient.open({ url });
  await client.closed;
  await stop();
  assert.deepEqual(client.violations, [
    "binary message before the metadata",
    "frame of 801 bytes instead of 800",
    "keepalive is not 00 00",
    "metadata twice",
    "message after the empty one that ends a call",
  ]);
});

Deno.test("ListenerClient.until() throws when the socket closes first", async () => {
  const { url, stop } = serve([JSON.stringify(METADATA)]);
  const client = await ListenerClient.open({ url });
  await assert.rejects(() => client.until(() => false, "frame"), /No frame: closed with 1000/);
  await stop();
});
