import assert from "node:assert/strict";
import { connect } from "node:http2";
import { ManualClock } from "../../mixer/clock.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";

const LIMIT = 512 * 1024;

/** Sends a POST by hand in HTTP/1.1, chunked, in these pieces, and answers what came back. */
async function postChunked(origin: string, path: string, pieces: string[]): Promise<string> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: x",
    `X-API-Key: ${KEY}`,
    ...(pieces.length > 0 ? ["Content-Type: application/json"] : []),
    "Transfer-Encoding: chunked",
    "Connection: close",
    "",
    "",
  ].join("\r\n");
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  await connection.write(new TextEncoder().encode(`${head}${chunks}0\r\n\r\n`));
  const answer = new Uint8Array(64 * 1024);
  const length = await connection.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, length ?? 0));
}

Deno.test("a chunked request body is taken, and an empty one is none", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  for (const action of ["pause", "resume", "clear"]) {
    const answer = await postChunked(server.origin, `/calls/CA1/${action}`, []);
    assert.match(answer, /^HTTP\/1\.1 200 /, action);
  }
  const announced = await postChunked(server.origin, "/calls", ['{"id":', '"CA2"}']);
  assert.match(announced, /^HTTP\/1\.1 201 /);
  assert.match(announced, /"id":"CA2"/);
  assert.match(await postChunked(server.origin, "/calls/CA1/end", []), /^HTTP\/1\.1 200 /);
  await agent.closed;
});

Deno.test("a request body nests only so deep, whatever stands in its texts", async () => {
  await using server = await TestServer.start();
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const post = (body: string) =>
    fetch(`${server.origin}/calls`, {
      method: "POST",
      headers: { "X-API-Key": KEY, "Content-Type": "application/json" },
      body,
    }).then(async (response) => [response.status, await response.text()] as const);
  const [deep, said] = await post(`{"metadata":${nested(100_000)}}`);
  assert.equal(deep, 400);
  assert.match(said, /nested 64 deep/);
  // A handler sees this one, and says what is wrong with it itself.
  const [shallow, told] = await post(`{"metadata":${nested(60)}}`);
  assert.equal(shallow, 400);
  assert.doesNotMatch(told, /nested/);
  const [text] = await post(JSON.stringify({ metadata: { a: '\\"' + "[{".repeat(200) } }));
  assert.equal(text, 201);
});

Deno.test("a request body in HTTP/2 is counted as it comes", async () => {
  await using server = await TestServer.start();
  const client = connect(server.origin);
  try {
    const stream = client.request({
      ":method": "POST",
      ":path": "/calls",
      "x-api-key": KEY,
      "content-type": "application/json",
    });
    const status = new Promise<number>((resolve, reject) => {
      stream.on("response", (headers) => resolve(Number(headers[":status"])));
      stream.on("error", reject);
    });
    const piece = "[".repeat(16 * 1024);
    let sent = 0;
    let isAnswered = false;
    const answered = status.then((code) => (isAnswered = true, code));
    // As much as the server takes, which must be far less than this.
    while (!isAnswered && sent < 40 * 1024 * 1024) {
      await new Promise<void>((resolve) => {
        stream.write(piece, () => resolve());
        answered.then(() => resolve(), () => resolve());
      });
      sent += piece.length;
      await sleep(0);
    }
    assert.equal(await answered, 413);
    assert.ok(sent < 4 * LIMIT, `the server took ${sent} bytes`);
    stream.on("error", () => {});
    stream.close();
  } finally {
    client.destroy();
  }
});

Deno.test("a request body that stalls is given up after 15 s", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const { hostname, port } = new URL(server.origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const timers = clock.pendingTimers;
  const head = `POST /calls HTTP/1.1\r\nHost: x\r\nX-API-Key: ${KEY}\r\n` +
    "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
  await connection.write(new TextEncoder().encode(head));
  await until(() => clock.pendingTimers, (pending) => pending > timers, "the body is waited for");
  await clock.advance(14_900);
  assert.ok(clock.pendingTimers > timers, "it is waited for still");
  const answer = new Uint8Array(4096);
  let length: number | null | undefined;
  const answered = connection.read(answer).then((read) => length = read);
  // The byte that came may have begun another 15 s meanwhile.
  await until(() => clock.advance(100), () => length !== undefined, "an answer");
  await answered;
  assert.match(
    new TextDecoder().decode(answer.subarray(0, length ?? 0)),
    /^HTTP\/1\.1 408 [^]*body_stalled/,
  );
});
