import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { Feed, FeedEvent } from "../../mixer/inbox.ts";
import { Pipeline } from "../../mixer/pipeline.ts";

/** A pipeline, and a feed whose text messages say what their reading yields, or that it throws. */
function aFedPipeline() {
  const clock = new ManualClock();
  const pipeline = new Pipeline({ clock, botAudio: "speech", botQueueMs: 1000 });
  const told: string[] = [];
  const audio = (track: "user" | "bot", samples: number): FeedEvent => ({
    type: "audio",
    track,
    payload: new Uint8Array(2 * samples),
  });
  const feed: Feed = {
    parser: {
      parse(message) {
        if (message === "broken") throw new TypeError("broken");
        const [track, samples] = String(message).split(" ");
        if (track === "other") return [{ type: "stop" }];
        return [audio(track as "user" | "bot", Number(samples))];
      },
    },
    broken: 0,
    closed: false,
    refused(error) {
      feed.broken++;
      told.push(String(error));
    },
    ahead: (track) => void told.push(`${track} ahead`),
  };
  const send = (message: string) => pipeline.inbox.add(feed, message, clock.now(), 0);
  return { clock, pipeline, feed, told, send };
}

Deno.test("Pipeline reads what waits before it does anything, and skips what is no audio", () => {
  const { pipeline, told, send } = aFedPipeline();
  send("user 160");
  send("other 0");
  send("bot 320");
  assert.equal(pipeline.user.track.stats.received, 0);
  const { user, bot } = pipeline.figures();
  assert.deepEqual([user.received, bot.received, told], [160, 320, []]);
});

Deno.test("Pipeline tells a feed of each message that it could not read, and goes on", () => {
  const { pipeline, feed, told, send } = aFedPipeline();
  send("user 160");
  send("broken");
  send("broken");
  pipeline.inbox.drain();
  assert.deepEqual([told, feed.broken], [["TypeError: broken", "TypeError: broken"], 2]);
  send("user 160");
  pipeline.inbox.drain();
  assert.equal(feed.broken, 0, "only those in a row count");
  send("bot 8000");
  send("bot 8000");
  pipeline.inbox.drain();
  assert.deepEqual(told.slice(2), ["bot ahead"]);
  send(`user ${1024 * 1024}`);
  pipeline.inbox.drain();
  assert.match(told[3], /^RangeError: /);
});

Deno.test("Pipeline takes nothing of a feed once it is closed, and of another all", () => {
  const { clock, pipeline, feed, send } = aFedPipeline();
  send("user 160");
  send("broken");
  send("user 320");
  feed.refused = () => feed.closed = true;
  const other: Feed = { ...feed };
  pipeline.inbox.add(other, "bot 80", clock.now(), 0);
  const { user, bot } = pipeline.figures();
  assert.deepEqual([user.received, bot.received], [160, 80]);
});
