import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { EventClient } from "../support/event_client.ts";
import { ListenerClient } from "../support/listener_client.ts";
import { OTHER_KEY, TestServer } from "../support/test_server.ts";

interface Token {
  token: string;
  listenUrl: string;
  playerUrl: string;
  recordingUrl?: string;
}

const tokenOf = async (server: TestServer, scope?: string[], callId = "CA1") =>
  (await server.api<Token>(`/calls/${callId}/tokens`, { body: scope ? { scope } : {} })).body;

const timelineOf = ({ origin }: TestServer, { token }: Token, callId = "CA1") =>
  EventClient.open({ url: `${origin}/calls/${callId}/timeline?token=${token}` });

Deno.test("tokens open what their scope says, and no more", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  await server.agent({ callId: "CA2", media: { live: true, recording: true } });
  const listen = await tokenOf(server);
  const recording = await tokenOf(server, ["recording"]);
  const both = await tokenOf(server, ["listen", "recording"]);
  assert.equal(listen.recordingUrl, undefined);
  assert.equal(
    both.recordingUrl,
    `${server.origin}/calls/CA1/recording?token=${both.token}`,
  );
  for (const token of [listen, recording, both]) {
    await using timeline = await timelineOf(server, token);
    await timeline.message("snapshot");
    await assert.rejects(timelineOf(server, token, "CA2"), /401/);
    for (const path of ["/calls/CA1", "/calls", "/calls/CA2/recording", "/events"]) {
      assert.equal((await server.api(path, { key: token.token })).status, 401, path);
    }
    const gone = await server.api("/calls/CA1/recording", { key: token.token, method: "DELETE" });
    assert.equal(gone.status, 401);
  }
  const listener = await ListenerClient.open({ url: listen.listenUrl });
  await assert.rejects(ListenerClient.open({ url: recording.listenUrl }));
  const { status } = await server.api("/calls/CA1/recording", { key: listen.token });
  assert.equal(status, 401, "one who may listen may not have the recording");
  await server.advance(1000);
  agent.end();
  await listener.closed;
});

Deno.test("tokens are given for ended calls whose recording is kept", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const other = await server.agent({ callId: "CA2", media: { live: true } });
  await server.advance(1000);
  await server.api("/calls/CA1/end", { method: "POST" });
  await server.api("/calls/CA2/end", { method: "POST" });
  await Promise.all([agent.closed, other.closed]);
  const ended = await tokenOf(server, ["listen", "recording"]);
  await using timeline = await timelineOf(server, ended);
  await timeline.message("recording");
  assert.equal(await timeline.closed, true);
  const refused = await server.api("/calls/CA2/tokens", { body: {} });
  assert.equal(refused.status, 410);
  const theirs = await server.api("/calls/CA1/tokens", { body: {}, key: OTHER_KEY });
  assert.equal(theirs.status, 401);
  await server.api("/calls/CA1/recording", { method: "DELETE" });
  assert.equal((await server.api("/calls/CA1/tokens", { body: {} })).status, 410);
});

Deno.test("tokens are refused for scopes that do not exist", async () => {
  await using server = await TestServer.start();
  await server.api("/calls", { body: { id: "CA1" } });
  for (const scope of [[], ["manage"], ["listen", "listen"], "listen"]) {
    const { status } = await server.api("/calls/CA1/tokens", { body: { scope } });
    assert.equal(status, 400, JSON.stringify(scope));
  }
});

Deno.test("tokens of a call do not open a later call with its id", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const scope = ["listen", "recording"];
  const media = { live: true, recording: true };
  await server.api("/calls", { body: { id: "CA1", media } });
  const early = await tokenOf(server, scope);
  await server.advance(1000);
  const agent = await server.agent({ callId: "CA1", media });
  const opens = async ({ token }: Token) => {
    const answers = ["/calls/CA1/recording", "/calls/CA1/peaks", "/live/CA1/ws"].map(
      (path) => server.api(path, { key: token, method: "HEAD" }),
    );
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  await server.advance(1000);
  const [timeline, listener] = await Promise.all([
    timelineOf(server, early),
    ListenerClient.open({ url: early.listenUrl }),
  ]);
  const live = await tokenOf(server, scope);
  await server.advance(1000);
  for (const token of [early, live]) assert.deepEqual(await opens(token), [200, 200, 426]);
  await server.api("/calls/CA1/end", { method: "POST" });
  await Promise.all([agent.closed, listener.closed, timeline.closed]);
  const ended = await tokenOf(server, scope);
  const all = [early, live, ended];
  for (const token of all) assert.deepEqual(await opens(token), [200, 200, 410]);
  await server.api("/calls/CA1/recording", { method: "DELETE" });
  for (const token of all) assert.deepEqual(await opens(token), [410, 410, 410]);
  const next = await server.agent({ callId: "CA1", media });
  for (const token of all) {
    assert.deepEqual(await opens(token), [401, 401, 401]);
    await assert.rejects(timelineOf(server, token), /401/);
    assert.equal((await server.api(`/live/CA1/player?token=${token.token}`)).status, 401);
  }
  assert.deepEqual(await opens(await tokenOf(server, scope)), [200, 200, 426]);
  next.end();
  await next.closed;
});
