import assert from "node:assert/strict";
import { openSocket } from "../support/socket.ts";
import { KEY, OTHER_KEY, sleep, TestServer } from "../support/test_server.ts";

const LIVE = { live: true };

interface Refusal {
  error: { code: string; message: string; recordingUrl?: string };
}

/** What is answered to the same request for the stream and for the player. */
async function refusals(
  server: TestServer,
  callId: string,
  { query = "", headers = {} }: { query?: string; headers?: Record<string, string> } = {},
) {
  const answers: { status: number; headers: Headers; error: Refusal["error"] }[] = [];
  for (const place of ["ws", "player"]) {
    const response = await fetch(`${server.origin}/live/${callId}/${place}${query}`, { headers });
    const { error }: Refusal = await response.json();
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    assert.deepEqual(Object.keys(error).slice(0, 2), ["code", "message"]);
    assert.ok(error.message.length > 10 && !error.message.endsWith("."), error.message);
    answers.push({ status: response.status, headers: response.headers, error });
  }
  const [stream, player] = answers;
  assert.deepEqual([player.status, player.error], [stream.status, stream.error]);
  return stream;
}

/** Whether a real upgrade is refused. */
async function isRefused(server: TestServer, path: string): Promise<boolean> {
  const { opened, closed, socket } = openSocket(server.ws(path), {}, () => {});
  const refused = await opened.then(() => false, () => true);
  socket.close();
  await closed;
  return refused;
}

Deno.test("listening without a good credential is answered 401, whatever the call", async () => {
  await using server = await TestServer.start();
  await using _ = await held(server, "CA1", LIVE);
  for (const callId of ["CA1", "CA2"]) {
    for (
      const request of [
        {},
        { query: "?token=" },
        { query: "?token=wrong-key-0123456789" },
        { headers: { authorization: "Bearer wrong-key-0123456789" } },
        { headers: { authorization: `Basic ${btoa(`${KEY}:`)}` } },
        { headers: { "x-api-key": "wrong-key-0123456789" } },
      ]
    ) {
      const { status, headers, error } = await refusals(server, callId, request);
      assert.deepEqual([status, error.code], [401, "unauthorized"]);
      assert.equal(headers.get("www-authenticate"), "Bearer");
    }
  }
  const { status } = await refusals(server, "CA1", { headers: { "x-api-key": OTHER_KEY } });
  assert.equal(status, 401);
  assert.ok(await isRefused(server, `/live/CA1/ws?token=${OTHER_KEY}`));
});

Deno.test("listening takes the credential in each of three places", async () => {
  await using server = await TestServer.start();
  await using _ = await held(server, "CA1", LIVE);
  for (
    const [query, headers] of [
      [`?token=${KEY}`, {}],
      ["", { authorization: `Bearer ${KEY}` }],
      ["", { "x-api-key": KEY }],
    ] as const
  ) {
    const { opened, closed, socket } = openSocket(
      server.ws(`/live/CA1/ws${query}`),
      headers,
      () => {},
    );
    await opened;
    socket.close();
    await closed;
    const page = await fetch(`${server.origin}/live/CA1/player${query}`, { headers });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<html/);
  }
});

Deno.test("listening to a call that is not there, off or over says which", async () => {
  await using server = await TestServer.start();
  const headers = { "x-api-key": KEY };
  const unknown = await refusals(server, "CA404", { headers });
  assert.deepEqual([unknown.status, unknown.error.code], [404, "call_not_found"]);

  // The default is the reference's: off.
  const quiet = await server.agent({ callId: "CA403" });
  const off = await refusals(server, "CA403", { headers });
  assert.deepEqual([off.status, off.error.code], [403, "live_off"]);
  assert.match(off.error.message, /"media":\{"live":true\}/);
  quiet.end();
  await quiet.closed;

  const over = await refusals(server, "CA403", { headers });
  assert.deepEqual([over.status, over.error.code], [410, "call_ended"]);
  assert.equal(over.error.recordingUrl, undefined);

  const recorded = await server.agent({ callId: "CA410", media: { live: true, recording: true } });
  recorded.end();
  await recorded.closed;
  const kept = await refusals(server, "CA410", { headers });
  assert.deepEqual([kept.status, kept.error.code], [410, "call_ended"]);
  assert.equal(kept.error.recordingUrl, `${server.origin}/calls/CA410/recording`);
  const ofOthers = await refusals(server, "CA410", { headers: { "x-api-key": OTHER_KEY } });
  assert.equal(ofOthers.status, 401);
});

Deno.test("the stream without an upgrade is answered 426", async () => {
  await using server = await TestServer.start();
  await using _ = await held(server, "CA1", LIVE);
  const { status, headers, body } = await server.api("/live/CA1/ws");
  assert.deepEqual([status, body.error.code], [426, "upgrade_required"]);
  assert.equal(headers.get("upgrade"), "websocket");
});

Deno.test("a view that does not exist is answered 400, naming what there is", async () => {
  await using server = await TestServer.start();
  await using _ = await held(server, "CA1", LIVE);
  for (
    const query of ["channels=3", "track=agent", "silence=no", "channels=2&track=user", "track="]
  ) {
    const { status, body } = await server.api(`/live/CA1/ws?${query}`);
    assert.deepEqual([status, body.error.code], [400, "bad_query"], query);
  }
});

Deno.test("the player is a page for a browser, whatever the status", async () => {
  await using server = await TestServer.start();
  const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  for (const [query, status] of [["", 401], [`?token=${KEY}`, 404]] as const) {
    const response = await fetch(`${server.origin}/live/CA1/player${query}`, { headers });
    assert.equal(response.status, status);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    const page = await response.text();
    assert.match(page, /<html/);
    assert.ok(!page.includes(KEY));
  }
});

Deno.test("more listeners than a call or an organisation may have are answered 429", async () => {
  await using server = await TestServer.start({
    env: { EARSHOT_MAX_LISTENERS_PER_CALL: "3", EARSHOT_MAX_LISTENERS_PER_ORG: "4" },
  });
  await using _ = await held(server, "CA1", LIVE);
  await using _second = await held(server, "CA2", LIVE);
  // All at once: none may slip in while another is being let in.
  const attempts = await Promise.allSettled(
    Array.from({ length: 20 }, () => server.listen("CA1")),
  );
  const listeners = attempts.flatMap((attempt) =>
    attempt.status === "fulfilled" ? [attempt.value] : []
  );
  assert.equal(listeners.length, 3);
  const perCall = await refusals429(server, "CA1");
  assert.equal(perCall.code, "too_many_listeners");
  listeners.push(await server.listen("CA2"));
  await refusals429(server, "CA2");
  await listeners.shift()!.close();
  await server.until("CA1", (call) => call.listeners === 2);
  listeners.push(await server.listen("CA2"));
  await Promise.all(listeners.map((listener) => listener.close()));
});

/** A call that lives until it is disposed of. */
async function held(server: TestServer, callId: string, media: { live: boolean }) {
  const agent = await server.agent({ callId, media });
  return {
    async [Symbol.asyncDispose]() {
      agent.end();
      await agent.closed;
      await sleep(0);
    },
  };
}

async function refusals429(server: TestServer, callId: string): Promise<Refusal["error"]> {
  const { status, body } = await server.api(`/live/${callId}/ws`);
  assert.equal(status, 429);
  assert.ok(await isRefused(server, `/live/${callId}/ws?token=${KEY}`));
  return body.error;
}
