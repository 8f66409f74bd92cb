import assert from "node:assert/strict";
import { Rewind } from "../../calls/rewind.ts";
import { BOT, type MixedFrame, USER } from "../../mixer/mixer.ts";

function aRewind(frames = 10) {
  const rewind = new Rewind({ frameSamples: 4, frames });
  let next = 0;
  const write = (sources: number) => {
    const [user, bot, mix] = [1, 2, 3].map((value) => new Int16Array(4).fill(value * (next + 1)));
    rewind.write({ position: 4 * next++, user, bot, mix, sources } as MixedFrame);
  };
  return { rewind, write };
}

Deno.test("Rewind.past() answers the frames as they were heard, the oldest of them gone", async () => {
  const { rewind, write } = aRewind(3);
  for (const sources of [USER, BOT, USER | BOT, 0, USER]) write(sources);
  assert.equal(rewind.begin, 8);
  const past = rewind.past();
  const slice = await past.read(0);
  assert.equal(slice?.position, 8, "what is asked for is not held any more");
  assert.deepEqual([...slice!.pcm], [
    3,
    6,
    3,
    6,
    3,
    6,
    3,
    6,
    ...Array(8).fill(0),
    5,
    0,
    5,
    0,
    5,
    0,
    5,
    0,
  ]);
  assert.equal((await past.read(16))?.position, 16);
  assert.equal(await past.read(20), undefined);
  write(BOT);
  assert.equal(past.begin, 12);
  assert.deepEqual([...(await past.read(20))!.pcm], [0, 12, 0, 12, 0, 12, 0, 12]);
});

Deno.test("Rewind takes memory for sound alone, and gives it back", () => {
  const { rewind, write } = aRewind(100);
  assert.equal(rewind.heldBytes, 0);
  for (let n = 0; n < 300; n++) write(0);
  assert.equal(rewind.heldBytes, 0);
  for (let n = 0; n < 300; n++) write(USER | BOT);
  assert.equal(rewind.heldBytes, 2 * 11 * 80, "a page more than what is held");
  for (let n = 0; n < 300; n++) write(0);
  assert.equal(rewind.heldBytes, 4 * 80, "a few pages are kept to be used again");
});

Deno.test("Rewind.events are those of the time that is held, 500 at most", () => {
  const { rewind, write } = aRewind(2);
  for (let n = 0; n < 600; n++) rewind.note({ type: "event", position: 0, data: n });
  assert.equal(rewind.events.length, 500);
  assert.equal(rewind.events[0].data, 100);
  rewind.note({ type: "event", position: 0, data: "x".repeat(2048) });
  assert.equal(rewind.events.at(-1)?.data, 599, "a very long one is left out");
  for (let n = 0; n < 4; n++) write(0);
  rewind.note({ type: "paused", position: 9 });
  assert.deepEqual(rewind.events, [{ type: "paused", position: 9 }]);
});
