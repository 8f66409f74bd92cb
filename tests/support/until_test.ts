import assert from "node:assert/strict";
import { until } from "./until.ts";

Deno.test("until() answers what is as wished, and asks no more", async () => {
  let asked = 0;
  assert.equal(await until(() => ++asked, (count) => count === 3, "three"), 3);
  assert.equal(asked, 3);
});

Deno.test("until() passes on what fails", async () => {
  await assert.rejects(() => until(() => Promise.reject(new Error("no")), () => true, "x"), /no/);
});
