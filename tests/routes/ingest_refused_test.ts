import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { EventClient } from "../support/event_client.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { KEY, TestServer } from "../support/test_server.ts";

const MULAW = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };

/** Sends a Twilio start and answers how its socket was closed. */
async function twilioStart(server: TestServer, start: Record<string, unknown>) {
  const client = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  client.json({ event: "start", start: { streamSid: "MZ1", mediaFormat: MULAW, ...start } });
  return await client.closed;
}

const warnings = (server: TestServer) => server.log.filter((line) => line.includes(" warn "));

Deno.test("a start that is refused is a line in the log, a metric, and an event where its key is known", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  for (
    const [code, start] of [
      ["bad_start", { callSid: "CA1", customParameters: { token: KEY, live: "perhaps" } }],
      ["unauthorized", { callSid: "CA1", customParameters: { token: "a-wrong-key-0123456789" } }],
      ["unauthorized", { callSid: "CA1", customParameters: { Token: KEY } }],
      ["bad_start", { callSid: "a:colon", customParameters: { token: KEY } }],
    ] as const
  ) {
    server.log.length = 0;
    assert.equal((await twilioStart(server, start)).reason, code);
    const lines = warnings(server);
    assert.equal(lines.length, 1, `${code}: ${lines.join("\n")}`);
    assert.match(lines[0], new RegExp(`provider=twilio .*code=${code}`));
    assert.ok(!lines[0].includes(KEY) && !lines[0].includes("a-wrong-key"));
    // The next of its kind is counted alone, for ten seconds.
    assert.equal((await twilioStart(server, start)).reason, code);
    assert.equal(warnings(server).length, 1);
    await server.advance(10_000);
  }
  const metrics = await fetch(`${server.origin}/metrics?token=${KEY}`).then((all) => all.text());
  assert.match(metrics, /earshot_ingest_refused_total\{code="unauthorized"\} 4/);
  assert.match(metrics, /earshot_ingest_refused_total\{code="bad_start"\} 4/);
});

Deno.test("an upgrade that is refused is a line in the log and a metric", async () => {
  await using server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_TWILIO_AUTH_TOKEN: "0123456789abcdef0123456789abcdef" },
  });
  for (
    const [path, code] of [
      ["/ingest/twilio", "bad_signature"],
      ["/ingest/pcm?token=a-wrong-key-0123456789", "unauthorized"],
    ]
  ) {
    for (let attempt = 0; attempt < 3; attempt++) {
      const headers = { "x-twilio-signature": "bm90IHRoaXM=" };
      const { body } = await fetch(server.origin + path, { headers });
      await body?.cancel();
    }
    const lines = warnings(server).filter((line) => line.includes(`code=${code}`));
    assert.equal(lines.length, 1, server.log.join("\n"));
    assert.ok(!lines[0].includes("a-wrong-key"));
  }
  const metrics = await fetch(`${server.origin}/metrics?token=${KEY}`).then((all) => all.text());
  assert.match(metrics, /earshot_ingest_refused_total\{code="bad_signature"\} 3/);
});

Deno.test("an organisation hears of its own refused starts, and of nobody else's", async () => {
  await using server = await TestServer.start();
  await using events = await EventClient.open({ url: `${server.origin}/events`, key: KEY });
  const agent = await PcmClient.open({ url: server.ws("/ingest/pcm"), key: KEY });
  await twilioStart(server, { callSid: "CA1", customParameters: { token: "wrong" } });
  agent.json({ type: "start", callId: "a/b" });
  await agent.closed;
  const { data } = await events.message("ingest.refused");
  assert.deepEqual([data.provider, data.code], ["pcm", "bad_start"]);
});
