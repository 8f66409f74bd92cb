import assert from "node:assert/strict";
import { EndedPages } from "../../../static/wall/ended_pages.js";
import { Levels } from "../../../static/wall/levels.js";
import { Meter } from "../../../static/wall/meter.js";
import { PeaksLoader } from "../../../static/wall/peaks_loader.js";
import { drawWaveform } from "../../../static/wall/waveform.js";
import { described } from "./calls.ts";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("EndedPages goes from page to page, by one kind of metadata if so wished", async () => {
  const asked: Record<string, string>[] = [];
  const pages = new EndedPages({
    get: (_path, query) => {
      asked.push(query);
      return Promise.resolve({
        calls: [described(`c${asked.length}`, { state: "ended" })],
        before: asked.length < 3 ? `cursor ${asked.length}` : null,
      });
    },
  });
  assert.deepEqual(await pages.next(), [], "there is no page behind none");
  assert.equal((await pages.first("agent=a=b"))[0].id, "c1");
  assert.ok(pages.hasMore);
  const both = await Promise.all([pages.next(), pages.next()]);
  assert.deepEqual(both.map((calls) => calls.length), [1, 0], "one page at a time");
  await pages.next();
  assert.ok(!pages.hasMore);
  const shared = { state: "ended", limit: "50", "metadata.agent": "a=b" };
  assert.deepEqual(asked, [
    shared,
    { ...shared, before: "cursor 1" },
    { ...shared, before: "cursor 2" },
  ]);
});

Deno.test("EndedPages forgets the answer to what is no longer wished for", async () => {
  const answers: ((body: unknown) => void)[] = [];
  const pages = new EndedPages({ get: () => new Promise((resolve) => answers.push(resolve)) });
  const old = pages.first("agent=a");
  const wanted = pages.first("");
  answers[1]({ calls: [], before: "older" });
  answers[0]({ calls: [], before: null });
  await assert.rejects(old, { name: "AbortError" });
  await wanted;
  assert.ok(pages.hasMore);
});

Deno.test("PeaksLoader asks for three at a time, the last wished for first, and never twice", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const loader = new PeaksLoader((id) => {
    asked.push(id);
    return new Promise((resolve) => answers.push(() => resolve({ data: [], length: 0 })));
  });
  const drawn: string[] = [];
  const wish = (id: string) => loader.wish(id, () => drawn.push(id));
  for (const id of ["a", "b", "c", "d", "e", "f"]) wish(id);
  assert.deepEqual(asked, ["a", "b", "c"]);
  loader.giveUp("f");
  answers[0]();
  await settle();
  assert.deepEqual(asked, ["a", "b", "c", "e"]);
  for (let index = 1; index < 5; index++) {
    answers[index]();
    await settle();
  }
  assert.deepEqual(drawn, ["a", "b", "c", "e", "d"]);
  wish("a");
  await settle();
  assert.equal(asked.length, 5);
  assert.equal(drawn.length, 6);
});

Deno.test("PeaksLoader goes on when one cannot be had, and keeps 300", async () => {
  let count = 0;
  const loader = new PeaksLoader((id) => {
    count++;
    return id === "none"
      ? Promise.reject(new Error("404"))
      : Promise.resolve({ data: [], length: 0 });
  });
  const drawn: unknown[] = [];
  loader.wish("none", (peaks) => drawn.push(peaks));
  await settle();
  assert.deepEqual(drawn, [null]);
  for (let index = 0; index < 301; index++) {
    loader.wish(`c${index}`, () => {});
    await settle();
  }
  loader.wish("c300", () => {});
  await settle();
  assert.equal(count, 302);
  assert.equal(loader.get("c0"), undefined);
});

/** Heights of the bars that are drawn of four pixels, the user's and the bot's, on a canvas 201 high. */
function barsOf(data: number[], count: number): [number[], number[]] {
  const drawn: [number[], number[]] = [[], []];
  const context = {
    fillStyle: "",
    scale() {},
    fillRect(_x: number, _y: number, _width: number, height: number) {
      drawn[context.fillStyle === "user" ? 0 : 1].push(height);
    },
  };
  Object.assign(globalThis, {
    devicePixelRatio: 2,
    getComputedStyle: () => ({ color: "user", borderTopColor: "bot" }),
  });
  const canvas = { clientWidth: 3 * count, clientHeight: 201, getContext: () => context };
  drawWaveform(canvas as unknown as HTMLCanvasElement, { data, length: 4 });
  return drawn;
}

