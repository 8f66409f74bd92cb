import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { run, testWith } from "../support/programs.ts";
import { assertSame } from "../support/same.ts";
import { seededRandom } from "../support/random.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, channelOf, noise, readWav } from "./sounds.ts";

const RATE = 8000;

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`pcm audio is recorded to the bit wherever its bytes are cut (seed ${seed})`, async () => {
    await using server = await TestServer.start({ clock: new ManualClock() });
    const random = seededRandom(seed);
    const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
    const [said, spoken] = [noise(2 * RATE, seed), noise(2 * RATE, 100 + seed)];
    const voice = bytesOf(said);
    const speech = bytesOf(spoken);
    // The bot's all at once, as a speech service streams it; the user's as it is said.
    for (let at = 0; at < speech.length;) {
      const end = Math.min(speech.length, at + 1 + Math.floor(random() * 4096));
      agent.bot(speech.slice(at, end));
      at = end;
    }
    await server.received("CA1", "bot", spoken.length);
    for (let ms = 0, at = 0; ms < 2000; ms += 50) {
      await server.advance(50);
      // 50 ms, give or take a byte: what is cut off follows.
      const end = ms === 1950 ? voice.length : 16 * (ms + 50) - Math.floor(random() * 2);
      agent.user(voice.slice(at, end));
      at = end;
      await server.received("CA1", "user", Math.floor(at / 2));
    }
    await server.advance(500);
    agent.end();
    await agent.closed;
    const answer = await fetch(`${server.origin}/calls/CA1/recording?channels=2`, {
      headers: { "x-api-key": KEY },
    });
    const { samples } = readWav(await answer.bytes());
    for (const [channel, sent] of [[0, said], [1, spoken]] as const) {
      const kept = channelOf(samples, channel);
      const begin = kept.findIndex((sample) => sample !== 0);
      const first = sent.findIndex((sample) => sample !== 0);
      // The first sound may fade in; where it is, it is whole.
      const from = begin - first + 100;
      assertSame(kept.subarray(from, from + sent.length - 100), sent.subarray(100), `${channel}`);
    }
    const { body } = await server.api("/calls/CA1");
    assert.equal(body.state, "ended");
  });
}

testWith(
  ["sox"],
  "a WAV header in the bot's audio is told once, with what it says, and never played",
  async () => {
    await using server = await TestServer.start({ clock: new ManualClock() });
    const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
    const spoken = noise(RATE, 9, 500);
    const raw = ["-t", "raw", "-r", "24000", "-e", "signed", "-b", "16", "-c", "1", "-"];
    const wav = await run("sox", ["-D", ...raw, "-t", "wav", "-"], bytesOf(spoken));
    for (let round = 0; round < 2; round++) agent.bot(wav);
    await server.received("CA1", "bot", 2 * RATE);
    await server.advance(2500);
    const { health } = await server.until("CA1", (call) => call.health!.warnings.length > 0);
    assert.deepEqual(health!.warnings.map(({ code, track }) => [code, track]), [[
      "wav_header",
      "bot",
    ]]);
    const told = server.log.filter((line) => line.includes("wav_header"));
    assert.equal(told.length, 1, told.join("\n"));
    assert.match(told[0], /header of a WAV file.*it says 24000 Hz and 1 channels, but 8000 Hz/);
    agent.end();
    await agent.closed;
    const answer = await fetch(`${server.origin}/calls/CA1/recording?track=bot`, {
      headers: { "x-api-key": KEY },
    });
    const { samples } = readWav(await answer.bytes());
    assert.ok(samples.every((sample) => Math.abs(sample) <= 500), "no click");
  },
);
