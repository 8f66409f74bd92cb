import assert from "node:assert/strict";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";
import { until } from "../support/until.ts";

/** Comings and goings of each kind, and how many of them at a time. */
const TIMES = 150;
const AT_ONCE = 10;

/** What must be nothing again when everybody has gone. */
const GAUGES =
  /^(earshot_(?:listeners|listeners_catching_up|event_streams|conversions|conversions_waiting)) (\S+)$/gm;

/** Asks for a body and leaves: before its first piece, in the middle, or some time later. */
async function leaveBody(url: string, n: number): Promise<void> {
  const leaving = new AbortController();
  const { status, body } = await fetch(url, { signal: leaving.signal });
  assert.ok([200, 429, 503].includes(status), `${url}: ${status}`);
  if (n % 3 === 0) {
    const reader = body!.getReader();
    await reader.read();
    return await reader.cancel();
  }
  if (n % 3 === 1) await sleep(n % 20);
  leaving.abort();
  await body?.cancel().catch(() => {});
}

/** Listens and leaves: at once, or with the first message. */
async function leaveStream(url: string, n: number): Promise<void> {
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket[n % 2 ? "onopen" : "onmessage"] = resolve);
  socket.close();
  await closed;
}

Deno.test("whoever comes and goes leaves nothing behind", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  agent.bot(bytesOf(noise(240_000, 3)));
  await server.received("CA1", "bot", 240_000);
  await server.until("CA1", ({ durationSeconds }) => durationSeconds > 1.1);
  const { origin } = server;
  const visits: ((n: number) => Promise<void>)[] = [
    (n) => leaveBody(`${origin}/events?levels=1&token=${KEY}`, n),
    (n) => leaveBody(`${origin}/calls/CA1/timeline?token=${KEY}`, n),
    (n) => leaveBody(`${origin}/calls/CA1/recording?channels=2&token=${KEY}`, n),
    (n) => leaveBody(`${origin}/calls/CA1/recording?format=flac&token=${KEY}`, n),
    (n) => leaveStream(server.ws(`/live/CA1/ws?from=0&events=1&silence=pcm&token=${KEY}`), n),
  ];
  for (const visit of visits) {
    let next = 0;
    const come = async () => {
      while (next < TIMES) await visit(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, come));
  }
  const counts = async () => {
    const text = await (await fetch(`${origin}/metrics?token=${KEY}`)).text();
    return [...text.matchAll(GAUGES)].map(([, name, value]) => [name, Number(value)] as const);
  };
  const left = async () => (await counts()).filter(([, value]) => value !== 0);
  await until(left, ({ length }) => length === 0, "still there");
  assert.equal((await counts()).length, 5);
  assert.deepEqual(server.log.filter((line) => / (warn|error) /.test(line)), []);
  agent.end();
  await agent.closed;
  // Who was coming up from behind looks at its socket every 20 ms.
  await sleep(100);
});
