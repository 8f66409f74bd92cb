import assert from "node:assert/strict";
import { Hono } from "hono";
import { ManualClock } from "../../mixer/clock.ts";
import { answerError } from "../../routes/api_error.ts";
import { findRecording } from "../../routes/recordings_access.ts";
import type { Services } from "../../routes/services.ts";
import { createLog } from "../../log.ts";
import { TestServer } from "../support/test_server.ts";
import { ListenerClient } from "../support/listener_client.ts";
import { KEY } from "../support/test_server.ts";
import { bytesOf, noise, readWav } from "./sounds.ts";

const RATE = 8000;
const RECORDED = { media: { live: true, recording: true } };

for (const seconds of [0.3, 3, 8]) {
  Deno.test(`a recording of ${seconds} s that is asked for in the moment of the call's end is whole`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "earshot-" });
    const env = { EARSHOT_RECORDINGS: `file:${folder}/recordings` };
    {
      await using server = await TestServer.start({ env, clock: new ManualClock() });
      const headers = { "x-api-key": KEY };
      for (const [index, who] of ["agent", "listener", "one who deletes"].entries()) {
        const id = `CA${index}`;
        const agent = await server.agent({ ...RECORDED, callId: id });
        const url = server.ws(`/live/${id}/ws`);
        const listener = await ListenerClient.open({ url, key: KEY });
        const said = noise(Math.round(seconds * RATE), index);
        for (let at = 0; at < said.length; at += RATE / 10) {
          await server.advance(100);
          agent.user(bytesOf(said.slice(at, at + RATE / 10)));
        }
        await server.received(id, "user", said.length);
        agent.end();
        await (who === "listener" ? listener.closed : agent.closed);
        const recording = `${server.origin}/calls/${id}/recording`;
        if (who === "one who deletes") {
          const { status } = await fetch(recording, { method: "DELETE", headers });
          assert.equal(status, 204);
          continue;
        }
        const answer = await fetch(`${recording}?track=user`, { headers });
        assert.equal(answer.status, 200);
        const { samples } = readWav(await answer.bytes());
        const { body } = await server.api(`/calls/${id}`);
        assert.equal(samples.length, Math.round(body.durationSeconds * RATE), `for the ${who}`);
        assert.ok(samples.length >= said.length);
        await listener.closed;
      }
    }
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("findRecording() answers 503 and when to come again where the store does not take the rest", async () => {
  const clock = new ManualClock();
  const services = {
    clock,
    authorizer: { authorize: () => Promise.resolve({ organisation: "acme", kind: "key" }) },
    calls: { completing: () => new Promise(() => {}) },
  } as unknown as Services;
  const app = new Hono()
    .onError((error, c) => answerError(error, c, createLog("error")))
    .get("/", async (c) => {
      await findRecording(c, "CA1", services, () => true);
      return c.body(null);
    });
  const answering = app.request("/", { headers: { "x-api-key": KEY } });
  // The request waits for its authorisation first.
  while (clock.pendingTimers === 0) await Promise.resolve();
  await clock.advance(5000);
  const answer = await answering;
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "2");
  assert.equal((await answer.json()).error.code, "recording_incomplete");
});
