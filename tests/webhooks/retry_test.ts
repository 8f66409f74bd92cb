import assert from "node:assert/strict";
import { retryDelayMs } from "../../webhooks/retry.ts";

Deno.test("retryDelayMs grows from seconds to an hour and stays there", () => {
  const delays = Array.from({ length: 9 }, (_, index) => retryDelayMs(index + 1, 0.5));
  assert.deepEqual(delays.map((ms) => ms / 1000), [
    5,
    30,
    120,
    300,
    900,
    1800,
    3600,
    3600,
    3600,
  ]);
});

Deno.test("retryDelayMs spreads by a fifth", () => {
  assert.equal(retryDelayMs(1, 0), 4000);
  assert.equal(Math.round(retryDelayMs(1, 1)), 6000);
});

Deno.test("retryDelayMs follows the receiver's wish up to an hour", () => {
  assert.equal(retryDelayMs(1, 0.5, 60_000), 60_000);
  assert.equal(retryDelayMs(7, 0.5, 60_000), 3_600_000);
  assert.equal(retryDelayMs(1, 0.5, 1e12), 3_600_000);
});
