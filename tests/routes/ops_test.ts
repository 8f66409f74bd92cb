import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { KEY, TestServer } from "../support/test_server.ts";

Deno.test("GET /healthz answers everybody", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.api<{ status: string }>("/healthz", { key: null });
  assert.deepEqual([status, body.status], [200, "ok"]);
});

Deno.test("GET /metrics answers holders of a key in Prometheus' format", async () => {
  await using server = await TestServer.start();
  assert.equal((await server.api("/metrics", { key: null })).status, 401);
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const listener = await server.listen("CA1");
  const values = await metricsOf(server);
  assert.equal(values.get("earshot_calls"), 1);
  assert.equal(values.get("earshot_listeners"), 1);
  assert.equal(values.get("earshot_calls_started_total"), 1);
  assert.equal(values.get("earshot_ingest_sockets"), 1);
  assert.equal(values.get("earshot_ingest_sockets_unauthenticated"), 0);
  await agent.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await server.api("/calls/CA1/end", { method: "POST" });
  await listener.closed;
  const after = await metricsOf(server);
  assert.equal(after.get("earshot_calls"), 0);
  assert.equal(after.get("earshot_listeners"), 0);
  assert.equal(after.get("earshot_calls_ended_total"), 1);
  assert.equal(after.get('earshot_call_warnings_total{code="ingest_lost"}'), 1);
});

/** All metrics by name and labels; throws on a line that is not one. */
async function metricsOf(server: TestServer): Promise<Map<string, number>> {
  const response = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": KEY } });
  assert.match(response.headers.get("content-type")!, /^text\/plain/);
  const lines = (await response.text()).split("\n");
  return new Map(
    lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const match = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
      assert.ok(match, line);
      return [match[1], Number(match[2])];
    }),
  );
}

Deno.test("GET /openapi.json describes every route of the API", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.api<
    { openapi: string; paths: Record<string, Record<string, { responses: object }>> }
  >("/openapi.json", { key: null });
  assert.equal(status, 200);
  assert.match(body.openapi, /^3\.1/);
  const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => {
      assert.ok(Object.keys(responses).length > 1, path);
      return `${method} ${path}`;
    })
  );
  assert.deepEqual(routes.sort(), [
    "delete /calls/{id}/recording",
    "get /calls",
    "get /calls/{id}",
    "get /calls/{id}/peaks",
    "get /calls/{id}/recording",
    "get /calls/{id}/timeline",
    "get /events",
    "post /calls",
    "post /calls/{id}/clear",
    "post /calls/{id}/end",
    "post /calls/{id}/pause",
    "post /calls/{id}/resume",
    "post /calls/{id}/tokens",
  ]);
});

Deno.test("an unknown path is answered 404 as JSON", async () => {
  await using server = await TestServer.start();
  for (
    const path of ["/nothing", "/live/CA1", "/ingest", "/calls/CA1/what", "/static/../main.ts"]
  ) {
    const { status, body } = await server.api(path);
    assert.equal(status, 404, path);
    assert.match(body.error.code, /^[a-z_]+$/);
  }
  const { status } = await server.api("/healthz", { method: "POST", body: {} });
  assert.equal(status, 404);
});

Deno.test("a key given as its hash is taken in clear, and its hash is no key", async () => {
  const hash = createHash("sha256").update(KEY).digest("hex");
  await using server = await TestServer.start({
    env: { EARSHOT_API_KEYS: `acme:sha256:${hash}` },
  });
  assert.equal((await server.api("/calls")).status, 200);
  assert.equal((await server.api("/calls", { key: hash })).status, 401);
  assert.equal((await server.api("/calls", { key: `sha256:${hash}` })).status, 401);
});

Deno.test("answers to who has a credential are kept by no cache on the way", async () => {
  await using server = await TestServer.start();
  await server.agent({ callId: "CA1", media: { live: true } });
  for (const path of ["/calls", "/calls/CA1", "/calls/none", "/calls/CA1/recording", "/metrics"]) {
    const headers = { "x-api-key": KEY };
    const answer = await fetch(`${server.origin}${path}`, { headers });
    await answer.body?.cancel();
    assert.match(answer.headers.get("cache-control") ?? "", /no-store|private/, path);
  }
});
