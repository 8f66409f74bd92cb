import assert from "node:assert/strict";
import { Track } from "../mixer/track.ts";
import { CallRegistry } from "../calls/registry.ts";
import { ManualClock } from "../mixer/clock.ts";
import { RawUpgrade } from "./routes/raw_upgrade.ts";
import { bytesOf, noise, readWav } from "./routes/sounds.ts";
import { ListenerClient } from "./support/listener_client.ts";
import { PcmClient } from "./support/pcm_client.ts";
import { KEY, sleep, TestServer } from "./support/test_server.ts";
import { PATIENCE_MS } from "./support/until.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** `deno task start` as an operator runs it. */
function startTask(env: Record<string, string>) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: ROOT,
    env: { EARSHOT_HOST: "127.0.0.1", EARSHOT_PORT: "0", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const printed = { out: "", err: "" };
  const collect = async (stream: ReadableStream<Uint8Array>, into: "out" | "err") => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) printed[into] += decoder.decode(chunk, { stream: true });
  };
  const all = Promise.all([collect(child.stdout, "out"), collect(child.stderr, "err")]);
  return {
    printed,
    /** Where it is reached, once it says so. */
    async origin(): Promise<string> {
      for (;;) {
        const origin = /reached at (http:\S+)/.exec(printed.out)?.[1];
        if (origin !== undefined) return origin;
        assert.equal(printed.err, "");
        await sleep(20);
      }
    },
    kill: (signal: Deno.Signal) => child.kill(signal),
    /** Its exit code, once all it printed has been read. */
    async code(): Promise<number> {
      const { code } = await child.status;
      await all;
      return code;
    },
  };
}

Deno.test("SIGTERM lets everybody go, completes recordings and exits with 0, whoever is stuck", async () => {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  const server = startTask({
    EARSHOT_API_KEYS: `acme:${KEY}`,
    EARSHOT_RECORDINGS: `file:${folder}/recordings`,
    EARSHOT_STATE: `file:${folder}/state`,
    EARSHOT_LOG: "debug",
  });
  try {
    const origin = await server.origin();
    const ws = origin.replace("http", "ws");
    const agent = await PcmClient.open({ url: `${ws}/ingest/pcm?token=${KEY}` });
    await agent.start({ callId: "CA1", media: { live: true, recording: true } });
    const speech = noise(8000, 161);
    agent.bot(bytesOf(speech));
    const listener = await ListenerClient.open({ url: `${ws}/live/CA1/ws?token=${KEY}` });
    using stuck = await RawUpgrade.connect(origin);
    assert.equal(await stuck.request(`/live/CA1/ws?token=${KEY}`), 101);
    // The key in all sorts of places, some of them wrong.
    for (
      const path of [
        "/calls",
        "/live/CA404/ws",
        "/live/CA404/player",
        "/x",
        "/calls/CA1",
        "/metrics",
      ]
    ) {
      const response = await fetch(`${origin}${path}?x=1&token=${KEY}`, {
        headers: { "authorization": `Bearer ${KEY}`, "x-api-key": KEY },
      });
      await response.body?.cancel();
    }
    await listener.until(() => listener.frames.length === 20, "all speech");

    const startedMs = performance.now();
    server.kill("SIGTERM");
    const [agentClose, listenerClose] = await Promise.all([agent.closed, listener.closed]);
    assert.deepEqual([agentClose.code, listenerClose.code], [1001, 1001]);
    assert.equal(await server.code(), 0);
    // Whoever is stuck would hold it for as long as he likes.
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < PATIENCE_MS, `${tookMs} ms`);

    const wav = readWav(await Deno.readFile(`${folder}/recordings/acme/CA1.wav`));
    const bot = wav.samples.filter((_, index) => index % 2 === 1);
    const from = bot.findIndex((value) => value === speech[2]) - 2;
    assert.deepEqual(bot.subarray(from, from + 8000), speech);
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/recordings/acme/CA1.json`));
    assert.deepEqual([manifest.state, manifest.samples], ["complete", bot.length]);
    assert.ok((await Deno.stat(`${folder}/state/calls.sqlite`)).size > 0);
    assert.match(server.printed.err, /call ended id=CA1 reason=server_shutdown/);
    assert.ok(!(server.printed.out + server.printed.err).includes(KEY));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a bad setting stops the start with one line that names it", async () => {
  const server = startTask({ EARSHOT_API_KEYS: `acme:${KEY}`, EARSHOT_GRACE_SECONDS: "soon" });
  assert.notEqual(await server.code(), 0);
  const lines = (server.printed.out + server.printed.err).trim().split("\n");
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0], /EARSHOT_GRACE_SECONDS must be a whole number .*received "soon"/);
});

Deno.test("an exception in a handler is answered 500, logged without credentials, and no more", async () => {
  await using server = await TestServer.start();
  using _ = failing(CallRegistry.prototype, "get");
  const { status, body } = await server.api(`/calls/CA1?token=${KEY}`);
  assert.deepEqual([status, body.error.code], [500, "internal"]);
  assert.ok(!body.error.message.includes("broken"));
  const line = server.log.find((line) => line.includes("request failed"));
  assert.match(line ?? "", /error .*\/calls\/CA1\?token=….*broken/);
  assert.equal((await server.api("/healthz")).status, 200);
});

Deno.test("an exception at an ingest message closes its socket and no more", async () => {
  await using server = await TestServer.start();
  const good = await server.agent({ callId: "CA1" });
  {
    using _ = failing(CallRegistry.prototype, "start");
    const agent = await PcmClient.open({ url: server.ws("/ingest/pcm"), key: KEY });
    agent.json({ type: "start" });
    assert.equal((await agent.closed).code, 1011);
  }
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  good.end();
  await good.closed;
});

Deno.test("an exception in a call's pipeline ends that call and no more", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  // The way of an unrecorded frame is the shorter one: it is the first call's that fails.
  const first = await server.agent({ callId: "CA1" });
  const second = await server.agent({ callId: "CA2", media: { recording: true } });
  {
    using _ = failing(Track.prototype, "read", 1);
    await server.advance(200);
  }
  assert.equal((await server.until("CA1", ({ state }) => state === "ended")).reason, "failed");
  assert.equal((await first.closed).code, 1000);
  assert.equal((await server.api("/calls/CA2")).body.state, "live");
  assert.ok(server.log.some((line) => line.includes("code=call_failed")));
  second.end();
  await second.closed;
});

/** Makes a method throw, at most `times`, until it is disposed of. */
function failing<T extends object>(prototype: T, method: keyof T, times = Infinity): Disposable {
  const original = prototype[method];
  let thrown = 0;
  const broken = function (this: T, ...args: unknown[]): unknown {
    if (thrown++ < times) throw new Error("broken for the test");
    return (original as (...args: unknown[]) => unknown).apply(this, args);
  };
  Object.defineProperty(prototype, method, { value: broken, configurable: true, writable: true });
  return {
    [Symbol.dispose]: () =>
      void Object.defineProperty(prototype, method, {
        value: original,
        configurable: true,
        writable: true,
      }),
  };
}
