import assert from "node:assert/strict";
import { getAccess } from "../../../static/player/access.js";

function refused(status: number): Response {
  return Response.json({ error: { code: "x", message: "because" } }, { status });
}

const request = { callId: "CA1", credential: "a-key", tokensUrl: "https://x/calls/CA1/tokens" };

function world(...answers: (Response | "no network")[]) {
  const asked: RequestInit[] = [];
  return {
    asked,
    fetch: (_url: string, init: RequestInit) => {
      asked.push(init);
      const answer = answers.shift();
      return answer instanceof Response
        ? Promise.resolve(answer)
        : Promise.reject(new TypeError("no network"));
    },
    wait: () => Promise.resolve(),
    random: () => 1,
  };
}

function jwt(claims: unknown): string {
  const part = new TextEncoder().encode(JSON.stringify(claims)).toBase64({ alphabet: "base64url" });
  return `eyJhbGciOiJIUzI1NiJ9.${part.replaceAll("=", "")}.c2lnbmF0dXJl`;
}

Deno.test("getAccess() exchanges a key for a token of the call alone, and tries until it is answered", async () => {
  let waits = 0;
  const there = world("no network", refused(502), Response.json({ token: "t" }, { status: 201 }));
  assert.deepEqual(await getAccess(request, there, () => waits++), { token: "t" });
  assert.equal(waits, 2);
  const body = JSON.parse(String(there.asked[0].body));
  assert.deepEqual(body, { scope: ["listen", "recording"], ttlSeconds: 86_400 });
  assert.equal(new Headers(there.asked[0].headers).get("x-api-key"), "a-key");
});

Deno.test("getAccess() sends a token of this call nowhere", async () => {
  const token = jwt({ aud: "earshot", call: "CA1" });
  const nobody = world();
  assert.deepEqual(await getAccess({ ...request, credential: token }, nobody, () => {}), { token });
  assert.equal(nobody.asked.length, 0);
});

Deno.test("getAccess() takes for a key whatever is no token of this call", async () => {
  const others = ["a-key", "a.b.c", "..", jwt(null), jwt({ aud: "x", call: "CA1" })];
  for (const credential of [...others, jwt({ aud: "earshot", call: "CA2" })]) {
    const there = world(Response.json({ token: "t" }, { status: 201 }));
    assert.deepEqual(await getAccess({ ...request, credential }, there, () => {}), { token: "t" });
    assert.equal(new Headers(there.asked[0].headers).get("x-api-key"), credential);
  }
});

Deno.test("getAccess() says why there is no token", async () => {
  for (const status of [401, 403, 404, 410]) {
    const answer = await getAccess(request, world(refused(status)), () => {});
    assert.ok("title" in answer);
    assert.equal(answer.status, status);
    assert.equal(answer.detail, "because");
  }
});
