import assert from "node:assert/strict";
import { Earshot, type Heard } from "../../client/mod.ts";

Deno.test("Listening goes on where it was cut off, and tells gap, reconnect and end", async () => {
  const froms: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    froms.push(new URL(request.url).searchParams.get("from"));
    assert.equal(request.headers.get("authorization"), "Bearer key");
    const isFirst = froms.length === 1;
    const { socket, response } = Deno.upgradeWebSocket(request);
    const say = (message: Record<string, unknown>) => socket.send(JSON.stringify(message));
    const frame = (value: number) => socket.send(new Int16Array(400).fill(value));
    socket.onopen = () => {
      say({ type: "metadata", sampleRate: 8000, channels: 1, bitDepth: 16, sessionId: "A" });
      say({ type: "position", position: isFirst ? 8000 : 9200 });
      frame(1);
      if (isFirst) {
        say({ type: "dropped", position: 8400, frames: 1 });
        say({ type: "position", position: 8800 });
        frame(2);
        return socket.close(1001);
      }
      say({ type: "event", name: "transcript", position: 9600, data: { text: "Hi" } });
      socket.send(new Uint8Array(2));
      socket.send(new Uint8Array(0));
      socket.close(1000, "call ended");
    };
    return response;
  });
  try {
    const earshot = new Earshot({ url: `http://127.0.0.1:${server.addr.port}`, apiKey: "key" });
    const heard: unknown[] = [];
    const stream = earshot.listen("A", { from: -30 }).readable;
    for await (const value of stream as ReadableStream<Heard> & AsyncIterable<Heard>) {
      heard.push(value.type === "audio" ? [value.position, value.samples[0]] : value);
    }
    assert.deepEqual(heard, [
      [8000, 1],
      { type: "gap", position: 8400, samples: 400 },
      [8800, 2],
      { type: "reconnect", code: 1001, attempt: 1 },
      [9200, 1],
      { type: "event", name: "transcript", position: 9600, data: { text: "Hi" } },
      { type: "end", code: 1000, reason: "call ended" },
    ]);
    assert.deepEqual(froms, ["-30", "1.15"]);
  } finally {
    await server.shutdown();
  }
});
