import assert from "node:assert/strict";
import { createLog } from "../log.ts";

const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

function logged(least: (typeof LOG_LEVELS)[number] = "debug") {
  const lines: string[] = [];
  const log = createLog(least, (line) => lines.push(line), () => Date.UTC(2026, 0, 1));
  return { log, lines };
}

Deno.test("createLog() writes a line a message, with its details", () => {
  const { log, lines } = logged();
  log.info("call started", { id: "CA1", listeners: 3, reason: undefined });
  log.warn("call warning", { message: "it's late", error: new Error("two\nlines") });
  assert.deepEqual(lines, [
    "2026-01-01T00:00:00.000Z info call started id=CA1 listeners=3",
    '2026-01-01T00:00:00.000Z warn call warning message="it\'s late" error="two\\nlines"',
  ]);
});

Deno.test("createLog() leaves out what is less severe than asked for", () => {
  for (const [index, least] of LOG_LEVELS.entries()) {
    const { log, lines } = logged(least);
    for (const level of LOG_LEVELS) log[level]("x");
    assert.equal(lines.length, LOG_LEVELS.length - index);
  }
});

Deno.test("createLog() shows no credential of a URL, wherever it stands", () => {
  const { log, lines } = logged();
  const url = "wss://example.org/live/CA1/ws?token=secret-key-0123456789&channels=2";
  log.error(`request ${url}`, { url, error: new Error(`cannot open ${url}`) });
  assert.ok(!lines[0].includes("secret"), lines[0]);
  assert.equal(lines[0].match(/token=…/g)?.length, 3);
});

Deno.test("createLog() keeps a message on one line, whatever a client put into it", () => {
  const { log, lines } = logged();
  log.info("refused", { id: "CA1\n2026-01-01T00:00:00.000Z info forged", level: "\u001b[31mred" });
  assert.equal(lines.length, 1);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert.ok(!/[\u0000-\u001f]/.test(lines[0]), lines[0]);
});
