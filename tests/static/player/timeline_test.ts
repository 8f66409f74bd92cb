import assert from "node:assert/strict";
import { CallTimeline } from "../../../static/player/call_timeline.js";
import { markRanges } from "../../../static/player/mark_ranges.js";
import { describeMark } from "../../../static/player/mark_text.js";
import { decodePeaks, PeakStore } from "../../../static/player/peak_store.js";
import { lastUtterance } from "../../../static/player/utterances.js";

function pixels(count: number, [user, bot]: [number, number]): Int8Array {
  return Int8Array.from(
    { length: 4 * count },
    (_, index) => [-1 - user, user, -1 - bot, bot][index % 4],
  );
}

function base64(bytes: Int8Array): string {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length).toBase64();
}

Deno.test("PeakStore answers the loudest of any stretch, and silence of what it does not know", () => {
  const peaks = new PeakStore();
  peaks.write(5000, pixels(2, [40, 9]));
  peaks.write(1, pixels(1, [127, 0]));
  assert.equal(peaks.length, 5002);
  assert.equal(peaks.loudest("user", 0, 5002), 127);
  assert.equal(peaks.loudest("user", 2, 9999), 40);
  assert.equal(peaks.loudest("bot", 5001, 5002), 9);
  assert.equal(peaks.loudest("bot", -5, 5000), 0, "a minimum of -1 is no sound");
  assert.equal(peaks.loudest("bot", 6000, 7000), 0);
});

Deno.test("PeakStore keeps a day and no more", () => {
  const peaks = new PeakStore();
  const day = 24 * 3600 * 20;
  peaks.write(day - 1, pixels(3, [1, 1]));
  peaks.write(day, pixels(1, [1, 1]));
  peaks.write(Number.MAX_SAFE_INTEGER, pixels(1, [1, 1]));
  peaks.write(-1, pixels(1, [1, 1]));
  assert.equal(peaks.length, day);
});

Deno.test("decodePeaks() reads signed bytes, and nothing out of nonsense", () => {
  const bytes = Int8Array.of(-128, -1, 0, 127);
  assert.deepEqual(decodePeaks(base64(bytes)), bytes);
  assert.deepEqual(decodePeaks("%"), new Int8Array(0));
});

Deno.test("lastUtterance() finds where a side began to speak, and the one before when asked again", () => {
  const peaks = new PeakStore();
  peaks.write(0, new Int8Array(4 * 400));
  peaks.write(50, pixels(40, [0, 30]));
  peaks.write(200, pixels(20, [0, 30]));
  // A breath.
  peaks.write(228, pixels(20, [0, 30]));
  peaks.write(300, pixels(50, [30, 0]));
  assert.equal(lastUtterance(peaks, "bot", 400), 200);
  assert.equal(lastUtterance(peaks, "bot", 240), 200);
  assert.equal(lastUtterance(peaks, "bot", 215), 50, "just begun: the one before");
  assert.equal(lastUtterance(peaks, "bot", 60), 50, "there is none before");
  assert.equal(lastUtterance(peaks, "bot", 50), undefined);
  assert.equal(lastUtterance(peaks, "bot", 400, 260), undefined, "no longer held");
  assert.equal(lastUtterance(peaks, "user", 400), 300);
});

Deno.test("CallTimeline follows a call from its snapshot to its recording", () => {
  const call = new CallTimeline();
  const recording = { state: "recording", url: "/calls/CA1/recording" };
  const snapshot = { id: "CA1", state: "live", sampleRate: 16000, startedAt: 5, position: 32000 };
  assert.equal(
    call.apply("snapshot", {
      ...snapshot,
      from: 1600,
      samplesPerPixel: 800,
      paused: false,
      ingestLost: false,
      listeners: 2,
      metadata: { agent: "support" },
      recording,
    }),
    "snapshot",
  );
  assert.equal(call.apply("peaks", { from: 0, data: base64(pixels(41, [3, 4])) }), "peaks");
  assert.equal(call.endSeconds, 2.05);
  assert.equal(call.fromSeconds, 0.1);
  assert.equal(call.pixelsPerSecond, 20);
  call.apply("mark", { type: "event", position: 900 });
  call.apply("marks", [{ type: "paused", position: 20 }, { type: "resumed", position: 900 }]);
  assert.deepEqual(call.marks.map(({ type }) => type), ["paused", "event", "resumed"]);
  assert.equal(call.apply("state", { paused: true, position: 33000 }), "state");
  assert.ok(call.paused);
  call.apply("ended", { position: 32500, reason: "hangup", recording });
  assert.equal(call.state, "ended");
  assert.equal(call.endSeconds, 32500 / 16000, "the length, and not the last pixel's end");
  assert.equal(call.reason, "hangup");
  call.apply("recording", { state: "complete", url: recording.url });
  assert.equal(call.recording?.state, "complete");
  call.apply("snapshot", snapshot);
  assert.equal(call.marks.length + call.peaks.length, 0, "a new stream says everything again");
});

