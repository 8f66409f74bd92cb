import assert from "node:assert/strict";
import { bytesOf, noise, readWav } from "./routes/sounds.ts";
import { ListenerClient } from "./support/listener_client.ts";
import { PcmClient } from "./support/pcm_client.ts";
import { KEY, sleep } from "./support/test_server.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;
const LIMIT = 256;
const DEADLINE_MS = 60_000;

/** A server that may open no more than {@linkcode LIMIT} files and sockets. */
async function startLimited(folder: string) {
  const run = `ulimit -n ${LIMIT} && exec "$0" run --allow-all --no-check "$1"`;
  const child = new Deno.Command("sh", {
    args: ["-c", run, Deno.execPath(), MAIN],
    env: {
      EARSHOT_API_KEYS: `acme:${KEY}`,
      EARSHOT_HOST: "127.0.0.1",
      EARSHOT_PORT: "0",
      EARSHOT_RECORDINGS: `file:${folder}/recordings`,
      EARSHOT_STATE: `file:${folder}/state`,
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const printed = { text: "" };
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
      printed.text += chunk;
    }
  };
  const all = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const origin = await until(() => /reached at (http:\S+)/.exec(printed.text)?.[1]);
  return {
    origin,
    printed,
    async stop() {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await all;
      return code;
    },
  };
}

/** Asks until there is an answer. */
async function until<T>(ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const begun = performance.now(); performance.now() - begun < DEADLINE_MS; await sleep(20)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`Cannot go on: waited ${DEADLINE_MS} ms`);
}

Deno.test({
  name:
    "HttpServer accepts again after the process had no descriptor left, and calls go on through it",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "earshot-" });
    const server = await startLimited(folder);
    const { hostname, port } = new URL(server.origin);
    const half: Deno.TcpConn[] = [];
    try {
      const ws = server.origin.replace("http", "ws");
      const agent = await PcmClient.open({ url: `${ws}/ingest/pcm`, key: KEY });
      await agent.start({ callId: "CA1", media: { live: true, recording: true } });
      const listener = await ListenerClient.open({
        url: `${ws}/live/CA1/ws?silence=pcm`,
        key: KEY,
      });
      const metric = async () => {
        const headers = { "X-API-Key": KEY };
        const text = await fetch(`${server.origin}/metrics`, { headers }).then((answer) =>
          answer.text()
        ).catch(() => "");
        return Number(/^earshot_accept_failures (\d+)/m.exec(text)?.[1] ?? NaN);
      };
      assert.equal(await metric(), 0);

      const begin = new TextEncoder().encode("GET / HT");
      for (let count = 0; count < 400; count++) {
        // The backlog may be full by then, or nobody listens.
        const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => null);
        if (connection === null) break;
        half.push(connection);
        await connection.write(begin).catch(() => {});
      }
      await until(() => server.printed.text.includes("no new connections are accepted"));
      const before = listener.frames.length;
      const sound = noise(8000, 1);
      agent.user(bytesOf(sound));
      await until(() => listener.frames.length > before + 20);

      for (const connection of half.splice(0)) connection.close();
      const failures = await until(async () => (await metric()) || 0);
      assert.ok(failures >= 1);
      agent.end();
      await agent.closed;
      await listener.closed;
      const headers = { "X-API-Key": KEY };
      const call = `${server.origin}/calls/CA1`;
      await until(async () => {
        const { recording } = await fetch(call, { headers }).then((answer) => answer.json());
        return recording.state === "complete";
      });
      const answer = await fetch(`${call}/recording?track=user`, { headers });
      const wav = new Uint8Array(await answer.arrayBuffer());
      assert.ok(readWav(wav).samples.some((sample) => sample !== 0), "the recording went on");
      const told = server.printed.text.split("no new connections are accepted").length - 1;
      assert.equal(told, 1, server.printed.text);
    } finally {
      for (const connection of half) connection.close();
      assert.equal(await server.stop(), 0, server.printed.text);
      await Deno.remove(folder, { recursive: true });
    }
  },
});
