import assert from "node:assert/strict";
import { Audience } from "../../calls/audience.ts";
import { Call } from "../../calls/call.ts";
import type { CallDetails } from "../../calls/call_options.ts";
import { CallFollowers } from "../../events/call_followers.ts";
import { EventStream } from "../../events/event_stream.ts";
import { createLog } from "../../log.ts";
import { describeCall } from "../../routes/call_description.ts";
import { LiveTimeline } from "../../routes/live_timeline.ts";
import { anEnvironment, anOwner, someDetails } from "../calls/support.ts";

/** A call that is not recorded, and how to follow it with a stream of so much room. */
function aFollowedCall() {
  const followers = new CallFollowers();
  const { environment, clock } = anEnvironment({ observer: followers.observe, rewindMs: 60_000 });
  const audience = new Audience({ clock, maxPerCall: 1, maxPerOrganisation: 1, maxSlowMs: 1000 });
  const log = createLog("error");
  const services = { audience, clock, followers, log, store: environment.store };
  const begin = (changes: Partial<CallDetails> = {}) => {
    const media = { live: true, recording: false, maxDurationSeconds: 60 };
    const call = new Call(someDetails({ media, ...changes }), environment, () => {});
    call.start(anOwner());
    return call;
  };
  const follow = (call: Call, maxQueuedBytes: number) => {
    const stream = new EventStream({ maxQueuedBytes, onSlow: () => {} });
    const describe = (call: Call) => describeCall(call, "http://localhost", services);
    new LiveTimeline({ call, stream, services, describe }).start();
    return stream;
  };
  return { begin, follow, followers, clock };
}

Deno.test("LiveTimeline of a call that is over tells nothing of the next call with its id", async () => {
  for (const organisation of ["acme", "globex"]) {
    const { begin, follow, followers, clock } = aFollowedCall();
    const call = begin();
    for (let i = 0; i < 40; i++) {
      call.note({ type: "event", position: 0, name: "first", data: "x".repeat(1000) });
    }
    const stream = follow(call, 32_000);
    // Nobody reads yet: the past waits for room.
    await call.end("ended");
    assert.equal(stream.ended, false);
    const next = begin({ organisation });
    next.note({ type: "event", position: 0, name: "secret", data: "theirs" });
    next.pause();
    const text = await new Response(stream.body).text();
    assert.match(text, /event: ended/);
    assert.doesNotMatch(text, /secret|theirs|"paused":true/);
    assert.equal(followers.size, 0);
    await next.end("ended");
    assert.equal(clock.pendingTimers, 0);
  }
});

Deno.test("CallFollowers tell nobody of another organisation's call, and let each leave once", async () => {
  const { begin, followers } = aFollowedCall();
  const told: string[] = [];
  const leave = followers.follow({ organisation: "acme", callId: "CA1" }, (event) => {
    if (event.type === "started") told.push(event.call.details.organisation);
    if (event.type === "recording") told.push(event.recording.organisation);
  });
  const tellRecorded = (organisation: string) =>
    followers.observe({
      type: "recording",
      recording: { organisation, callId: "CA1" },
      state: "complete",
    });
  await begin({ organisation: "globex" }).end("ended");
  tellRecorded("globex");
  assert.deepEqual(told, []);
  await begin().end("ended");
  tellRecorded("acme");
  assert.deepEqual(told, ["acme", "acme"]);
  leave();
  const stay = followers.follow({ organisation: "acme", callId: "CA1" }, () => {});
  leave();
  assert.equal(followers.size, 1, "who leaves twice takes nobody along");
  stay();
  assert.equal(followers.size, 0);
});
