import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { MessageAllowance } from "../../routes/message_allowance.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("MessageAllowance.take() lets 20 messages of 4 KiB through in a second", () => {
  const clock = new ManualClock();
  const allowance = new MessageAllowance(clock);
  for (let second = 0; second < 3; second++) {
    for (let count = 0; count < 20; count++) assert.ok(allowance.take("x".repeat(4096)));
    assert.equal(allowance.take(""), false);
    clock.stall(1000);
  }
  assert.equal(allowance.take(new ArrayBuffer(4097)), false);
});

Deno.test("a listener that talks is closed, and the others hear the call", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const good = await server.listen("CA1", "?silence=pcm");
  const many = await server.listen("CA1");
  for (let count = 0; count < 20; count++) many.send("ping");
  const long = await server.listen("CA1");
  long.send(new Uint8Array(5000));
  const { code, reason } = await long.closed;
  assert.deepEqual([code, reason], [1008, "too many messages"]);
  await server.advance(1000);
  assert.ok(good.frames.length >= 10);
  assert.ok(
    many.frames.length === 0 && (await server.until("CA1", (call) => call.listeners === 2)),
  );
  for (let count = 0; count < 21; count++) many.send("ping");
  assert.equal((await many.closed).code, 1008);
  agent.end();
  await good.closed;
});
