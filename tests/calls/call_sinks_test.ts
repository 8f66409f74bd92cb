import assert from "node:assert/strict";
import { type CallSink, CallSinks } from "../../calls/call_sinks.ts";
import type { CallSinkFactory } from "../../calls/call.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { FrameEncoder } from "../../mixer/frame_encoder.ts";
import { USER } from "../../mixer/mixer.ts";
import { bytesOf, noise } from "../routes/sounds.ts";
import { TestServer } from "../support/test_server.ts";
import { aFrame } from "./support.ts";

/** A sink that keeps where its frames began, and throws at one of them. */
function aSink(throwsAt = -1) {
  const got: (number | "end")[] = [];
  const sink: CallSink = {
    write: ({ position }) => {
      if (position === throwsAt) throw new Error("full");
      got.push(position);
    },
    end: () => void got.push("end"),
  };
  return { sink, got };
}

Deno.test("CallSinks drops a sink that throws, says so once, and goes on with the others", () => {
  const failed: string[] = [];
  const sinks = new CallSinks((error) => failed.push(String(error)));
  const [first, broken, last] = [aSink(), aSink(4), aSink()];
  for (const { sink } of [first, broken, last]) sinks.add(sink);
  for (const position of [0, 4, 8]) sinks.write(aFrame(position, USER));
  sinks.end();
  assert.deepEqual(first.got, [0, 4, 8, "end"]);
  assert.deepEqual(last.got, [0, 4, 8, "end"]);
  assert.deepEqual(broken.got, [0]);
  assert.deepEqual(failed, ["Error: full"]);
});

Deno.test("CallSinks lets sinks come and go while a frame is written, and one end throw", () => {
  const failed: unknown[] = [];
  const sinks = new CallSinks((error) => failed.push(error));
  const { sink, got } = aSink();
  const leave = sinks.add({
    write: () => {
      leave();
      sinks.add(sink);
    },
  });
  sinks.write(aFrame(0, USER));
  sinks.write(aFrame(4, USER));
  sinks.add({
    write: () => {},
    end: () => {
      throw new Error("late");
    },
  });
  const last = aSink();
  sinks.add(last.sink);
  sinks.end();
  assert.deepEqual([got, last.got], [[4, "end"], ["end"]]);
  assert.equal(failed.length, 1);
});

Deno.test("a consumer of live audio is one line; one that throws is dropped, told, and harms nobody", async () => {
  const heard = new Map<string, number[]>();
  /** The bytes a listener would be sent, of every call. */
  const tap: CallSinkFactory = ({ details: { id, sampleRate } }) => {
    const encoder = new FrameEncoder({ channels: 1 }, sampleRate / 20);
    const samples: number[] = [];
    heard.set(id, samples);
    return { write: (frame) => samples.push(...new Int16Array(encoder.encode(frame).buffer)) };
  };
  const atOnce: CallSinkFactory = () => {
    throw new TypeError("not for this call");
  };
  const later: CallSinkFactory = () => ({
    write: ({ position }) => {
      if (position === 800) throw new TypeError("not this frame");
    },
  });
  await using server = await TestServer.start({
    clock: new ManualClock(),
    sinks: [atOnce, later, tap, () => undefined],
  });
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const listener = await server.listen("CA1", "?silence=pcm");
  const speech = noise(4000, 401);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", 4000);
  await server.advance(700);
  agent.end();
  assert.equal((await listener.closed).code, 1000);
  const { body } = await server.api("/calls/CA1");
  assert.equal(body.reason, "ended");
  assert.deepEqual(listener.samples().subarray(0, 4000), speech);
  assert.deepEqual(Int16Array.from(heard.get("CA1")!.slice(0, 4000)), speech);
  const told = server.log.filter((line) => line.includes("code=sink_failed"));
  assert.equal(told.length, 2);
  assert.match(told[0], /not for this call/);
  assert.match(told[1], /not this frame/);
});
