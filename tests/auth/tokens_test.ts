import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ListenTokens } from "../../auth/tokens.ts";
import { Secret } from "../../config.ts";
import { ManualClock } from "../../mixer/clock.ts";

const SECRET = "a-secret-for-tests-0123456789-abc";
const REQUEST = {
  organisation: "acme",
  callId: "CA1",
  scope: ["listen"],
  ttlSeconds: 60,
} as const;
const GRANT = { organisation: "acme", callId: "CA1", scope: ["listen"] };

function tokensAt(clock = new ManualClock(), maxSpent = 100_000): ListenTokens {
  return new ListenTokens({ clock, secret: new Secret(SECRET), maxSpent });
}

/** A token made without the code under test. */
function forge(header: unknown, claims: unknown, secret = SECRET): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=/g, "");
  const text = `${toUrl(part(header))}.${toUrl(part(claims))}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const toUrl = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_");

const NOW_SECONDS = new ManualClock().wallTime() / 1000;
const HEADER = { alg: "HS256", typ: "JWT" };
const CLAIMS = {
  aud: "earshot",
  org: "acme",
  call: "CA1",
  scope: ["listen"],
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 60,
  jti: "a",
};

Deno.test("ListenTokens.verify() answers what sign() was asked for", async () => {
  const tokens = tokensAt();
  assert.deepEqual(await tokens.verify(await tokens.sign(REQUEST)), GRANT);
});

Deno.test("ListenTokens.sign() makes an HS256 token that says what it is good for", async () => {
  const token = await tokensAt().sign({ ...REQUEST, singleUse: true });
  const [header, claims, signature] = token.split(".");
  assert.deepEqual(JSON.parse(atob(header)), HEADER);
  const { jti, ...rest } = JSON.parse(atob(claims));
  const { jti: _, ...expected } = CLAIMS;
  assert.deepEqual(rest, { ...expected, once: true });
  assert.match(jti, /^[0-9a-f-]{36}$/);
  const oracle = createHmac("sha256", SECRET).update(`${header}.${claims}`).digest("base64url");
  assert.equal(signature, oracle);
});

Deno.test("ListenTokens.sign() stays within the length verify() takes", async () => {
  const tokens = tokensAt();
  const request = {
    ...REQUEST,
    organisation: "o".repeat(128),
    callStartedAt: 1795341274890.125,
    callId: "c".repeat(128),
  };
  const token = await tokens.sign({ ...request, singleUse: true, ttlSeconds: 86_400 });
  assert(token.length <= 1024);
  assert.equal((await tokens.verify(token))?.callId, request.callId);
});

Deno.test("ListenTokens.sign() refuses what no token may say", async () => {
  const tokens = tokensAt();
  for (const ttlSeconds of [0, -1, 1.5, 86_401, NaN, Infinity]) {
    await assert.rejects(
      tokens.sign({ ...REQUEST, ttlSeconds }),
      /^RangeError: Cannot sign token: ttl/,
    );
  }
  for (const ttlSeconds of [1, 86_400]) await tokens.sign({ ...REQUEST, ttlSeconds });
  await assert.rejects(tokens.sign({ ...REQUEST, scope: [] }), RangeError);
  await assert.rejects(tokens.sign({ ...REQUEST, scope: ["listen", "listen"] }), RangeError);
  await assert.rejects(tokens.sign({ ...REQUEST, callId: "" }), RangeError);
  await assert.rejects(tokens.sign({ ...REQUEST, organisation: "o".repeat(129) }), RangeError);
});

Deno.test("ListenTokens.sign() takes each scope, and both", async () => {
  const tokens = tokensAt();
  for (const scope of [["listen"], ["recording"], ["recording", "listen"]] as const) {
    const grant = await tokens.verify(await tokens.sign({ ...REQUEST, scope }));
    assert.deepEqual(grant?.scope, scope);
  }
});

Deno.test("ListenTokens.verify() goes by the injected clock to the millisecond", async () => {
  const clock = new ManualClock();
  const tokens = tokensAt(clock);
  const token = await tokens.sign(REQUEST);
  clock.stall(59_999);
  assert.deepEqual(await tokens.verify(token), GRANT);
  clock.stall(1);
  assert.equal(await tokens.verify(token), null);
});

Deno.test("ListenTokens.verify() takes its own forgery only with every claim in order", async () => {
  const tokens = tokensAt();
  assert.deepEqual(await tokens.verify(forge(HEADER, CLAIMS)), GRANT);
  const wrong = [
    { start: "1" },
    { aud: "other" },
    { aud: ["earshot"] },
    { aud: undefined },
    { org: "" },
    { org: 1 },
    { call: undefined },
    { scope: "listen" },
    { scope: [] },
    { scope: ["listen", "manage"] },
    { exp: undefined },
    { exp: "9999999999" },
    { exp: NOW_SECONDS },
    { exp: null },
    { iat: undefined },
    { iat: NOW_SECONDS + 6 },
    { exp: NOW_SECONDS + 86_401 },
    { jti: undefined },
    { once: false },
    { once: 1 },
  ];
  for (const claims of wrong) {
    assert.equal(
      await tokens.verify(forge(HEADER, { ...CLAIMS, ...claims })),
      null,
      JSON.stringify(claims),
    );
  }
  assert.deepEqual(await tokens.verify(forge(HEADER, { ...CLAIMS, iat: NOW_SECONDS + 5 })), GRANT);
});

Deno.test("ListenTokens.verify() takes no other algorithm, none least of all", async () => {
  const tokens = tokensAt();
  for (const alg of ["none", "None", "NONE", "", "HS384", "HS512", "RS256", "hs256", undefined]) {
    const token = forge({ typ: "JWT", alg }, CLAIMS);
    assert.equal(await tokens.verify(token), null);
    assert.equal(await tokens.verify(token.slice(0, token.lastIndexOf(".") + 1)), null);
  }
});

Deno.test("ListenTokens.verify() takes nothing that was changed, cut or made up", async () => {
  const tokens = tokensAt();
  const token = await tokens.sign(REQUEST);
  const [header, claims, signature] = token.split(".");
  const other = toUrl(btoa(JSON.stringify({ ...CLAIMS, call: "CA2" })));
  const wrong = [
    `${header}.${other}.${signature}`,
    `${header}.${claims}.`,
    `${header}.${claims}`,
    `${header}.${claims}.${signature}.`,
    `${token} `,
    ` ${token}`,
    token.slice(0, -2),
    forge(HEADER, CLAIMS, "another-secret-0123456789-0123456"),
    "",
    "..",
    "a.b.c",
    "é.é.é",
    forge(HEADER, { ...CLAIMS, padding: "x".repeat(1024) }),
    forge(null, null),
    forge(HEADER, null),
    forge(HEADER, "text"),
  ];
  for (const text of wrong) assert.equal(await tokens.verify(text), null, text);
});

Deno.test("ListenTokens.verify() uses a single-use token up", async () => {
  const tokens = tokensAt();
  const token = await tokens.sign({ ...REQUEST, singleUse: true });
  assert.deepEqual(await tokens.verify(token, { spend: false }), GRANT);
  assert.deepEqual(await tokens.verify(token, { spend: false }), GRANT, "looking is free");
  assert.deepEqual(await tokens.verify(token), GRANT);
  assert.equal(await tokens.verify(token), null);
  assert.equal(await tokens.verify(token, { spend: false }), null);
});

Deno.test("ListenTokens.verify() lets one of many at once use a single-use token", async () => {
  const tokens = tokensAt();
  const token = await tokens.sign({ ...REQUEST, singleUse: true });
  const answers = await Promise.all(Array.from({ length: 50 }, () => tokens.verify(token)));
  assert.equal(answers.filter((answer) => answer !== null).length, 1);
});

Deno.test("ListenTokens.verify() refuses new single-use tokens when it cannot remember more", async () => {
  const clock = new ManualClock();
  const tokens = tokensAt(clock, 3);
  const single = (ttlSeconds = 60) => tokens.sign({ ...REQUEST, ttlSeconds, singleUse: true });
  const first = await single();
  for (const token of [first, await single(), await single(10)]) assert(await tokens.verify(token));
  const fourth = await single();
  assert.equal(await tokens.verify(fourth), null, "full");
  assert.equal(await tokens.verify(first), null, "nothing was forgotten");
  assert.deepEqual(await tokens.verify(await tokens.sign(REQUEST)), GRANT, "others go on");
  clock.stall(10_000);
  assert.deepEqual(await tokens.verify(fourth), GRANT, "room once one has expired");
  assert.equal(await tokens.verify(first), null);
  assert.equal(await tokens.verify(await single()), null, "full again");
});

Deno.test("ListenTokens.verify() refuses single-use tokens of before the process began", async () => {
  const clock = new ManualClock();
  const before = tokensAt(clock);
  const used = await before.sign({ ...REQUEST, singleUse: true });
  const plain = await before.sign(REQUEST);
  assert(await before.verify(used));
  clock.stall(300);
  const after = tokensAt(clock);
  assert.equal(await after.verify(used), null);
  assert.deepEqual(await after.verify(plain), GRANT);
});

Deno.test("ListenTokens without a secret makes its own, each time another", async () => {
  const clock = new ManualClock();
  const [one, two] = [new ListenTokens({ clock }), new ListenTokens({ clock })];
  const token = await one.sign(REQUEST);
  assert.deepEqual(await one.verify(token), GRANT);
  assert.equal(await two.verify(token), null);
});

Deno.test("ListenTokens takes any secret, even one that looks like a PEM key", async () => {
  for (const word of ["PUBLIC", "PRIVATE"]) {
    const secret = new Secret(`${word}-0123456789-0123456789-0123456789`);
    const tokens = new ListenTokens({ clock: new ManualClock(), secret });
    const token = await tokens.sign(REQUEST);
    assert.deepEqual(await tokens.verify(token), GRANT);
    assert.deepEqual(await tokens.verify(forge(HEADER, CLAIMS, secret.reveal())), GRANT);
  }
});

Deno.test("ListenTokens takes single-use tokens of its first moment, and none from before", async () => {
  const clock = new ManualClock(0, Date.UTC(2026, 0, 1) + 300);
  const before = await tokensAt(clock).sign({ ...REQUEST, singleUse: true });
  await clock.advance(1);
  const tokens = tokensAt(clock);
  assert.deepEqual(await tokens.verify(await tokens.sign({ ...REQUEST, singleUse: true })), GRANT);
  assert.equal(await tokens.verify(before), null);
});
