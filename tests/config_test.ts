import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Secret, unknownSettings } from "../config.ts";
import { load, refusal } from "./config/refusal.ts";

const KEY = "k".repeat(16);
const HASH = createHash("sha256").update(KEY).digest("hex");

Deno.test("loadConfig() of nothing is development mode with every default", () => {
  assert.deepEqual({ ...load({}) }, {
    apiKeys: undefined,
    host: "127.0.0.1",
    port: 8000,
    publicUrl: undefined,
    recordings: { kind: "file", folder: "./data/recordings" },
    state: { kind: "file", folder: "./data/state" },
    recordingsMemoryMb: 256,
    retentionDays: undefined,
    retentionDaysByOrg: undefined,
    retentionGb: undefined,
    retentionGbPerOrg: undefined,
    spoolMb: undefined,
    uploads: 4,
    holdbackMs: 100,
    graceSeconds: 10,
    mediaDefaults: { live: false, recording: false, maxDurationSeconds: 1800 },
    twilioAuthToken: undefined,
    tokenSecret: undefined,
    webhookUrl: undefined,
    webhookSecret: undefined,
    webhookQueue: 10_000,
    maxCalls: 1000,
    maxCallsPerOrg: 1000,
    maxListenersPerCall: 500,
    maxListenersPerOrg: 5000,
    maxCatchingUp: 50,
    maxUnauthenticatedSockets: 1000,
    botQueueSeconds: 120,
    rewindSeconds: 60,
    eventsKept: 1000,
    maxEventStreamsPerOrg: 200,
    maxDownloadsPerOrg: 100,
    maxConversions: 2,
    endedCallsKept: 10_000,
    slowListenerSeconds: 10,
    announceSeconds: 600,
    ingestIdleSeconds: 300,
    log: "info",
    demo: true,
    developmentMode: true,
    providerSecrets: { twilio: undefined },
  });
});

Deno.test("loadConfig() refuses development mode on a public host", () => {
  assert.throws(() => load({ DENO_DEPLOYMENT_ID: "abc" }), /EARSHOT_API_KEYS must be set/);
  load({ DENO_DEPLOYMENT_ID: "abc", EARSHOT_API_KEYS: `acme:${KEY}` });
});

Deno.test("loadConfig() takes a webhook's URL and its secret together only", () => {
  const url = { EARSHOT_WEBHOOK_URL: "https://example.com/hook" };
  const secret = { EARSHOT_WEBHOOK_SECRET: `whsec_${new Uint8Array(24).toBase64()}` };
  assert.match(refusal(url).message, /EARSHOT_WEBHOOK_SECRET must be set when EARSHOT_WEBHOOK_URL/);
  assert.match(refusal(secret).message, /EARSHOT_WEBHOOK_URL must be set when/);
});

Deno.test("loadConfig() with API keys is not development mode", () => {
  const config = load({ EARSHOT_API_KEYS: `acme:${KEY}`, EARSHOT_DEMO: "true" });
  assert.equal(config.developmentMode, false);
  assert.equal(config.host, "0.0.0.0");
  assert.equal(config.demo, false, "a demo belongs to development mode");
});

Deno.test("ConfigError says what was received and what is taken", () => {
  const messages = [
    [{ EARSHOT_HOLDBACK_MS: "20" }, 'must be a whole number from 50 to 300, received "20"'],
    [
      { EARSHOT_LOG: "" },
      "must be debug, info, warn or error, received nothing; leave it unset for the default",
    ],
    [
      { EARSHOT_RECORDINGS: "s3://Bucket" },
      'must be file: and a folder (file:./data/recordings), s3://bucket/prefix or memory:, received "s3://Bucket": a bucket has 3 to 63 of a-z 0-9 . - and begins and ends with one of a-z 0-9',
    ],
    [
      { EARSHOT_HOST: "0.0.0.0" },
      'must be 127.0.0.1, ::1 or localhost in development mode, received "0.0.0.0"; to listen elsewhere set EARSHOT_API_KEYS',
    ],
  ] as const;
  for (const [variables, end] of messages) {
    assert.equal(refusal(variables).message, `Cannot start: ${Object.keys(variables)[0]} ${end}`);
  }
});

Deno.test("ConfigError names the entry of EARSHOT_API_KEYS and shows none of it", () => {
  const secrets = ["tooshort", "hunter2hunter2hunter2", "tenant-x"];
  const texts = [
    [`acme:${KEY},tenant-x:tooshort`, "entry 2 has a key of fewer than 16 characters"],
    [`acme:${KEY},hunter2hunter2hunter2`, "entry 2 has no colon between organisation and key"],
    [`hunter2hunter2hunter2 :${KEY}`, "entry 1 has an organisation that is not 1 to 64 of"],
    [`acme:${KEY},b:x${KEY},tenant-x:${KEY}`, "entry 3 repeats the key of entry 1"],
    [`acme:sha256:hunter2hunter2hunter2`, "entry 1 has sha256: without 64 hex digits"],
  ];
  for (const [text, problem] of texts) {
    const { message } = refusal({ EARSHOT_API_KEYS: text });
    assert(message.includes(problem), message);
    for (const secret of [...secrets, KEY]) assert(!message.includes(secret), message);
  }
});

