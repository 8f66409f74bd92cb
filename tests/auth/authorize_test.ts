import assert from "node:assert/strict";
import {
  Authorizer,
  credentialOf,
  mayListen,
  mayManage,
  type Principal,
} from "../../auth/authorize.ts";
import { KeyRing } from "../../auth/keys.ts";
import { ListenTokens } from "../../auth/tokens.ts";
import { Secret } from "../../config.ts";
import { ManualClock } from "../../mixer/clock.ts";

const KEY = "acme-key-0123456789";

function setUp() {
  const tokens = new ListenTokens({ clock: new ManualClock() });
  const keys = new KeyRing([{ organisation: "acme", key: new Secret(KEY) }]);
  return { tokens, authorizer: new Authorizer({ keys, tokens }) };
}

function request(url: string, headers: Record<string, string> = {}) {
  return { url, headers: new Headers(headers) };
}

Deno.test("Authorizer.authorize() knows a key", async () => {
  const { authorizer } = setUp();
  assert.deepEqual(await authorizer.authorize(KEY), { organisation: "acme", kind: "key" });
});

Deno.test("Authorizer.authorize() knows a token and uses a single-use one up", async () => {
  const { authorizer, tokens } = setUp();
  const token = await tokens.sign({
    organisation: "acme",
    callId: "CA1",
    scope: ["listen"],
    ttlSeconds: 60,
    singleUse: true,
  });
  const principal = { organisation: "acme", kind: "token", callId: "CA1", scope: ["listen"] };
  assert.deepEqual(await authorizer.authorize(token, { spend: false }), principal);
  assert.deepEqual(await authorizer.authorize(token), principal);
  assert.equal(await authorizer.authorize(token), null);
});

Deno.test("Authorizer.authorize() answers null to anything else", async () => {
  const { authorizer } = setUp();
  for (const credential of [undefined, "", "acme", "a.b.c", `${KEY} `, "k".repeat(1 << 20)]) {
    assert.equal(await authorizer.authorize(credential), null);
  }
});

Deno.test("credentialOf() reads the query, then the bearer, then X-API-Key", () => {
  const all = { authorization: "Bearer from-bearer", "x-api-key": "from-header" };
  assert.equal(
    credentialOf(request("https://a/live/1/ws?x=1&token=from-query", all)),
    "from-query",
  );
  assert.equal(credentialOf(request("https://a/live/1/ws?token=", all)), "from-bearer");
  assert.equal(
    credentialOf(request("https://a/", { "x-api-key": " from-header " })),
    "from-header",
  );
  assert.equal(
    credentialOf(request("/", { authorization: "Basic dTpw", "x-api-key": "from-header" })),
    "from-header",
    "a proxy's own authorization is not ours",
  );
  assert.equal(credentialOf(request("/live/1/ws?token=from-path")), "from-path");
  assert.equal(credentialOf(request("https://a/calls")), undefined);
  assert.equal(credentialOf(new Request("https://a/calls", { headers: all })), "from-bearer");
});

Deno.test("credentialOf() reads bearers in any case and nothing that is none", () => {
  for (const authorization of ["bearer abc", "BEARER  abc", "Bearer abc "]) {
    assert.equal(credentialOf(request("/", { authorization })), "abc");
  }
  for (const authorization of ["Bearer", "Bearer ", "Bearerabc", "Bearer a b", "Token abc", ""]) {
    assert.equal(credentialOf(request("/", { authorization })), undefined);
  }
});

Deno.test("credentialOf() decodes the query, takes the first token and none of the fragment", () => {
  assert.equal(credentialOf(request("/?token=a%2Bb&token=c")), "a+b");
  assert.equal(credentialOf(request("/#?token=abc")), undefined);
  assert.equal(credentialOf(request("/?a#&token=abc")), undefined);
  assert.equal(credentialOf(request("/?token=abc#def")), "abc");
  assert.equal(
    credentialOf(request("/?token=%E0%A4%A")),
    new URLSearchParams("token=%E0%A4%A").get("token"),
  );
});

Deno.test("credentialOf() takes 1024 characters and no more", () => {
  const longest = "k".repeat(1024);
  for (
    const [url, headers] of [["/?token=#", {}], ["/", { "x-api-key": "#" }], ["/", {
      authorization: "Bearer #",
    }]] as const
  ) {
    const filled = (text: string) =>
      request(
        url.replace("#", text),
        Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, value.replace("#", text)]),
        ),
      );
    assert.equal(credentialOf(filled(longest)), longest);
    assert.equal(credentialOf(filled(`${longest}k`)), undefined);
  }
  assert.equal(credentialOf(request(`/?a=${"x".repeat(20_000)}&token=abc`)), undefined);
});

Deno.test("mayListen() and mayManage() keep organisations, calls and tokens apart", () => {
  const key: Principal = { organisation: "acme", kind: "key" };
  const token: Principal = {
    organisation: "acme",
    kind: "token",
    callId: "CA1",
    scope: ["listen"],
  };
  const mute: Principal = { organisation: "acme", kind: "token", callId: "CA1", scope: [] };
  const cases: [Principal, string, string, boolean][] = [
    [key, "CA1", "acme", true],
    [key, "CA2", "acme", true],
    [key, "CA1", "globex", false],
    [token, "CA1", "acme", true],
    [token, "CA2", "acme", false],
    [token, "CA1", "globex", false],
    [mute, "CA1", "acme", false],
  ];
  for (const [principal, callId, organisation, allowed] of cases) {
    assert.equal(mayListen(principal, { id: callId, organisation }), allowed);
  }
  assert.equal(mayManage(key, "acme"), true);
  assert.equal(mayManage(key, "globex"), false);
  assert.equal(mayManage(token, "acme"), false);
  assert.equal(mayManage(token, "globex"), false);
});

Deno.test("mayListen() tells a call from a later one with its id", () => {
  const times = { startedAt: 2000, announcedAt: 1000 };
  const call = { id: "CA1", organisation: "acme", ...times };
  for (
    const [callStartedAt, allowed] of [[1000, true], [2000, true], [999, false], [3000, false]]
  ) {
    const token = { kind: "token", callId: "CA1", callStartedAt, scope: ["listen"] };
    assert.equal(mayListen({ organisation: "acme", ...token } as Principal, call), allowed);
  }
});
