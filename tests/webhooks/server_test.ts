import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { Receiver, SECRET } from "./receiver.ts";

Deno.test("The server tells a webhook of a call and its recording, in order, signed", async () => {
  await using receiver = new Receiver();
  await using server = await TestServer.start({
    env: { EARSHOT_WEBHOOK_URL: receiver.url, EARSHOT_WEBHOOK_SECRET: SECRET },
  });
  const agent = await server.agent({
    callId: "CA1",
    media: { live: true, recording: true },
    metadata: { agent: "support" },
  });
  await agent.end("hangup");
  await receiver.until(3);
  const { received } = receiver;
  assert.deepEqual(received.map(({ type }) => type), [
    "call.started",
    "call.ended",
    "recording.ready",
  ]);
  assert.ok(received.every(({ problem }) => problem === undefined), "every signature is right");
  const [started, ended, ready] = received.map(({ data }) => JSON.parse(JSON.stringify(data)));
  assert.equal(started.organisation, "acme");
  assert.deepEqual(started.call.metadata, { agent: "support" });
  assert.equal(ended.call.reason, "hangup");
  assert.equal(ready.callId, "CA1");
  assert.equal(ready.recording.state, "complete");
  const metrics = await (await fetch(`${server.origin}/metrics`, {
    headers: { "x-api-key": "acme-key-0123456789abcdef" },
  })).text();
  assert.match(metrics, /earshot_webhooks_total\{outcome="delivered"\} [23]/);
  assert.match(metrics, /earshot_webhooks_pending [01]/);
});

Deno.test("The server's webhooks outlive it: what it could not tell, the next one tells", async () => {
  const folder = await Deno.makeTempDir();
  const env = { EARSHOT_WEBHOOK_SECRET: SECRET, EARSHOT_STATE: `file:${folder}` };
  {
    await using server = await TestServer.start({
      env: { ...env, EARSHOT_WEBHOOK_URL: "http://127.0.0.1:9/" },
    });
    const agent = await server.agent({ callId: "CA1" });
    await agent.end("hangup");
    await server.until("CA1", ({ state }) => state === "ended");
  }
  await using receiver = new Receiver();
  await using _server = await TestServer.start({
    env: { ...env, EARSHOT_WEBHOOK_URL: receiver.url },
  });
  await receiver.until(2);
  assert.deepEqual(receiver.received.map(({ type }) => type), ["call.started", "call.ended"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The server starts with a webhook queue that is damaged, and tells the receiver all the same", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/webhooks.sqlite`, "this is no database".repeat(100));
  await using receiver = new Receiver();
  {
    await using server = await TestServer.start({
      env: {
        EARSHOT_WEBHOOK_URL: receiver.url,
        EARSHOT_WEBHOOK_SECRET: SECRET,
        EARSHOT_STATE: `file:${folder}`,
      },
    });
    assert.match(server.log.join("\n"), /Cannot use .*webhooks\.sqlite/);
    const agent = await server.agent({ callId: "CA1" });
    await agent.end();
    await receiver.until(2);
  }
  await Deno.remove(folder, { recursive: true });
});