Deno.test("ConfigError shows no secret, no password and no line break", () => {
  const hidden = "hunter2";
  for (
    const variables of [
      { EARSHOT_TWILIO_AUTH_TOKEN: hidden },
      { EARSHOT_TOKEN_SECRET: `${hidden}\n` },
      { EARSHOT_PUBLIC_URL: `https://user:${hidden}@a.example` },
      { EARSHOT_PUBLIC_URL: `https:user:x/${hidden}@a.example` },
      { EARSHOT_PUBLIC_URL: `https://a.example/?token=${hidden}` },
      { EARSHOT_RECORDINGS: `s3://id:${hidden}@bucket` },
    ]
  ) {
    assert(!refusal(variables).message.includes(hidden));
  }
  refusal({ EARSHOT_LOG: `a\r\nb\u2028c\u0085${"x".repeat(10_000)}` });
});

Deno.test("loadConfig() shows its secrets to nobody", () => {
  const config = load({
    EARSHOT_API_KEYS: `acme:${KEY},acme:sha256:${"ab".repeat(32)}`,
    EARSHOT_TWILIO_AUTH_TOKEN: "twilio-secret-0123",
    EARSHOT_TOKEN_SECRET: "token-secret-0123456789-0123456789",
  });
  const shown = [
    JSON.stringify(config),
    Deno.inspect(config, { depth: 9, showHidden: true }),
    `${config.tokenSecret}`,
    String(config.apiKeys?.[0].key),
  ].join("\n");
  for (const secret of [KEY, HASH, "abab", "twilio-secret", "token-secret"]) {
    assert(!shown.includes(secret), secret);
  }
  assert(shown.includes("[secret]"));
  assert.equal(config.tokenSecret?.reveal(), "token-secret-0123456789-0123456789");
});

Deno.test("loadConfig() keeps the hash of a key, whichever way it was written", () => {
  const { apiKeys } = load({ EARSHOT_API_KEYS: `acme:${KEY}` });
  assert(apiKeys?.[0].key instanceof Secret);
  assert.equal(apiKeys[0].key.reveal(), `sha256:${HASH}`);
  const hashed = load({ EARSHOT_API_KEYS: `acme:sha256:${HASH.toUpperCase()}` });
  assert.equal(hashed.apiKeys?.[0].key.reveal(), `sha256:${HASH}`);
});

Deno.test("loadConfig() is frozen all the way down", () => {
  const config = load({ EARSHOT_API_KEYS: `acme:${KEY}` });
  for (const part of [config, config.apiKeys, config.apiKeys?.[0], config.apiKeys?.[0].key]) {
    assert(Object.isFrozen(part));
  }
  assert(Object.isFrozen(config.recordings));
  assert(Object.isFrozen(config.mediaDefaults));
});

Deno.test("loadConfig() reads PORT when EARSHOT_PORT is unset, and names it when it is wrong", () => {
  assert.equal(load({ PORT: "9000" }).port, 9000);
  assert.equal(load({ PORT: "9000", EARSHOT_PORT: "0" }).port, 0);
  assert.equal(load({ PORT: "nonsense", EARSHOT_PORT: "1" }).port, 1);
  assert.equal(refusal({ PORT: "nonsense" }).variable, "PORT");
});

Deno.test("loadConfig() lets a server with keys listen anywhere", () => {
  for (const host of ["0.0.0.0", "::", "2001:db8::1", "calls.example"]) {
    assert.equal(load({ EARSHOT_API_KEYS: `a:${KEY}`, EARSHOT_HOST: host }).host, host);
  }
  for (const host of ["1::2::3", "[::]", "https://a", "a/b"]) {
    refusal({ EARSHOT_API_KEYS: `a:${KEY}`, EARSHOT_HOST: host });
  }
});

Deno.test("loadConfig() keeps state where recordings last, and in memory where a disk does not", () => {
  assert.deepEqual(load({}).state, { kind: "file", folder: "./data/state" });
  assert.deepEqual(load({ EARSHOT_RECORDINGS: "memory:" }).state, { kind: "memory" });
  const deployed = { EARSHOT_API_KEYS: `a:${KEY}`, DENO_DEPLOYMENT_ID: "abc" };
  assert.deepEqual(load(deployed).state, { kind: "memory" });
  const folder = { EARSHOT_STATE: "file:///srv/state" };
  for (const env of [folder, { ...folder, EARSHOT_RECORDINGS: "memory:" }]) {
    assert.deepEqual(load({ ...deployed, ...env }).state, { kind: "file", folder: "/srv/state" });
  }
});

