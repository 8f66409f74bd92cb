import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { readAll } from "../recordings/store_contract.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { S3Server } from "../support/s3_server.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import { bytesOf, noise, readWav } from "./sounds.ts";
import { until } from "../support/until.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const RECORDED = { callId: "CA1", media: { live: false, recording: true } };

Deno.test("a call is recorded to S3, and its recording heard and deleted through the API", async () => {
  await using s3 = await S3Server.start();
  const env = { ...s3.env, EARSHOT_STATE: "memory:" };
  const clock = new ManualClock(0, Date.now());
  await using server = await TestServer.start({ env, clock });
  const agent = await server.agent(RECORDED);
  const said = noise(8000, 131, 20_000);
  for (let at = 0; at < said.length; at += 800) {
    await server.advance(100);
    agent.user(bytesOf(said.slice(at, at + 800)));
    await server.received("CA1", "user", at + 800);
  }
  agent.end();
  await agent.closed;
  await server.until("CA1", ({ state }) => state === "ended");
  const recording = () =>
    fetch(`${server.origin}/calls/CA1/recording?track=user`, { headers: { "x-api-key": KEY } });
  // At once from the spool, and then from S3.
  for (const expected of [undefined, "calls/acme/CA1.wav"]) {
    while (expected !== undefined && !(await s3.keys()).includes(expected)) await sleep(2);
    const response = await recording();
    assert.equal(response.status, 200);
    assert.deepEqual(readWav(await readAll(response.body!)).samples, said);
  }
  // The file as it is stored is not sent through the server: S3 itself gives it out.
  const stereo = `${server.origin}/calls/CA1/recording?channels=2`;
  const elsewhere = async () => {
    const answer = await fetch(stereo, { headers: { "x-api-key": KEY }, redirect: "manual" });
    await answer.body?.cancel();
    return answer.headers.get("location");
  };
  // Until the upload is told to be over, the spool's copy is sent.
  while (await elsewhere() === null) await sleep(2);
  const given = (await elsewhere())!;
  assert.ok(given.startsWith(s3.access.endpoint!), "the URL is the bucket's");
  assert.ok(!given.includes(KEY), "and carries no key of ours");
  const stored = await fetch(given);
  assert.equal(stored.status, 200);
  assert.match(stored.headers.get("content-disposition") ?? "", /CA1-stereo\.wav/);
  assert.deepEqual(await stored.bytes(), await s3.bytes("calls/acme/CA1.wav"));
  const metrics = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": KEY } });
  assert.match(await metrics.text(), /^earshot_upload_failures 0$/m);
  const { status } = await server.api("/calls/CA1/recording", { method: "DELETE" });
  assert.equal(status, 204);
  assert.deepEqual(await s3.keys(), ["calls/acme/CA1.json"]);
});

/** A server as an operator starts it. */
async function startTask(env: Record<string, string>) {
  const task = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: ROOT,
    env: {
      EARSHOT_API_KEYS: `acme:${KEY}`,
      EARSHOT_HOST: "127.0.0.1",
      EARSHOT_PORT: "0",
      NO_COLOR: "1",
      ...env,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log = new Response(task.stderr).text();
  const lines = task.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!/reached at http:\S+\n/.test(printed)) {
    const { done, value } = await lines.read();
    assert.ok(!done, `the server ended: ${printed}${done ? await log : ""}`);
    printed += value;
  }
  await lines.cancel();
  const [, origin] = /reached at (http:\S+)/.exec(printed)!;
  return {
    origin,
    async stop() {
      task.kill("SIGTERM");
      await task.status;
      return printed + await log;
    },
  };
}

Deno.test("deno task start keeps a call that ended while S3 was away, and shows no secret", async () => {
  await using s3 = await S3Server.start();
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  const env = {
    ...s3.env,
    EARSHOT_STATE: `file:${folder}`,
    // Wrong for the first server, hence the one that may turn up in its log.
    AWS_SECRET_ACCESS_KEY: "a-secret-that-nobody-may-see",
  };
  try {
    const first = await startTask(env);
    const ws = first.origin.replace("http", "ws");
    const agent = await PcmClient.open({ url: `${ws}/ingest/pcm`, key: KEY });
    await agent.start(RECORDED);
    agent.user(bytesOf(noise(8000, 7, 20_000)));
    const duration = async () => {
      const headers = { "x-api-key": KEY };
      return (await (await fetch(`${first.origin}/calls/CA1`, { headers })).json()).durationSeconds;
    };
    await until(duration, (seconds) => seconds > 1.1, "a second of sound");
    agent.end();
    await agent.closed;
    const printed = await first.stop();
    assert.match(printed, /warn Cannot .* in S3: 403 SignatureDoesNotMatch/);
    assert.doesNotMatch(printed, /nobody-may-see/);
    assert.deepEqual(await s3.keys(), []);
    const second = await startTask({ ...env, ...s3.env });
    while (!(await s3.keys()).includes("calls/acme/CA1.json")) await sleep(5);
    const response = await fetch(`${second.origin}/calls/CA1/recording?token=${KEY}`);
    const { samples } = readWav(await response.bytes());
    assert.equal(response.status, 200);
    assert.ok(samples.length >= 8000);
    await second.stop();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
