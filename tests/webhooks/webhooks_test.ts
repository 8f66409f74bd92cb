import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ManualClock } from "../../mixer/clock.ts";
import { Delivery } from "../../webhooks/delivery.ts";
import { WebhookQueue } from "../../webhooks/queue.ts";
import { Webhooks } from "../../webhooks/webhooks.ts";
import { Receiver, SECRET } from "./receiver.ts";
import { until } from "../support/until.ts";

const HOUR_MS = 3_600_000;

/** Webhooks into a receiver, with what they told on the way. */
function rig(receiver: { url: string }, { path = ":memory:", limit = 100 } = {}) {
  // The scheme refuses timestamps five minutes off: the simulated clock begins at the real time.
  const clock = new ManualClock(0, Date.now());
  const warnings: string[] = [];
  const counts: Record<string, number> = {};
  const webhooks = new Webhooks({
    clock,
    queue: new WebhookQueue(path, limit),
    delivery: new Delivery({ clock, url: receiver.url, secret: SECRET }),
    onWarning: (message) => warnings.push(message),
    onCount: (what, count) => counts[what] = (counts[what] ?? 0) + count,
    random: () => 0.5,
  });
  const send = (callId: string, type: string) =>
    webhooks.send({ type, organisation: "acme", callId, data: { callId } });
  return { clock, webhooks, send, warnings, counts };
}

/** Lets what is under way settle, until `done`. */
function settle(done: () => boolean): Promise<boolean> {
  return until(done, (isDone) => isDone, "what is under way settles");
}

Deno.test("Webhooks.send delivers a message that the scheme's own library verifies", async () => {
  await using receiver = new Receiver();
  const { webhooks, send, counts } = rig(receiver);
  send("CA1", "call.started");
  await settle(() => webhooks.pending === 0);
  await webhooks.close();
  const [{ id, ...rest }] = receiver.received;
  assert.match(id, /^msg_[\w-]{36}$/);
  assert.deepEqual(rest, { type: "call.started", data: { organisation: "acme", callId: "CA1" } });
  assert.deepEqual(counts, { delivered: 1 });
});

Deno.test("Webhooks keep the order of a call while others go ahead", async () => {
  await using receiver = new Receiver();
  const { clock, webhooks, send, warnings, counts } = rig(receiver);
  let status = 500;
  receiver.answer = () => new Response(null, { status });
  send("CA1", "call.started");
  send("CA1", "call.ended");
  await settle(() => counts.failed === 1);
  status = 200;
  send("CA2", "call.started");
  await settle(() => counts.delivered === 1);
  assert.equal(webhooks.pending, 2);
  await clock.advance(6000);
  await settle(() => webhooks.pending === 0);
  await webhooks.close();
  const order = receiver.received.map(({ type, data }) => `${data.callId} ${type}`);
  assert.deepEqual(order.filter((line) => line.startsWith("CA1")), [
    "CA1 call.started",
    "CA1 call.started",
    "CA1 call.ended",
  ]);
  const ofStart = receiver.received.filter(({ data, type }) =>
    data.callId === "CA1" && type === "call.started"
  );
  assert.equal(ofStart[0].id, ofStart[1].id, "a repetition can be told by its id");
  assert.equal(warnings.length, 1, "a failing receiver is reported once");
  assert.match(warnings[0], /answered 500/);
});

