import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { EventClient } from "../support/event_client.ts";
import { KEY, TestServer } from "../support/test_server.ts";

Deno.test("warnings of a call are shown while they last, told on /events and counted", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  await using events = await EventClient.open({ url: `${server.origin}/events`, key: KEY });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  await server.advance(21_000);
  const warned = await events.message("call.warning", 3);
  assert.equal(warned.data.callId, "CA1");
  const codes = () =>
    events.of("call.warning").map(({ data: { code, track, active } }) => [code, track, active]);
  assert.deepEqual(codes(), [
    ["track_silent", "user", true],
    ["track_silent", "bot", true],
    ["both_silent", undefined, true],
  ]);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual(
    body.health!.warnings,
    [
      { code: "track_silent", track: "user" },
      { code: "track_silent", track: "bot" },
      { code: "both_silent" },
    ].map((warning) => ({ ...warning, since: body.startedAt + 19_950 })),
  );
  await agent.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  const lost = (await events.message("call.warning", 4)).data;
  assert.equal(lost.code, "ingest_lost");
  const again = await server.agent({ callId: "CA1", resume: true });
  const found = (await events.message("call.warning", 5)).data;
  assert.deepEqual([found.code, found.active], ["ingest_lost", false]);
  const metrics = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": KEY } });
  const text = await metrics.text();
  assert.match(text, /^earshot_call_warnings_total\{code="track_silent"\} 2$/m);
  assert.match(text, /^earshot_call_warnings_total\{code="ingest_lost"\} 1$/m);
  again.end();
  await again.closed;
});
