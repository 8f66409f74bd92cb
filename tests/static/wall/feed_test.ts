import assert from "node:assert/strict";
import { CallsModel, type Described } from "../../../static/wall/calls_model.js";
import { CallFeed } from "../../../static/wall/feed.js";
import { ServerClock } from "../../../static/wall/server_clock.js";
import { described } from "./calls.ts";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A feed whose server is the test. */
function open() {
  const model = new CallsModel();
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const lists: ((calls: Described[] | Error) => void)[] = [];
  const timers = new Set<() => void>();
  const log: string[] = [];
  let now = 0;
  const feed = new CallFeed({
    model,
    clock: new ServerClock(() => now),
    api: {
      active: () =>
        new Promise((resolve, reject) =>
          lists.push((calls) => calls instanceof Error ? reject(calls) : resolve(calls))
        ),
    },
    ended: { first: (metadata) => Promise.resolve(metadata === "" ? [] : [described(metadata)]) },
    request: { url: "http://host/events", token: "k" },
    world: {
      fetch: (_url, { signal }) => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            streams.push(controller);
            signal?.addEventListener("abort", () => controller.error(signal.reason));
          },
        });
        return Promise.resolve(new Response(body));
      },
      setTimeout: (callback) => {
        timers.add(callback);
        return callback;
      },
      clearTimeout: (timer) => timers.delete(timer as () => void),
      now: () => now,
      random: () => 0,
    },
  }, {
    onChange: () => log.push("change"),
    onLoaded: () => log.push("loaded"),
    onLevels: (levels) => log.push(`levels ${levels.length}`),
    onWarning: (id, { code }) => log.push(`${id} ${code}`),
    onReport: ({ state }) => log.push(state),
    metadata: () => "",
  });
  feed.start();
  const send = (type: string, data: unknown) => {
    const text = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    streams.at(-1)?.enqueue(new TextEncoder().encode(text));
    return settle();
  };
  return {
    model,
    lists,
    log,
    feed,
    send,
    streams,
    /** Lets the wait for the next try be over. */
    goOn() {
      now += 20_000;
      feed.retry();
      return settle();
    },
  };
}

Deno.test("CallFeed applies what came while the list was on its way, after it", async () => {
  const { model, lists, log, feed, send } = open();
  await settle();
  await send("hello", { id: "1", now: 1000 });
  await send("call.started", { call: described("new") });
  await send("call.ended", { call: described("old", { state: "ended" }) });
  assert.equal(model.active.size, 0);
  lists[0]([described("old"), described("stays")]);
  await settle();
  assert.deepEqual([...model.active.keys()], ["stays", "new"]);
  assert.deepEqual([...model.ended.keys()], ["old"]);
  await send("call.warning", { callId: "stays", code: "clipping", message: "", active: true });
  await send("levels", [["stays", -10, -90]]);
  assert.deepEqual(log, [
    "connecting",
    "live",
    "loaded",
    "stays clipping",
    "change",
    "levels 1",
  ]);
  feed.stop();
  await settle();
});

Deno.test("CallFeed loads the list again after a reset, and not after a loss alone", async () => {
  const { model, lists, feed, send, streams, goOn } = open();
  await settle();
  await send("hello", { id: "1", now: 1000 });
  lists[0]([described("a")]);
  await settle();
  streams[0].close();
  await settle();
  await goOn();
  await send("hello", { id: "1", now: 1000 });
  assert.equal(lists.length, 1);
  await send("reset", {});
  assert.equal(lists.length, 2);
  lists[1]([described("b")]);
  await settle();
  assert.deepEqual([...model.active.keys()], ["b"]);
  feed.stop();
  await settle();
});

Deno.test("CallFeed tries again when the list does not arrive, or too much comes before it", async () => {
  const { model, lists, log, feed, send, streams, goOn } = open();
  await settle();
  await send("hello", { id: "1", now: 1000 });
  lists[0](new TypeError("no network"));
  await settle();
  assert.equal(log.at(-1), "reconnecting");
  await goOn();
  assert.equal(streams.length, 2);
  await send("hello", { id: "1", now: 1000 });
  const flood = new TextEncoder().encode(
    'event: listener.joined\ndata: {"callId":"a","listeners":1}\n\n'.repeat(5000),
  );
  streams[1].enqueue(flood);
  await settle();
  assert.equal(log.at(-1), "reconnecting");
  await goOn();
  await send("hello", { id: "1", now: 1000 });
  lists[1]([described("late")]);
  lists[2]([described("a")]);
  await settle();
  assert.deepEqual([...model.active.keys()], ["a"]);
  feed.stop();
  await settle();
});
