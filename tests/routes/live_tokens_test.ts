import assert from "node:assert/strict";
import { Authorizer } from "../../auth/authorize.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { ListenerClient } from "../support/listener_client.ts";
import { RawUpgrade } from "./raw_upgrade.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";

const LIVE = { live: true };

interface Token {
  token: string;
  expiresAt: number;
  listenUrl: string;
  playerUrl: string;
}

async function tokenFor(server: TestServer, callId: string, request: object = {}) {
  const body = { scope: ["listen"], ttlSeconds: 60, ...request };
  const answer = await server.api<Token>(`/calls/${callId}/tokens`, { body });
  assert.equal(answer.status, 201);
  return answer.body;
}

Deno.test("a listen token opens the stream and the player of its call, again and again", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const { token, expiresAt, listenUrl, playerUrl } = await tokenFor(server, "CA1");
  assert.equal(expiresAt, clock.wallTime() + 60_000);
  assert.equal(listenUrl, `${server.ws("/live/CA1/ws")}?token=${token}`);
  for (let time = 0; time < 2; time++) {
    const listener = await ListenerClient.open({ url: listenUrl });
    assert.equal(listener.metadata.sessionId, "CA1");
    await listener.close();
    const page = await fetch(playerUrl);
    assert.equal(page.status, 200);
    await page.body?.cancel();
  }
  await clock.advance(60_000);
  assert.equal((await server.api("/live/CA1/ws", { key: token })).status, 401);
  agent.end();
  await agent.closed;
});

Deno.test("a listen token opens nothing but listening to its own call", async () => {
  await using server = await TestServer.start();
  const agents = await Promise.all(
    ["CA1", "CA2"].map((callId) => server.agent({ callId, media: LIVE })),
  );
  const { token: key } = await tokenFor(server, "CA1");
  for (
    const path of [
      "/live/CA2/ws",
      "/live/CA2/player",
      "/live/CA404/ws",
      "/calls",
      "/calls/CA1",
      "/calls/CA1/recording",
      "/metrics",
    ]
  ) {
    assert.equal((await server.api(path, { key })).status, 401, path);
  }
  for (const action of ["end", "pause", "tokens"]) {
    const { status } = await server.api(`/calls/CA1/${action}`, { key, body: { ttlSeconds: 1 } });
    assert.equal(status, 401, action);
  }
  await assert.rejects(() => server.agent({ callId: "CA3" }, key));
  for (const agent of agents) agent.end();
  await Promise.all(agents.map(({ closed }) => closed));
});

Deno.test("a single-use token opens one connection, however many try at once", async () => {
  const env = { EARSHOT_MAX_LISTENERS_PER_CALL: "2" };
  // Its clock begins with a whole second: single-use tokens of the second before would be refused.
  await using server = await TestServer.start({ env, clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const { listenUrl, playerUrl } = await tokenFor(server, "CA1", { singleUse: true });
  // Opening the page that will connect does not use it up, nor does a refusal.
  const page = await fetch(playerUrl);
  await page.body?.cancel();
  assert.equal(page.status, 200);
  const others = await Promise.all([server.listen("CA1"), server.listen("CA1")]);
  await assert.rejects(() => ListenerClient.open({ url: listenUrl }));
  await Promise.all(others.map((other) => other.close()));
  await server.until("CA1", ({ listeners }) => listeners === 0);

  const attempts = await Promise.allSettled(
    Array.from({ length: 5 }, () => ListenerClient.open({ url: listenUrl })),
  );
  const opened = attempts.filter(({ status }) => status === "fulfilled");
  assert.equal(opened.length, 1);
  const again = await fetch(playerUrl);
  await again.body?.cancel();
  assert.equal(again.status, 401);
  agent.end();
  await agent.closed;
});

Deno.test("a limit of listeners holds for many who come at once, however long a check takes", async () => {
  await using server = await TestServer.start({ env: { EARSHOT_MAX_LISTENERS_PER_CALL: "3" } });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const sockets = await Promise.all(
    Array.from({ length: 20 }, () => RawUpgrade.connect(server.origin)),
  );
  using _ = slowAuthorization(20);
  const path = `/live/CA1/ws?token=${KEY}`;
  const statuses = await Promise.all(sockets.map((socket) => socket.request(path)));
  assert.equal(statuses.filter((status) => status === 101).length, 3);
  assert.equal(statuses.filter((status) => status === 429).length, 17);
  for (const socket of sockets) socket[Symbol.dispose]();
  await server.until("CA1", ({ listeners }) => listeners === 0);
  agent.end();
  await agent.closed;
});

/** Makes every check of a credential take so long, until it is disposed of. */
function slowAuthorization(ms: number): Disposable {
  const { authorize } = Authorizer.prototype;
  Authorizer.prototype.authorize = async function (...args) {
    await sleep(ms);
    return await authorize.apply(this, args);
  };
  return { [Symbol.dispose]: () => void (Authorizer.prototype.authorize = authorize) };
}
