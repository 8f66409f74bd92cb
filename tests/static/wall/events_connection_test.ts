import assert from "node:assert/strict";
import { ManualClock } from "../../../mixer/clock.ts";
import { type ConnectionReport, EventsConnection } from "../../../static/wall/events_connection.js";

interface Asked {
  headers: Headers;
  signal: AbortSignal;
  /** Answers the request with a stream, or a refusal. */
  answer(status?: number): WritableStreamDefaultWriter<Uint8Array>;
  fail(): void;
}

/** A connection in a world that the test moves. */
function open() {
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const reports: ConnectionReport[] = [];
  const events: string[] = [];
  const connection = new EventsConnection({ url: "http://host/events", token: "k" }, {
    onEvents: (list) => events.push(...list.map(({ type, data }) => `${type} ${data}`)),
    onReport: (report) => reports.push(report),
  }, {
    fetch: (_url, init) => {
      const { promise, resolve, reject } = Promise.withResolvers<Response>();
      const signal = init.signal as AbortSignal;
      signal.addEventListener("abort", () => reject(signal.reason));
      asked.push({
        headers: new Headers(init.headers),
        signal,
        answer(status = 200) {
          const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
          const writer = writable.getWriter();
          signal.addEventListener("abort", () => writer.abort(signal.reason).catch(() => {}));
          resolve(new Response(readable, { status }));
          return writer;
        },
        fail: () => reject(new TypeError("no network")),
      });
      return promise;
    },
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (timer) => clock.clearTimeout(timer as number),
    now: () => clock.now() + 1,
    random: () => 1,
  });
  const done = connection.run();
  return { clock, asked, reports, events, connection, done };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const HELLO = bytes('event: hello\ndata: {"id":"4"}\nid: 4\n\n');
/** A greeting that events from before it follow. */
const HELLO_AGAIN = bytes('event: hello\ndata: {"id":"12"}\n\n');

/** Lets what is under way arrive. */
async function settle(clock: ManualClock, ms = 0) {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  await clock.advance(ms);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("EventsConnection shows its key in a header and reports live when it is greeted", async () => {
  const { clock, asked, reports, events, connection, done } = open();
  assert.equal(asked[0].headers.get("x-api-key"), "k");
  const writer = asked[0].answer();
  await settle(clock);
  assert.deepEqual(reports, [{ state: "connecting" }]);
  await writer.write(HELLO);
  await settle(clock);
  assert.deepEqual(reports.at(-1), { state: "live" });
  assert.deepEqual(events, ['hello {"id":"4"}']);
  connection.stop();
  await done;
});

Deno.test("EventsConnection goes on behind the last event, waiting longer each time", async () => {
  const { clock, asked, reports, connection, done } = open();
  const writer = asked[0].answer();
  await writer.write(bytes("id: 9\nevent: a\ndata: 1\n\nevent: levels\ndata: []\n\n"));
  await settle(clock);
  await writer.close();
  await settle(clock);
  const since = 1;
  assert.deepEqual(reports.at(-1), {
    state: "reconnecting",
    sinceMs: since,
    retryAtMs: 501,
    why: "the server ended the connection",
  });
  await settle(clock, 500);
  assert.equal(asked[1].headers.get("last-event-id"), "9");
  asked[1].fail();
  await settle(clock);
  assert.deepEqual(reports.at(-1), {
    state: "reconnecting",
    sinceMs: since,
    retryAtMs: 1501,
    why: "the server cannot be reached",
  });
  connection.retry();
  await settle(clock);
  const again = asked[2].answer();
  await again.write(HELLO_AGAIN);
  await settle(clock);
  assert.deepEqual(reports.at(-1), { state: "live" });
  await again.close();
  await settle(clock, 2000);
  assert.equal(asked[3].headers.get("last-event-id"), "9", "not all that was missed has come");
  connection.stop();
  await done;
});

Deno.test("EventsConnection gives a line up that says nothing for 8 s", async () => {
  const { clock, asked, reports, connection, done } = open();
  const writer = asked[0].answer();
  await writer.write(HELLO);
  await settle(clock, 6000);
  await writer.write(bytes(": ping\n\n"));
  await settle(clock, 7999);
  assert.equal(reports.at(-1)?.state, "live");
  await settle(clock, 1);
  const report = reports.at(-1);
  assert.equal(report?.state === "reconnecting" && report.why, "the server has gone quiet");
  connection.stop();
  await done;
});

Deno.test("EventsConnection does not try a refused key again", async () => {
  const { clock, asked, reports, done } = open();
  const writer = asked[0].answer(401);
  await done;
  await settle(clock, 60_000);
  await writer.abort().catch(() => {});
  assert.deepEqual(reports.map(({ state }) => state), ["connecting", "refused"]);
  assert.equal(asked.length, 1);
});

Deno.test("EventsConnection goes on from the greeting when nothing else has come", async () => {
  const { clock, asked, connection, done } = open();
  const writer = asked[0].answer();
  await writer.write(HELLO);
  await settle(clock);
  await writer.close();
  await settle(clock, 500);
  assert.equal(asked[1].headers.get("last-event-id"), "4");
  connection.stop();
  await done;
});

Deno.test("EventsConnection loads all anew after a restart", async () => {
  const { clock, asked, connection, done } = open();
  const writer = asked[0].answer();
  await writer.write(bytes("id: 9\nevent: a\ndata: 1\n\n"));
  await settle(clock);
  connection.restart("no calls");
  await settle(clock, 500);
  assert.equal(asked[1].headers.get("last-event-id"), null);
  connection.stop();
  await done;
});
