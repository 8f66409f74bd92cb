import assert from "node:assert/strict";
import {
  choices,
  type Filter,
  isFiltering,
  matcher,
  NO_FILTER,
} from "../../../static/wall/filters.js";

const call = {
  id: "CA77",
  state: "live" as const,
  metadata: { agent: "Support", from: "+1 555 0100", note: "VIP customer" },
  warnings: new Map(),
};

function matches(filter: Partial<Filter>, more = {}) {
  return matcher({ ...NO_FILTER, ...filter })({ ...call, ...more });
}

Deno.test("matcher() finds every word in the id or the metadata, in any case", () => {
  for (const text of ["", "  ", "ca77", "555 vip", "agent", "agent:supp", "NOTE:vip 0100"]) {
    assert.ok(matches({ text }), text);
  }
  for (const text of ["vip sales", "agent:vip", ":", "nobody:x"]) {
    assert.ok(!matches({ text }), text);
  }
});

Deno.test("matcher() looks at the state, one kind of metadata and the warnings", () => {
  assert.ok(matches({ state: "live", metadata: "agent=Support" }));
  assert.ok(!matches({ state: "ended" }));
  assert.ok(!matches({ metadata: "agent=support" }));
  assert.ok(!matches({ warnings: true }));
  const warnings = new Map([["clipping/bot", { code: "clipping", since: 0 }]]);
  assert.ok(matches({ warnings: true }, { warnings }));
  assert.ok(matches({ metadata: "a=b=c" }, { metadata: { a: "b=c" } }));
});

Deno.test("isFiltering() says whether any wish is expressed", () => {
  assert.ok(!isFiltering({ ...NO_FILTER, text: " " }));
  assert.ok(isFiltering({ ...NO_FILTER, warnings: true }));
});

Deno.test("choices() offers what calls have in common, and leaves numbers to the search", () => {
  const calls = Array.from({ length: 40 }, (_, index) => ({
    metadata: { from: `+${index}`, agent: ["sales", "support"][index % 2], region: "eu" },
  }));
  assert.deepEqual(choices(calls), [["agent", ["sales", "support"]]]);
});
