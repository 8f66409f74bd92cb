import assert from "node:assert/strict";
import type { CallRate } from "../../mixer/timeline.ts";
import { run, testWith } from "../support/programs.ts";
import { speak } from "../support/speech.ts";
import { Simulation } from "./support/simulation.ts";
import { noise } from "./tones.ts";

/** What the two sides say, full scale included. */
async function voices(sampleRate: CallRate): Promise<{ user: Int16Array; bot: Int16Array }> {
  const options = { sampleRate };
  const user = await speak("I would like to speak with a human being, at once, please.", options);
  const bot = await speak("Of course, I understand. Let me see what I can do for you.", options);
  const length = 12 * sampleRate;
  const lanes = { user: new Int16Array(length), bot: new Int16Array(length) };
  lanes.user.set(user.subarray(0, 4 * sampleRate));
  lanes.bot.set(bot.subarray(0, 4 * sampleRate), sampleRate / 10);
  // Both at full scale for two seconds each, then every pair of extremes, then one side alone.
  lanes.user.set(noise(2 * sampleRate, 31), 5 * sampleRate);
  lanes.bot.set(noise(2 * sampleRate, 32), 5 * sampleRate);
  const extremes = [-32768, -32767, -16384, -1, 0, 1, 16383, 16384, 32766, 32767];
  extremes.forEach((u, i) =>
    extremes.forEach((b, j) => {
      lanes.user[8 * sampleRate + 10 * i + j] = u;
      lanes.bot[8 * sampleRate + 10 * i + j] = b;
    })
  );
  lanes.user.set(noise(sampleRate, 33), 9 * sampleRate);
  lanes.bot.set(noise(sampleRate, 34), 10 * sampleRate);
  return lanes;
}

/** A call in which both sides say that, in chunks of 20 ms in time. */
async function call(sampleRate: CallRate): Promise<Simulation> {
  const lanes = await voices(sampleRate);
  const simulation = new Simulation({ durationMs: 12_000, sampleRate });
  const chunk = sampleRate / 50;
  for (let at = 0; at < lanes.user.length; at += chunk) {
    const ms = (at / sampleRate) * 1000;
    simulation.at(ms + 20, () => simulation.user.push(lanes.user.subarray(at, at + chunk)));
    simulation.at(ms, () => simulation.bot.push(lanes.bot.subarray(at, at + chunk)));
  }
  await simulation.run();
  for (const side of ["user", "bot"] as const) {
    assert.deepEqual(
      simulation.live[side].subarray(0, lanes[side].length - chunk), //
      lanes[side].subarray(0, lanes[side].length - chunk),
    );
  }
  return simulation;
}

const bytesOf = (samples: Int16Array) => new Uint8Array(samples.slice().buffer);

for (const sampleRate of [8000, 16000] as CallRate[]) {
  testWith(
    ["espeak-ng", "sox", "ffmpeg"],
    `Scenario 13: the mix differs in 0 samples from those of sox and ffmpeg, at ${sampleRate} Hz`,
    async () => {
      const { live, liveLength } = await call(sampleRate);
      const mix = live.mix.subarray(0, liveLength);
      const folder = await Deno.makeTempDir({ prefix: "earshot-mix-" });
      try {
        const wav = { user: `${folder}/u.wav`, bot: `${folder}/b.wav` };
        for (const side of ["user", "bot"] as const) {
          const raw = `-t raw -e signed -b 16 -c 1 -r ${sampleRate} -`.split(" ");
          await run("sox", [...raw, wav[side]], bytesOf(live[side].subarray(0, liveLength)));
        }
        const reference = `${folder}/ref.s16`;
        const sox = `-D -m -v 1 ${wav.user} -v 1 ${wav.bot} -t raw -e signed -b 16 ${reference}`;
        await run("sox", sox.split(" "));
        assertSame(mix, await Deno.readFile(reference), "sox");
        const filter = "amix=inputs=2:normalize=0:dropout_transition=0";
        const inputs = ["-v", "error", "-y", "-i", wav.user, "-i", wav.bot];
        await run("ffmpeg", [...inputs, "-filter_complex", filter, "-f", "s16le", reference]);
        assertSame(mix, await Deno.readFile(reference), "ffmpeg");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
      assert.ok(mix.includes(32767) && mix.includes(-32768), "full scale was reached");
    },
  );
}

function assertSame(mix: Int16Array, reference: Uint8Array, program: string): void {
  const bytes = bytesOf(mix);
  assert.equal(reference.length, bytes.length, program);
  let different = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== reference[at]) different++;
  assert.equal(different, 0, `${different} bytes differ from ${program}`);
}

testWith(
  ["espeak-ng", "sox"],
  "Scenario 23: left and right, summed, are the mono stream",
  async () => {
    const { live, recorded, liveLength } = await call(8000);
    for (const { user, bot } of [live, recorded]) {
      for (let at = 0; at < liveLength; at++) {
        const sum = Math.max(-32768, Math.min(32767, user[at] + bot[at]));
        if (sum !== live.mix[at]) assert.fail(`${user[at]} + ${bot[at]} is not ${live.mix[at]}`);
      }
    }
  },
);
