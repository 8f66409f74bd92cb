import assert from "node:assert/strict";
import { testWith } from "../support/programs.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";

const SCRIPT = new URL("unwilling_listener.py", import.meta.url).pathname;
/** Half a second of stereo at 16 kHz. */
const QUEUE_BYTES = 32_000;

testWith(
  ["python3"],
  "slow and stuck listeners cost the others nothing and are closed",
  async () => {
    using queues = watchQueues();
    await using server = await TestServer.start({ env: { EARSHOT_SLOW_LISTENER_SECONDS: "2" } });
    const agent = await server.agent({ callId: "CA1", sampleRate: 16000, media: { live: true } });
    const query = "?channels=2&silence=pcm";
    const good = await server.listen("CA1", query);
    // Of 64,000 bytes a second the stuck ones take none; the slow one takes 40,000.
    const path = `/live/CA1/ws${query}&token=${KEY}`;
    const stuck = [unwilling(server, path, 0), unwilling(server, path, 0)];
    const slow = unwilling(server, path, 40_000);
    await Promise.all([...stuck, slow].map((listener) => listener.opened));
    await server.until("CA1", ({ listeners }) => listeners === 4);
    // The kernel takes some for them; then their queues fill, frames are dropped, and they go.
    await server.until("CA1", ({ listeners }) => listeners === 2);
    assert.ok(queues.most() > QUEUE_BYTES / 2, `${queues.most()} bytes queued at most`);
    assert.ok(queues.most() <= QUEUE_BYTES, `${queues.most()} bytes queued at most`);
    for (const listener of stuck) assert.equal(await listener.closeCode(), 1013);
    // The slow one takes something all the time and stays until the end.
    await sleep(1000);
    assert.equal((await server.until("CA1", () => true)).listeners, 2);
    agent.end();
    assert.equal((await good.closed).code, 1000);
    assert.equal(await slow.closeCode(), 1000);
    // The good one was sent all there was since it came.
    const { body } = await server.api("/calls/CA1");
    const heardSeconds = good.samples().length / 2 / 16_000;
    assert.ok(
      body.durationSeconds - heardSeconds < 1,
      `${heardSeconds} of ${body.durationSeconds} s`,
    );
    assert.deepEqual(good.violations, []);
    assert.match(await metrics(server), /^earshot_listener_frames_dropped [1-9]/m);
  },
);

async function metrics(server: TestServer): Promise<string> {
  const response = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": KEY } });
  return await response.text();
}

/** A listener that reads so many bytes a second until it is asked for its close code. */
function unwilling(server: TestServer, path: string, bytesPerSecond: number) {
  const { port } = new URL(server.origin);
  const child = new Deno.Command("python3", {
    args: [SCRIPT, port, path, String(bytesPerSecond)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    // The line's end may come by itself.
    opened: lines.read().then(({ value }) => assert.equal(value?.trim(), "open")),
    async closeCode(): Promise<number> {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("read\n"));
      await writer.close();
      let printed = "";
      for (let { done, value } = await lines.read(); !done; { done, value } = await lines.read()) {
        printed += value;
      }
      await child.status;
      return Number(printed);
    },
  };
}

/** Notes how much is ever queued in this process for the sockets that are opened while it watches. */
function watchQueues() {
  const { upgradeWebSocket } = Deno;
  let most = 0;
  Deno.upgradeWebSocket = (request, options) => {
    const upgraded = upgradeWebSocket(request, options);
    const { socket } = upgraded;
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      send(data);
      most = Math.max(most, socket.bufferedAmount);
    };
    return upgraded;
  };
  return {
    most: () => most,
    [Symbol.dispose]: () => void (Deno.upgradeWebSocket = upgradeWebSocket),
  };
}
