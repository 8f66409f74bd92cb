import assert from "node:assert/strict";
import { CallTokens } from "../../../static/wall/call_tokens.js";

function someTokens() {
  const asked: string[] = [];
  const clock = { ms: 0 };
  let refused = false;
  const tokens = new CallTokens((id) => {
    asked.push(id);
    return refused ? Promise.reject(new Error("410")) : Promise.resolve(`${id}-${asked.length}`);
  }, () => clock.ms);
  return { asked, clock, tokens, refuse: (value: boolean) => refused = value };
}

Deno.test("CallTokens asks once for a call's token, and again half a day later", async () => {
  const { tokens, asked, clock } = someTokens();
  assert.equal(tokens.held("CA1"), undefined);
  assert.deepEqual(await Promise.all([tokens.of("CA1"), tokens.of("CA1")]), ["CA1-1", "CA1-1"]);
  clock.ms = 12 * 3600_000 - 1;
  assert.equal(tokens.held("CA1"), "CA1-1");
  assert.equal(await tokens.of("CA1"), "CA1-1");
  clock.ms++;
  assert.equal(tokens.held("CA1"), undefined);
  assert.equal(await tokens.of("CA1"), "CA1-2");
  assert.deepEqual(asked, ["CA1", "CA1"]);
});

Deno.test("CallTokens asks again where the server gave none", async () => {
  const { tokens, asked, refuse } = someTokens();
  refuse(true);
  await assert.rejects(tokens.of("CA1"), /410/);
  refuse(false);
  assert.equal(await tokens.of("CA1"), "CA1-2");
  assert.equal(asked.length, 2);
});

Deno.test("CallTokens holds 200 tokens, and forgets the oldest for another", async () => {
  const { tokens } = someTokens();
  for (let i = 0; i < 200; i++) await tokens.of(`CA${i}`);
  assert.equal(tokens.held("CA0"), "CA0-1");
  await tokens.of("CA200");
  assert.equal(tokens.held("CA0"), undefined);
  assert.equal(tokens.held("CA1"), "CA1-2");
  assert.equal(tokens.held("CA200"), "CA200-201");
});