Deno.test("Webhooks give a message up after a day, and go on with the next", async () => {
  await using receiver = new Receiver();
  const { clock, webhooks, send, counts, warnings } = rig(receiver);
  receiver.answer = () => new Response(null, { status: 503 });
  send("CA1", "call.started");
  await settle(() => counts.failed === 1);
  for (let hours = 0; hours < 26 && counts.expired === undefined; hours += 0.25) {
    const failed = counts.failed;
    const before = receiver.received.length;
    await clock.advance(HOUR_MS / 4);
    if (receiver.received.length > before) await settle(() => counts.failed > failed);
    else await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await settle(() => counts.expired === 1);
  assert.ok(counts.failed >= 20, `it was tried for a day: ${counts.failed}`);
  assert.match(warnings.at(-1)!, /Gave up a webhook of call CA1/);
  receiver.answer = () => new Response(null, { status: 204 });
  send("CA1", "call.ended");
  await settle(() => counts.delivered === 1);
  await webhooks.close();
});

Deno.test("Webhooks outlive their process: the queue is delivered by the next one", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/webhooks.sqlite`;
  const first = rig({ url: "http://127.0.0.1:9/" }, { path });
  first.send("CA1", "call.started");
  first.send("CA1", "call.ended");
  await settle(() => first.counts.failed === 1);
  await first.webhooks.close();
  await using receiver = new Receiver();
  const second = rig(receiver, { path });
  await second.clock.advance(10_000);
  await settle(() => second.webhooks.pending === 0);
  await second.webhooks.close();
  assert.deepEqual(receiver.received.map(({ type }) => type), ["call.started", "call.ended"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Webhooks that are full drop the oldest messages, count them and say so once", async () => {
  await using receiver = new Receiver();
  const { clock, webhooks, send, counts, warnings } = rig(receiver, { limit: 3 });
  receiver.answer = () => new Response(null, { status: 500 });
  for (let i = 0; i < 6; i++) send(`CA${i}`, "call.started");
  await settle(() => counts.failed >= 3);
  assert.equal(webhooks.pending, 3);
  assert.equal(counts.dropped, 3);
  assert.equal(warnings.filter((line) => line.includes("full")).length, 1);
  receiver.answer = () => new Response(null, { status: 200 });
  receiver.received.length = 0;
  await clock.advance(10_000);
  await settle(() => webhooks.pending === 0);
  await webhooks.close();
  assert.deepEqual(receiver.received.map(({ data }) => data.callId).sort(), ["CA3", "CA4", "CA5"]);
});

Deno.test("Webhooks give a receiver that hangs 15 s, and never say its address", async () => {
  await using receiver = new Receiver();
  const { clock, webhooks, send, counts, warnings } = rig(receiver);
  const answer = Promise.withResolvers<Response>();
  receiver.answer = () => answer.promise;
  send("CA1", "call.started");
  await receiver.until(1);
  await clock.advance(14_000);
  assert.equal(counts.failed, undefined);
  await clock.advance(2000);
  await settle(() => counts.failed === 1);
  assert.match(warnings[0], /no answer/);
  assert.doesNotMatch(warnings.join(), /hidden|127\.0\.0\.1/);
  answer.resolve(new Response());
  await webhooks.close();
});

Deno.test("Webhooks.close waits a second for what is on its way, and no longer", async () => {
  await using receiver = new Receiver();
  const { clock, webhooks, send, counts } = rig(receiver);
  const answer = Promise.withResolvers<Response>();
  receiver.answer = () => answer.promise;
  send("CA1", "call.started");
  await receiver.until(1);
  const closing = webhooks.close();
  await clock.advance(1000);
  await closing;
  assert.deepEqual(counts, {}, "being cut off is not the receiver's failure");
  answer.resolve(new Response());
});

Deno.test("Webhooks lose what cannot be written while their queue is locked, and then go on", async () => {
  await using receiver = new Receiver();
  const folder = await Deno.makeTempDir();
  const path = `${folder}/webhooks.sqlite`;
  const { clock, webhooks, send, warnings, counts } = rig(receiver, { path });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  send("CA1", "call.started");
  send("CA1", "call.ended");
  assert.equal(counts.dropped, 2);
  assert.equal(warnings.length, 1, "told once");
  assert.match(warnings[0], /webhook queue.*locked/);
  other.exec("ROLLBACK");
  send("CA2", "call.started");
  await settle(() => receiver.received.length === 1);
  // Locked while a message is on its way: it cannot be noted that it has arrived.
  await settle(() => webhooks.pending === 0);
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  receiver.answer = () => mayAnswer.then(() => new Response());
  send("CA3", "call.started");
  await settle(() => receiver.received.length === 2);
  other.exec("BEGIN IMMEDIATE");
  answer();
  await settle(() => counts.delivered === 2);
  assert.equal(webhooks.pending, 1);
  other.exec("ROLLBACK");
  other.close();
  await clock.advance(60_000);
  await settle(() => webhooks.pending === 0);
  const [, first, second] = receiver.received;
  assert.equal(first.id, second.id, "the same message once more");
  await webhooks.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("WebhookQueue leaves nothing of a message behind that is done", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/webhooks.sqlite`;
  const queue = new WebhookQueue(path, 100);
  queue.add({ id: "msg_1", callId: "CA1", body: '{"caller":"+49 170 1234567"}' }, 0);
  queue.remove(queue.take(0)!, 0);
  queue[Symbol.dispose]();
  for await (const { name } of Deno.readDir(folder)) {
    assert.doesNotMatch(await Deno.readTextFile(`${folder}/${name}`), /1234567/, name);
  }
  await Deno.remove(folder, { recursive: true });
});
