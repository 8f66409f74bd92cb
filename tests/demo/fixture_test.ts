import assert from "node:assert/strict";
import { SCRIPT } from "../../demo/script.ts";
import timeline from "../../demo/timeline.json" with { type: "json" };
import { assertSame } from "../support/same.ts";
import { run, testWith } from "../support/programs.ts";

const DEMO = new URL("../../demo/", import.meta.url);
const TRACKS = ["user", "bot"] as const;

interface Span {
  startMs: number;
  endMs: number;
}

function spans(track: "user" | "bot"): Span[] {
  return timeline[track].map(({ startMs, startByte, endByte }) => ({
    startMs,
    endMs: startMs + (endByte - startByte) / 8,
  }));
}

Deno.test("the demo's files are small, and the timeline covers all of them", async () => {
  let total = 0;
  for (const track of TRACKS) {
    const { size } = await Deno.stat(new URL(`${track}.mulaw`, DEMO));
    total += size;
    let next = track === "user" ? timeline.background.endByte : 0;
    for (const { startByte, endByte } of timeline[track]) {
      assert.equal(startByte, next);
      next = endByte;
    }
    assert.equal(next, size);
  }
  assert.ok(total < 400_000, `${total} bytes`);
});

Deno.test("the demo's timeline says what the script says", () => {
  for (const track of TRACKS) {
    const texts = SCRIPT.filter(({ who }) => who === track).map(({ text }) => text);
    assert.deepEqual(timeline[track].map(({ text }) => text), texts);
  }
});

Deno.test("the demo call has all that Earshot is to show", () => {
  const user = spans("user");
  const bot = spans("bot");
  assert.ok(timeline.durationMs >= 30_000 && timeline.durationMs <= 40_000);
  assert.ok(Math.min(...bot.map(({ startMs }) => startMs)) >= 1000, "late greeting");
  const overlapMs = (a: Span, b: Span) =>
    Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
  const overlaps = bot.flatMap((b) => user.map((u) => overlapMs(b, u))).filter((ms) => ms > 500);
  assert.ok(overlaps.length >= 2, "both speak at once, in a barge-in and without one");
  const [clearMs] = timeline.clearsMs;
  const cut = bot.find(({ startMs, endMs }) => startMs < clearMs && endMs > clearMs);
  assert.ok(cut !== undefined && cut.endMs - clearMs > 1000, "cut off mid sentence");
  assert.ok(user.some(({ startMs, endMs }) => startMs < clearMs && endMs > clearMs));
  const [mute] = timeline.mutes;
  assert.ok(mute.toMs - mute.fromMs > 5000, "silence long enough for a keepalive");
  const during = { startMs: mute.fromMs, endMs: mute.toMs };
  assert.ok([...user, ...bot].every((span) => overlapMs(span, during) <= 0 || span === cut));
  const step = [...timeline.user, ...timeline.bot].map(({ startMs }) => startMs)
    .concat(mute.fromMs, mute.toMs, timeline.durationMs);
  assert.ok(step.every((ms) => ms % 20 === 0), "whole frames");
});

testWith(["sox"], "the demo's voices are loud enough, and never clip together", async () => {
  for (const track of TRACKS) {
    const path = new URL(`${track}.mulaw`, DEMO).pathname;
    const raw = (
      encoding: string,
      bits: string,
    ) => ["-t", "raw", "-r", "8000", "-e", encoding, "-b", bits, "-c", "1"];
    const bytes = await run("sox", ["-D", ...raw("u-law", "8"), path, ...raw("signed", "16"), "-"]);
    const samples = new Int16Array(bytes.buffer);
    for (const { startByte, endByte, text } of timeline[track]) {
      const peak = samples.subarray(startByte, endByte)
        .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(peak > 13_000 && peak < 16_384, `${text}: peak ${peak}`);
    }
  }
});

testWith(["espeak-ng", "sox"], "make_demo.ts makes the same demo every time", async () => {
  const script = new URL("../../scripts/make_demo.ts", import.meta.url).pathname;
  const folders = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir()]);
  try {
    await Promise.all(folders.map((folder) => run(Deno.execPath(), ["run", "-A", script, folder])));
    for (const name of ["user.mulaw", "bot.mulaw", "timeline.json"]) {
      const [one, other] = await Promise.all(folders.map((f) => Deno.readFile(`${f}/${name}`)));
      assert.ok(one.length > 1000);
      // espeak-ng may choose other samples, but never other lengths, the first time it runs for a user.
      assert.equal(one.length, other.length, name);
      if (name === "timeline.json") assertSame(one, other, name);
    }
  } finally {
    for (const folder of folders) await Deno.remove(folder, { recursive: true });
  }
});
