import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { SETTINGS } from "../../config.ts";
import { load, refusal } from "./refusal.ts";

const KEY = "k".repeat(16);
const HASH = createHash("sha256").update(KEY).digest("hex");

Deno.test("SETTINGS names each variable after its key and documents it in one line", () => {
  for (const [key, setting] of Object.entries(SETTINGS)) {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    assert.equal(setting.env, `EARSHOT_${name}`);
    assert.match(setting.doc, /^[^\n]{10,100}[^.\n]$/);
    assert.notEqual(
      "default" in setting,
      "unset" in setting,
      `${key}: a default or what unset means`,
    );
  }
});

// What each setting takes and refuses, at its limits. A missing row fails the test below.
const LIMITS: Record<string, { takes: string[]; refuses: string[] }> = {
  EARSHOT_API_KEYS: {
    takes: [
      `a:${KEY}`,
      `A.b_c-9:${KEY}, A.b_c-9:${KEY}2`,
      `${"o".repeat(64)}:${"k".repeat(512)}`,
      `a:key:with:colons:inside`,
      `a:sha256:${HASH.toUpperCase()}`,
      Array.from({ length: 1000 }, (_, n) => `a:${KEY}${n}`).join(","),
    ],
    refuses: [
      "",
      ",",
      `a:${KEY},`,
      KEY,
      `:${KEY}`,
      `a b:${KEY}`,
      `ä:${KEY}`,
      `${"o".repeat(65)}:${KEY}`,
      "a:",
      `a:${"k".repeat(15)}`,
      `a:${"k".repeat(513)}`,
      `a:${KEY} x`,
      `a:${KEY}é`,
      `a:sha256:${HASH.slice(1)}`,
      `a:sha256:${HASH}0`,
      `a:sha256:${"g".repeat(64)}`,
      `a:${KEY},b:${KEY}`,
      `a:${KEY},b:sha256:${HASH}`,
      Array.from({ length: 1001 }, (_, n) => `a:${KEY}${n}`).join(","),
    ],
  },
  EARSHOT_HOST: {
    takes: ["127.0.0.1", "127.1.2.3", "::1", "localhost"],
    refuses: [
      "",
      "0.0.0.0",
      "::",
      "192.168.1.2",
      "127.0.0.1.example",
      "127.0.0.1:80",
      "[::1]",
      "a b",
    ],
  },
  EARSHOT_PORT: {
    takes: ["0", "65535"],
    refuses: ["-1", "65536", "8000x", "1e3", " 80", "0x50", ""],
  },
  EARSHOT_PUBLIC_URL: {
    takes: ["https://calls.example", "http://10.0.0.1:8000", "https://a.example/earshot"],
    refuses: [
      "",
      "calls.example",
      "ftp://a.example",
      "wss://a.example",
      "https://",
      "https:///a",
      "https://a.example/",
      "https://a.example?",
      "https://a.example/#x",
      "https://a.example\n.org",
      "https://a.example:70000",
      "https://a\\b",
      "https://ä.example",
    ],
  },
  EARSHOT_RECORDINGS: {
    takes: ["memory:", "file:./a b", "file:/data", "file:///data", "file:.", "file:a/../b"],
    refuses: [
      "",
      "./data/recordings",
      "memory",
      "memory:x",
      "file:",
      "file://host/x",
      "file:a,b",
      "file:a\nb",
      "s3:",
      "s3://",
      "s3:bucket",
      "s3://ab",
      "s3://Bucket",
      "s3://buc_ket",
      "s3://buc..ket",
      "s3://-bucket",
      `s3://${"b".repeat(64)}`,
      "s3://bucket//a",
      "s3://bucket/a//",
      "s3://bucket/a/../b",
      "s3://bucket/a b",
      "s3://bucket/a?b",
      `s3://bucket/${"p".repeat(513)}`,
      "S3://bucket",
      "File:./x",
    ],
  },
  EARSHOT_STATE: {
    takes: ["memory:", "file:/data", "file:./a b", "file:///srv/x"],
    refuses: [
      "",
      "memory",
      "/data",
      "file:",
      "file://host/x",
      "file:a,b",
      "file:a\n",
      "s3://bucket",
    ],
  },
  EARSHOT_SPOOL_MB: { takes: ["16", "1048576"], refuses: ["15", "1048577", "1.5", ""] },
  EARSHOT_UPLOADS: { takes: ["1", "64"], refuses: ["0", "65", "-1", ""] },
  EARSHOT_RECORDINGS_MEMORY_MB: { takes: ["1", "65536"], refuses: ["0", "65537", "1.5"] },
  EARSHOT_RETENTION_DAYS: { takes: ["1", "36500"], refuses: ["", "0", "36501", "1.5", "forever"] },
  EARSHOT_RETENTION_DAYS_BY_ORG: {
    takes: ["acme=30", "acme=1, A.b_c-9=36500,globex=forever", "constructor=7"],
    refuses: [
      "",
      "acme",
      "acme=",
      "=7",
      "acme=0",
      "acme=30,",
      "acme=30,acme=7",
      "acme=30=7",
      "ä=1",
    ],
  },
  EARSHOT_RETENTION_GB: {
    takes: ["0.001", "1", "12.5", "1000000"],
    refuses: ["", "0", "0.0001", "1000001", "1e3", "-1", "1,5", ".5"],
  },
  EARSHOT_RETENTION_GB_PER_ORG: { takes: ["0.001", "1000000"], refuses: ["0", "1 GB"] },
  EARSHOT_HOLDBACK_MS: { takes: ["50", "300"], refuses: ["49", "301", "100ms"] },
  EARSHOT_GRACE_SECONDS: { takes: ["0", "600"], refuses: ["601", "-0"] },
  EARSHOT_MEDIA_DEFAULTS: {
    takes: [
      "live=true",
      "recording=true, live=false",
      "maxDurationSeconds=1",
      "maxDurationSeconds=86400",
    ],
    refuses: [
      "",
      "live",
      "live=1",
      "live=true,",
      "live=true,live=false",
      "maxDurationSeconds=0",
      "maxDurationSeconds=86401",
      "toString=true",
      "loud=true",
      "live=true=false=x,loud=1",
    ],
  },
  EARSHOT_TWILIO_AUTH_TOKEN: {
    takes: ["t".repeat(16), "t".repeat(256)],
    refuses: ["", "t".repeat(15), "t".repeat(257), `${"t".repeat(20)} `],
  },
  EARSHOT_TOKEN_SECRET: {
    takes: ["t".repeat(32), "t".repeat(512)],
    refuses: ["", "t".repeat(31), "t".repeat(513), `${"t".repeat(40)}\n`],
  },
  EARSHOT_WEBHOOK_URL: {
    takes: ["https://example.com/hook?key=a", "http://127.0.0.1:9000", "https://[::1]:8/x/"],
    refuses: [
      "",
      "example.com",
      "ftp://example.com",
      "https://user:pass@example.com/",
      "https://example.com/#a",
      "https://example.com/a b",
      `https://example.com/${"a".repeat(2048)}`,
    ],
  },
  EARSHOT_WEBHOOK_SECRET: {
    takes: [
      `whsec_${new Uint8Array(24).toBase64()}`,
      `whsec_${new Uint8Array(64).toBase64()}`,
      `whsec_${new Uint8Array(25).fill(255).toBase64()}`,
    ],
    refuses: [
      "",
      new Uint8Array(24).toBase64(),
      `whsec_${new Uint8Array(23).toBase64()}`,
      `whsec_${new Uint8Array(65).toBase64()}`,
      `whsec_${new Uint8Array(24).toBase64().slice(1)}`,
      `whsec_${"?".repeat(32)}`,
    ],
  },
  EARSHOT_WEBHOOK_QUEUE: { takes: ["1", "1000000"], refuses: ["0", "1000001", "x"] },
  EARSHOT_MAX_CALLS: { takes: ["1", "100000"], refuses: ["0", "100001"] },
  EARSHOT_MAX_CALLS_PER_ORG: { takes: ["1", "100000"], refuses: ["0", "100001"] },
  EARSHOT_MAX_LISTENERS_PER_CALL: { takes: ["1", "100000"], refuses: ["0", "100001"] },
  EARSHOT_MAX_LISTENERS_PER_ORG: { takes: ["1", "1000000"], refuses: ["0", "1000001"] },
  EARSHOT_MAX_CATCHING_UP: { takes: ["1", "10000"], refuses: ["0", "10001"] },
  EARSHOT_MAX_UNAUTHENTICATED_SOCKETS: { takes: ["1", "100000"], refuses: ["0", "100001"] },
  EARSHOT_BOT_QUEUE_SECONDS: { takes: ["1", "600"], refuses: ["0", "601"] },
  EARSHOT_REWIND_SECONDS: { takes: ["0", "600"], refuses: ["-1", "601"] },
  EARSHOT_EVENTS_KEPT: { takes: ["0", "100000"], refuses: ["-1", "100001"] },
  EARSHOT_MAX_EVENT_STREAMS_PER_ORG: { takes: ["1", "100000"], refuses: ["0", "100001"] },
  EARSHOT_MAX_DOWNLOADS_PER_ORG: { takes: ["1", "10000"], refuses: ["0", "10001"] },
  EARSHOT_MAX_CONVERSIONS: { takes: ["1", "64"], refuses: ["0", "65"] },
  EARSHOT_ENDED_CALLS_KEPT: { takes: ["0", "1000000"], refuses: ["1000001", "NaN"] },
  EARSHOT_SLOW_LISTENER_SECONDS: { takes: ["1", "300"], refuses: ["0", "301"] },
  EARSHOT_ANNOUNCE_SECONDS: { takes: ["1", "86400"], refuses: ["0", "86401"] },
  EARSHOT_INGEST_IDLE_SECONDS: { takes: ["1", "86400"], refuses: ["0", "86401"] },
  EARSHOT_LOG: { takes: ["debug", "info", "warn", "error"], refuses: ["INFO", "trace", ""] },
  EARSHOT_DEMO: { takes: ["true", "false"], refuses: ["1", "yes", "True", ""] },
};

/** What a setting is refused without. */
const COMPANIONS: Record<string, Record<string, string>> = {
  EARSHOT_WEBHOOK_URL: { EARSHOT_WEBHOOK_SECRET: `whsec_${new Uint8Array(24).toBase64()}` },
  EARSHOT_WEBHOOK_SECRET: { EARSHOT_WEBHOOK_URL: "https://example.com/hook" },
};

Deno.test("loadConfig() takes and refuses every setting at its limits", async (context) => {
  for (const { env } of Object.values(SETTINGS)) {
    await context.step(env, () => {
      const { takes, refuses } = LIMITS[env];
      for (const text of takes) load({ ...COMPANIONS[env], [env]: text });
      for (const text of refuses) {
        const error = refusal({ ...COMPANIONS[env], [env]: text });
        assert.equal(error.variable, env);
        assert(error.message.startsWith(`Cannot start: ${env} must be `));
      }
    });
  }
});