Deno.test("CallTimeline takes no harm from what has an odd shape", () => {
  const call = new CallTimeline();
  const odd = [null, undefined, 7, "x", [], {}, {
    state: 1,
    position: -1,
    metadata: 3,
    recording: 4,
  }];
  for (
    const type of ["snapshot", "peaks", "marks", "mark", "state", "ended", "recording", "other"]
  ) {
    for (const data of odd) call.apply(type, data);
  }
  call.apply("marks", [null, 3, { type: 1, position: 1 }, { type: "gap", position: NaN }]);
  call.apply("peaks", { from: "0", data: 4 });
  assert.equal(call.marks.length, 0);
  assert.equal(call.sampleRate, 8000);
  assert.equal(call.recording, null);
});

Deno.test("CallTimeline keeps the newest marks, and counts the others", () => {
  const call = new CallTimeline();
  for (let position = 0; position < 2005; position++) {
    call.apply("mark", { type: "event", position });
  }
  assert.equal(call.marks.length, 2000);
  assert.equal(call.marks[0].position, 5);
  assert.equal(call.droppedMarks, 5);
});

Deno.test("markRanges() pairs pauses, leaves the last one open, and knows gaps", () => {
  assert.deepEqual(
    markRanges([
      { type: "resumed", position: 1 },
      { type: "paused", position: 10 },
      { type: "paused", position: 12 },
      { type: "resumed", position: 20 },
      { type: "gap", position: 30, data: { samples: 5 } },
      { type: "gap", position: 31, data: "odd" },
      { type: "paused", position: 40 },
    ]),
    [
      { kind: "paused", from: 10, to: 20 },
      { kind: "gap", from: 30, to: 35 },
      { kind: "paused", from: 40, to: Infinity },
    ],
  );
});

Deno.test("describeMark() says in words what an agent sent, whatever it is", () => {
  const say = (mark: object) => {
    const { kind, label, text } = describeMark({ type: "event", position: 0, ...mark }, 8000);
    return `${kind}|${label}|${text}`;
  };
  const transcript = (data: unknown) => say({ name: "transcript", data });
  assert.equal(transcript({ who: "user", text: "Hello" }), "user|User|Hello");
  assert.equal(transcript({ role: "Assistant", content: "Hi" }), "bot|Bot|Hi");
  assert.equal(transcript({ who: "Dr. Who", text: "<b>x</b>" }), "event|Dr. Who|<b>x</b>");
  assert.equal(transcript("only text"), "event|Transcript|only text");
  assert.equal(transcript({ who: { a: 1 }, text: 5 }), 'event|{"a":1}|5');
  assert.equal(transcript(undefined), "event|Transcript|");
  assert.equal(say({ name: "tool_call", data: { id: 7 } }), 'event|tool_call|{"id":7}');
  assert.equal(say({ name: 7, data: ["a"] }), 'event|event|["a"]');
  assert.equal(say({ name: "dtmf", data: { digit: "5" } }), "dtmf|Key pressed|5");
  assert.equal(say({ type: "dtmf", data: 5 }), "dtmf|Key pressed|5");
  assert.equal(
    say({ type: "barge-in", data: { discarded: 9600 } }),
    "barge-in|Barge-in|The bot was interrupted, 1.2 s left unsaid",
  );
  assert.equal(say({ type: "barge-in" }), "barge-in|Barge-in|The bot was interrupted");
  assert.equal(
    say({ type: "gap", data: { samples: 8000, reason: "store_full" } }),
    "gap|Gap|1.0 s of sound were lost: store_full",
  );
  assert.equal(transcript({ who: "bot", text: "a\u0000\u001b[31m\nb" }), "bot|Bot|a [31m b");
  assert.equal(transcript({ who: "bot", text: "x".repeat(9999) }).length, "bot|Bot|".length + 2001);
});
