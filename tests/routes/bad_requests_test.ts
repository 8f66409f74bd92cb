import assert from "node:assert/strict";
import { KEY, TestServer } from "../support/test_server.ts";

/** Sends a request as it is written, and answers the status. */
async function statusOf(origin: string, ...lines: string[]): Promise<number> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const request = [...lines, "Connection: close, Upgrade", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(1024);
  const length = await connection.read(answer) ?? 0;
  return Number(/^HTTP\/1.1 (\d+)/.exec(new TextDecoder().decode(answer.subarray(0, length)))?.[1]);
}

Deno.test("a Host that is none is the client's mistake, and not told to the log", async () => {
  await using server = await TestServer.start();
  for (const host of ["a b", '">x', "[::1", "x:99999"]) {
    for (const path of [`/calls?token=${KEY}`, `/events?token=${KEY}`, "/ingest/twilio", "/"]) {
      const status = await statusOf(server.origin, `GET ${path} HTTP/1.1`, `Host: ${host}`);
      assert.equal(status, 400, `${host} ${path}`);
    }
  }
  assert.deepEqual(server.log, []);
});

Deno.test("a handshake that is not whole is refused, fills no log, and spends no token", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const { body: { token } } = await server.api<{ token: string }>("/calls/CA1/tokens", {
    body: { singleUse: true },
  });
  const before = server.log.length;
  const ask = (path: string, ...headers: string[]) =>
    statusOf(server.origin, `GET ${path} HTTP/1.1`, "Host: x", "Upgrade: websocket", ...headers);
  for (const path of [`/live/CA1/ws?token=${token}`, "/ingest/twilio"]) {
    assert.equal(await ask(path), 426);
    assert.equal(await ask(path, "Sec-WebSocket-Key:"), 426);
  }
  const lines = server.log.slice(before).filter((line) => !line.includes(" debug "));
  assert.equal(lines.length, 1, "one line for all that comes to /ingest");
  assert.match(lines[0], /warn ingest upgrade refused provider=twilio code=upgrade_required/);
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  assert.equal(await ask(`/live/CA1/ws?token=${token}`, "Sec-WebSocket-Version: 13", key), 101);
  agent.end();
  await agent.closed;
});