const AWS = {
  EARSHOT_RECORDINGS: "s3://calls.example/a/b",
  AWS_ACCESS_KEY_ID: "AKIA",
  AWS_SECRET_ACCESS_KEY: "not-to-be-seen",
  AWS_REGION: "eu-central-1",
};

Deno.test("loadConfig() reads for recordings in S3 what the tools of AWS read", () => {
  const { recordings, state, s3 } = load(AWS);
  assert.deepEqual(recordings, { kind: "s3", bucket: "calls.example", prefix: "a/b" });
  assert.deepEqual(state, { kind: "file", folder: "./data/state" });
  assert.equal(s3?.secretAccessKey.reveal(), "not-to-be-seen");
  const { secretAccessKey: _, ...shown } = s3;
  assert.deepEqual(shown, { region: "eu-central-1", accessKeyId: "AKIA" });
  const { AWS_REGION: __, ...without } = AWS;
  assert.equal(load({ ...without, AWS_DEFAULT_REGION: "us-west-2" }).s3?.region, "us-west-2");
  const minio = load({
    ...without,
    AWS_SESSION_TOKEN: "token",
    AWS_ENDPOINT_URL: "http://ignored:1",
    AWS_ENDPOINT_URL_S3: "http://minio:9000",
  }).s3;
  assert.equal(minio?.endpoint, "http://minio:9000");
  assert.equal(minio?.region, "us-east-1");
  assert.equal(minio?.sessionToken?.reveal(), "token");
  assert.equal(load({ ...AWS, EARSHOT_RECORDINGS: "memory:" }).s3, undefined);
});

Deno.test("loadConfig() refuses S3 without credentials or a region, and shows none", () => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]) {
    const { [name as keyof typeof AWS]: _, ...rest } = AWS;
    for (const variables of [rest, { ...rest, [name]: "" }]) {
      const message = `Cannot start: ${name} must be set for recordings in S3`;
      assert.equal(refusal(variables).message, message);
    }
  }
  const wrong = {
    AWS_SECRET_ACCESS_KEY: "not to be seen",
    AWS_REGION: "not/to/be/seen",
    AWS_ENDPOINT_URL: "not-to-be-seen",
    AWS_SESSION_TOKEN: "n\not",
  };
  for (const [name, text] of Object.entries(wrong)) {
    const { variable, message } = refusal({ ...AWS, [name]: text });
    assert.equal(variable, name);
    assert.doesNotMatch(message, /not.to.be.seen/);
  }
});

Deno.test("loadConfig() parses recordings and media defaults", () => {
  assert.deepEqual(load({ EARSHOT_RECORDINGS: "memory:" }).recordings, { kind: "memory" });
  assert.deepEqual(load({ EARSHOT_RECORDINGS: "file:///srv/a%20b" }).recordings, {
    kind: "file",
    folder: "/srv/a%20b",
  });
  assert.deepEqual(load({ EARSHOT_MEDIA_DEFAULTS: "live=true" }).mediaDefaults, {
    live: true,
    recording: false,
    maxDurationSeconds: 1800,
  });
  assert.deepEqual(
    load({ EARSHOT_MEDIA_DEFAULTS: "live=true, recording=true,maxDurationSeconds=60" })
      .mediaDefaults,
    { live: true, recording: true, maxDurationSeconds: 60 },
  );
});

Deno.test("unknownSettings() warns of names that are no settings and suggests the nearest", () => {
  assert.deepEqual(
    unknownSettings([
      "PATH",
      "PORT",
      "EARSHOT_PORT",
      "EARSHOT_TEST_REQUIRE_ALL",
      "EARSHOT_HOLDBACK",
      "EARSHOT_KEYS",
      "EARSHOT_RECORDING",
      "EARSHOT_XYZZY_QUUX_FROB",
    ]),
    [
      'Unknown setting "EARSHOT_HOLDBACK", did you mean EARSHOT_HOLDBACK_MS?',
      'Unknown setting "EARSHOT_KEYS", did you mean EARSHOT_API_KEYS?',
      'Unknown setting "EARSHOT_RECORDING", did you mean EARSHOT_RECORDINGS?',
      'Unknown setting "EARSHOT_XYZZY_QUUX_FROB"',
    ],
  );
});

Deno.test("unknownSettings() is bounded in lines and in their length", () => {
  const names = Array.from({ length: 100 }, (_, n) => `EARSHOT_${"X".repeat(50_000)}${n}\n`);
  const lines = unknownSettings(names);
  assert.equal(lines.length, 20);
  for (const line of lines) assert(line.length < 150 && !line.includes("\n"));
});