Deno.test("drawWaveform() shows the loudest of each side, quiet speech too", () => {
  const data = [-128, 10, 0, 0, -1, 32, -8, 2, 0, 0, 0, 0, 0, 0, 0, 127];
  assert.deepEqual(barsOf(data, 2)[0], [100, 0.5], "a line where nothing is said");
  assert.deepEqual(barsOf(data, 1)[1].map((height) => height.toFixed(1)), ["99.6"]);
  assert.equal(barsOf(data, 4)[0][1], 50);
  assert.equal(barsOf(data, 8)[0].length, 8, "fewer pixels than bars");
});

Deno.test("Meter rises at once, falls evenly, and writes only what changes", () => {
  const style = {
    writes: 0,
    value: "",
    set transform(text: string) {
      this.writes++;
      this.value = text;
    },
    get transform() {
      return this.value;
    },
  };
  const meter = new Meter({ style });
  assert.ok(meter.update(-30));
  assert.equal(style.value, "scaleX(0.5)");
  assert.ok(meter.update(-90));
  assert.equal(style.value, "scaleX(0.4)");
  while (meter.update(-90));
  assert.equal(style.value, "scaleX(0)");
  const { writes } = style;
  meter.update(-90);
  assert.equal(style.writes, writes);
  meter.update(6);
  assert.equal(style.value, "scaleX(1)");
});

/** Levels on `count` cards, in frames that the test lets come. */
function makeLevels(count: number) {
  let now = 0;
  const frames: (() => void)[] = [];
  const cards = new Map(Array.from({ length: count }, (_, index) => {
    const card = {
      isVisible: true,
      db: 0,
      setLevels(userDb: number) {
        this.db = userDb;
        return userDb > -60;
      },
      resetLevels() {
        this.db = -Infinity;
      },
    };
    return [`c${index}`, card];
  }));
  const levels = new Levels((id) => cards.get(id), {
    now: () => now,
    requestFrame: (callback) => frames.push(callback),
  });
  const pass = (ms: number) => now += ms;
  return { levels, frames, cards, card: cards.get("c0")!, pass };
}

Deno.test("Levels shows the latest message in the next frame, and lets what is over fall", () => {
  const { levels, frames, card, pass } = makeLevels(1);
  levels.take([["c0", -20, -90]]);
  levels.take([["c0", -10, -90], ["unknown", -10, -10]]);
  assert.equal(frames.length, 1);
  frames[0]();
  assert.equal(card.db, -10);
  levels.tick();
  assert.equal(frames.length, 1, "there may be more to come");
  pass(301);
  levels.tick();
  frames[1]();
  assert.equal(card.db, -90);
  levels.tick();
  assert.equal(frames.length, 2, "nothing moves any more");
  levels.take([["c0", -10, -90]]);
  frames[2]();
  levels.take([]);
  frames[3]();
  assert.equal(card.db, -90, "a message without it says that it is silent");
  card.isVisible = false;
  levels.take([["c0", -10, -90]]);
  frames[4]();
  assert.equal(card.db, -Infinity, "nobody sees it");
});

Deno.test("Levels spreads many cards over frames, those that wait the longest first", () => {
  const { levels, frames, cards } = makeLevels(150);
  const all = (db: number) =>
    [...cards.keys()].map((id) => [id, db, db] as [string, number, number]);
  levels.take(all(-20));
  frames[0]();
  assert.deepEqual([cards.get("c63")?.db, cards.get("c64")?.db], [-20, 0]);
  levels.take(all(-10));
  frames[1]();
  assert.deepEqual([cards.get("c63")?.db, cards.get("c64")?.db], [-20, -10]);
  frames[2]();
  frames[3]();
  assert.ok([...cards.values()].every(({ db }) => db === -10));
  assert.equal(frames.length, 4);
});
