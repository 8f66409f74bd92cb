import assert from "node:assert/strict";
import { readFrom } from "../../routes/live_query.ts";
import { seededRandom } from "../support/random.ts";

Deno.test("readFrom() takes whatever a program writes of a number of seconds (seed 7)", () => {
  const random = seededRandom(7);
  // What a player that was cut off computes from two clocks.
  const numbers = [0, 12.5, -30, 21.623400000000373, 1 / 3, -1 / 24_000, 0.1 + 0.2];
  for (let n = 0; n < 1000; n++) {
    numbers.push((random() - 0.3) * 10 ** Math.floor(7 * random() - 1));
  }
  for (const seconds of numbers) {
    assert.equal(readFrom(new URLSearchParams({ from: String(seconds) })), seconds);
  }
  assert.equal(readFrom(new URLSearchParams()), undefined);
});

Deno.test("readFrom() refuses what is no number of seconds, and says what it takes", () => {
  const others = [
    "",
    "1e3",
    "NaN",
    "12,5",
    "0x10",
    " 1",
    ".5",
    "5.",
    "--1",
    "1234567",
    "1".repeat(99),
  ];
  for (const from of [...others, `0.${"1".repeat(31)}`]) {
    assert.throws(() => readFrom(new URLSearchParams({ from })), {
      message: `from takes seconds such as 12.5 or -30, received "${from.slice(0, 40)}"`,
    });
  }
});
