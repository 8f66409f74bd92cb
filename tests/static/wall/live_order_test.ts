import assert from "node:assert/strict";
import { LiveOrder } from "../../../static/wall/live_order.js";

function calls(...entries: [string, "live" | "announced", number][]) {
  return new Map(entries.map(([id, state, startedAt]) => [id, { id, state, startedAt }]));
}

const free = { held: false, stays: () => false };
const held = { held: true, stays: () => true };

Deno.test("LiveOrder puts live calls first, and new ones behind the old", () => {
  const order = new LiveOrder();
  order.update(calls(["b", "live", 2], ["w", "announced", 0], ["a", "live", 1]), free);
  assert.deepEqual(order.ids, ["a", "b", "w"]);
  order.update(
    calls(["b", "live", 2], ["w", "announced", 0], ["a", "live", 1], ["c", "live", 0]),
    free,
  );
  assert.deepEqual(order.ids, ["a", "b", "c", "w"]);
});

Deno.test("LiveOrder moves nothing while someone reads", () => {
  const order = new LiveOrder();
  order.update(calls(["a", "live", 1], ["b", "live", 2], ["w", "announced", 3]), free);
  order.update(calls(["b", "live", 2], ["w", "live", 3], ["c", "live", 4]), held);
  assert.deepEqual(order.ids, ["a", "b", "w", "c"]);
  order.update(calls(["b", "live", 2], ["w", "live", 3], ["c", "live", 4]), free);
  assert.deepEqual(order.ids, ["b", "w", "c"]);
});

Deno.test("LiveOrder begins anew for another choice of calls", () => {
  const order = new LiveOrder();
  order.update(calls(["b", "live", 2]), free);
  order.restart();
  order.update(calls(["b", "live", 2], ["a", "live", 1]), held);
  assert.deepEqual(order.ids, ["a", "b"]);
});
