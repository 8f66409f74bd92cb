import assert from "node:assert/strict";
import { Places } from "../../calls/places.ts";

/** Takes as many places as there are for `holder`. */
function takeAll(places: Places, holder: string): (() => void)[] {
  const taken: (() => void)[] = [];
  for (let leave = places.take(holder); leave; leave = places.take(holder)) taken.push(leave);
  return taken;
}

Deno.test("Places leave half of them to others, and some to whoever comes then", () => {
  const places = new Places(50);
  const acme = takeAll(places, "acme");
  assert.equal(acme.length, 25);
  assert.equal(places.hasRoom("acme"), false);
  assert.equal(takeAll(places, "globex").length, 13);
  assert.equal(takeAll(places, "initech").length, 6);
  assert.equal(places.taken, 44);
  for (const leave of [...acme, ...acme]) leave();
  assert.equal(places.taken, 19, "each is left once");
  assert.equal(places.hasRoom("acme"), true);
});

Deno.test("Places can all be taken, and not one more", () => {
  const places = new Places(1);
  const [leave] = takeAll(places, "acme");
  assert.deepEqual([places.taken, places.hasRoom("globex")], [1, false]);
  assert.equal(places.take("globex"), undefined);
  leave();
  assert.equal(places.taken, 0);
  assert.ok(places.take("globex"));
});
