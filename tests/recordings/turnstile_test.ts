import assert from "node:assert/strict";
import { Turnstile } from "../../recordings/turnstile.ts";

Deno.test("Turnstile lets through no more than its limit, in order, whatever becomes of them", async () => {
  const turnstile = new Turnstile(2);
  const begun: number[] = [];
  let inside = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      turnstile.run(async () => {
        begun.push(index);
        assert.ok(++inside <= 2);
        for (let turn = 0; turn <= index % 5; turn++) await null;
        inside--;
        if (index % 3 === 0) throw new Error("refused");
        return index;
      })),
  );
  assert.deepEqual(begun, Array.from({ length: 20 }, (_, index) => index));
  assert.equal(results.filter(({ status }) => status === "rejected").length, 7);
  assert.equal(await turnstile.run(() => Promise.resolve("still open")), "still open");
});
