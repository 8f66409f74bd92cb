import assert from "node:assert/strict";
import { ManualClock } from "../../../mixer/clock.ts";
import { TimelineFeed } from "../../../static/player/timeline_feed.js";

type Answer = Response | "no network" | "silent line";

/** A feed whose requests are answered one after the other. */
function open(...answers: Answer[]) {
  const clock = new ManualClock();
  const asked: { url: string; init: RequestInit }[] = [];
  const events: string[] = [];
  const states: string[] = [];
  const feed = new TimelineFeed(
    { url: "https://x/calls/CA1/timeline", token: "t" },
    (type) => events.push(type),
    (report) => states.push(report.state),
    {
      fetch: (url, init) => {
        asked.push({ url, init });
        const answer = answers.shift();
        if (answer === undefined || answer === "no network") return Promise.reject(new TypeError());
        if (answer instanceof Response) return Promise.resolve(answer);
        return Promise.resolve(new Response(silence(init.signal)));
      },
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer as never),
      now: () => clock.now(),
      random: () => 1,
    },
  );
  return { clock, asked, events, states, feed };
}

/** A body that says nothing until it is given up. */
function silence(signal: AbortSignal | null | undefined) {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => signal?.addEventListener("abort", () => controller.error(signal.reason)),
  });
}

function stream(...events: [string, unknown][]): Response {
  const text = events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  return new Response(text.join(""));
}

function refused(status: number): Response {
  return Response.json({ error: { code: "x", message: "because" } }, { status });
}

const recording = { state: "recording", url: "/r" };

Deno.test("TimelineFeed follows a call to its recording, over losses, and carries no key in its URL", async () => {
  const { clock, asked, events, states, feed } = open(
    "no network",
    refused(503),
    stream(["snapshot", { state: "live" }]),
    stream(["snapshot", { state: "live" }], ["ended", { recording }]),
    stream(["snapshot", { state: "ended", recording }], ["recording", recording]),
    stream(["snapshot", { state: "ended", recording }], ["recording", { state: "complete" }]),
  );
  await feed.open();
  for (let turn = 0; turn < 40; turn++) await clock.advance(500);
  assert.equal(states.at(-1), "done");
  assert.equal(states.filter((state) => state === "lost").length, 5);
  assert.equal(events.at(-1), "recording");
  assert.equal(asked.length, 6);
  assert.equal(asked[0].url, "https://x/calls/CA1/timeline");
  assert.equal(new Headers(asked[0].init.headers).get("x-api-key"), "t");
});

Deno.test("TimelineFeed is done with a call that has ended and is not recorded", async () => {
  const ended = { position: 5, reason: "hangup", recording: null };
  const live = open(stream(["snapshot", { state: "live" }], ["ended", ended]));
  await live.feed.open();
  assert.equal(live.states.at(-1), "done");
  const past = open(stream(["snapshot", { state: "ended", recording: null }]));
  await past.feed.open();
  assert.equal(past.states.at(-1), "done");
});

Deno.test("TimelineFeed gives a refusal on, and does not ask again", async () => {
  for (const status of [401, 403, 404, 429]) {
    const { asked, states, clock, feed } = open(refused(status));
    await feed.open();
    await clock.advance(60_000);
    assert.deepEqual(states, ["connecting", "refused"]);
    assert.equal(asked.length, 1);
  }
});

Deno.test("TimelineFeed gives up a line that is silent for 6 s, and opens another", async () => {
  const { asked, states, clock, feed } = open("silent line", stream(["snapshot", {}]));
  const opened = feed.open();
  await clock.advance(5999);
  assert.deepEqual(states, ["connecting", "open"]);
  await clock.advance(1);
  await opened;
  assert.equal(states.at(-1), "lost");
  await clock.advance(500);
  assert.equal(asked.length, 2);
  feed.close();
});

Deno.test("TimelineFeed that is closed says nothing more", async () => {
  const { states, clock, feed } = open("silent line");
  const opened = feed.open();
  await clock.advance(0);
  feed.close();
  await opened;
  await clock.advance(60_000);
  assert.deepEqual(states, ["connecting", "open"]);
});
