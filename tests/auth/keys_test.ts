import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { KeyRing } from "../../auth/keys.ts";
import { loadConfig, Secret } from "../../config.ts";
import { leastMs } from "../support/growth.ts";

const hashOf = (key: string) => `sha256:${createHash("sha256").update(key).digest("hex")}`;

function ring(...pairs: [organisation: string, key: string][]): KeyRing {
  return new KeyRing(pairs.map(([organisation, key]) => ({ organisation, key: new Secret(key) })));
}

Deno.test("KeyRing.find() answers whose key it is", () => {
  const keys = ring(["acme", "acme-key-0123456789"], ["globex", "globex-key-0123456789"]);
  assert.equal(keys.find("acme-key-0123456789"), "acme");
  assert.equal(keys.find("globex-key-0123456789"), "globex");
  for (
    const wrong of ["", "acme", "acme-key-012345678", "acme-key-01234567890", "ACME-KEY-0123456789"]
  ) {
    assert.equal(keys.find(wrong), null);
  }
});

Deno.test("KeyRing.find() takes the old and the new key of an organisation while both are set", () => {
  const keys = ring(["acme", "old-key-0123456789"], ["acme", "new-key-0123456789"]);
  assert.equal(keys.size, 2);
  assert.equal(keys.find("old-key-0123456789"), "acme");
  assert.equal(keys.find("new-key-0123456789"), "acme");
  assert.equal(ring(["acme", "new-key-0123456789"]).find("old-key-0123456789"), null);
});

Deno.test("KeyRing.find() takes a key that was configured as its hash, and never the hash", () => {
  const key = "hashed-key-0123456789";
  for (
    const keys of [
      ring(["acme", hashOf(key)]),
      ring(["acme", hashOf(key).replace(/[a-f]/g, (x) => x.toUpperCase())]),
    ]
  ) {
    assert.equal(keys.find(key), "acme");
    assert.equal(keys.find(hashOf(key)), null);
    assert.equal(keys.find(hashOf(key).slice("sha256:".length)), null);
  }
});

Deno.test("KeyRing.find() works on what EARSHOT_API_KEYS says", () => {
  const text = `acme:acme-key-0123456789,globex:${hashOf("globex-key-0123456789")}`;
  const config = loadConfig((name) => name === "EARSHOT_API_KEYS" ? text : undefined);
  const keys = new KeyRing(config.apiKeys ?? []);
  assert.equal(keys.find("acme-key-0123456789"), "acme");
  assert.equal(keys.find("globex-key-0123456789"), "globex");
});

Deno.test("KeyRing.find() bounds the credential to 512 characters", () => {
  const keys = ring(["acme", "k".repeat(512)], ["acme", "k".repeat(513)]);
  assert.equal(keys.find("k".repeat(512)), "acme");
  assert.equal(keys.find("k".repeat(513)), null);
  assert.equal(ring().find("k".repeat(16)), null);
});

Deno.test("KeyRing takes 1000 keys and no more, and shows none", () => {
  const entries = Array.from({ length: 1001 }, (_, n) => ({
    organisation: `org${n}`,
    key: new Secret(`some-key-0123456789-${n}`),
  }));
  const keys = new KeyRing(entries.slice(0, 1000));
  assert.equal(keys.size, 1000);
  assert.equal(keys.find("some-key-0123456789-0"), "org0");
  assert.equal(keys.find("some-key-0123456789-999"), "org999");
  assert.throws(() => new KeyRing(entries), /^RangeError: Cannot make key ring: at most 1000/);
  assert.doesNotMatch(
    Deno.inspect(keys, { showHidden: true }) + JSON.stringify(keys),
    /some-key|org/,
  );
});

// An early exit would find the first of 1000 keys a hundred times sooner than the last.
Deno.test("KeyRing.find() does the same work wherever the key stands", () => {
  const keys = new KeyRing(
    Array.from({ length: 1000 }, (_, n) => ({
      organisation: "acme",
      key: new Secret(`some-key-0123456789-${n}`),
    })),
  );
  const timeOf = (credential: string) => leastMs(() => keys.find(credential), 40);
  timeOf("warm-up");
  const last = timeOf("some-key-0123456789-999");
  for (
    const credential of [
      "some-key-0123456789-0",
      "some-key-0123456789-500",
      "nobodys-key-0123456789",
    ]
  ) {
    const ratio = timeOf(credential) / last;
    assert(
      ratio > 0.4 && ratio < 2.5,
      `${credential} takes ${ratio} times as long as the last key`,
    );
  }
});
