import assert from "node:assert/strict";
import { toMulaw } from "./mulaw.ts";
import { run, testWith } from "./programs.ts";
import { speak } from "./speech.ts";

testWith(
  ["espeak-ng", "sox"],
  "speak() answers the same speech, twice as long at 16 kHz",
  async () => {
    const narrow = await speak("One two three.");
    const wide = await speak("One two three.", { sampleRate: 16000 });
    const other = await speak("One two three.", { voice: "en-gb-scotland+m3" });
    assert.ok(Math.abs(wide.length - 2 * narrow.length) <= 2);
    assert.notDeepEqual(other.slice(4000, 4100), narrow.slice(4000, 4100));
    const peak = narrow.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(peak > 16_300 && peak < 16_500, `peak ${peak}`);
    const kept = narrow.slice();
    narrow.fill(0); // the caller's own copy
    assert.deepEqual(await speak("One two three."), kept);
  },
);

testWith(["sox", "python3"], "toMulaw() agrees with Python's audioop to one step", async () => {
  const samples = Int16Array.from({ length: 8192 }, (_, index) => (index - 4096) * 8);
  const encoded = await toMulaw(samples);
  const script = "import sys,audioop; sys.stdout.buffer.write(" +
    "audioop.ulaw2lin(sys.stdin.buffer.read(), 2))";
  const decoded = new Int16Array(
    (await run("python3", ["-W", "ignore", "-c", script], encoded)).buffer,
  );
  assert.equal(decoded.length, samples.length);
  for (let i = 0; i < samples.length; i++) {
    // A segment's step is 1/16 of its start: half of it is at most 1/32, plus the bias of 132.
    const tolerance = (Math.abs(samples[i]) + 132) / 32 + 4;
    const wanted = Math.max(-32124, Math.min(32124, samples[i]));
    assert.ok(Math.abs(decoded[i] - wanted) <= tolerance, `${samples[i]} became ${decoded[i]}`);
  }
});
