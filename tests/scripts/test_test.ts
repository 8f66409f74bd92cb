import assert from "node:assert/strict";
import { closingLine, countsIn } from "../../scripts/test.ts";

const COLOURED = "\x1b[0m\x1b[31mFAILED\x1b[0m | 1286 passed (78 steps) | 2 failed | 3 ignored " +
  "(1 step) \x1b[38;5;245m(2m32s)\x1b[0m";

Deno.test("countsIn() reads the last line that deno test prints, whatever tests printed before", () => {
  const noise = "ok | 7 passed | 0 failed (1ms)\n12 failed attempts\n";
  assert.deepEqual(countsIn(`${noise}\n${COLOURED}\n\nerror: Test failed\n`), {
    passed: 1286,
    failed: 2,
    skipped: 3,
  });
  assert.deepEqual(countsIn("ok | 4 passed | 0 failed (39ms)\n"), {
    passed: 4,
    failed: 0,
    skipped: 0,
  });
});

Deno.test("countsIn() takes a run without a last line for one that failed", () => {
  assert.deepEqual(countsIn("error: Module not found\n"), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("closingLine() sums the runs up", () => {
  const runs = [{ passed: 3, failed: 0, skipped: 1 }, { passed: 4, failed: 2, skipped: 0 }];
  assert.equal(closingLine(runs), "7 passed, 2 failed, 1 skipped");
});
