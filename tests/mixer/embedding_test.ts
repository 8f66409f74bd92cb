import assert from "node:assert/strict";
import { ManualClock, type MixedFrame, Pipeline } from "../../mixer/mod.ts";
import { constant, ramp } from "./support/track_rig.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A program of somebody else's: two streams in, two sinks out. */
const PROGRAM = `
import { ManualClock, Pipeline } from "earshot/mixer";

const clock = new ManualClock();
const pipeline = new Pipeline({ sampleRate: 16000, botAudio: "speech", clock });
const heard: number[] = [];
const kept: number[] = [];
const running = pipeline.run(({ mix }) => heard.push(...mix), ({ mix }) => kept.push(...mix));
const sound = (value: number) => ReadableStream.from([new Int16Array(8000).fill(value)]);
const piped = [
  sound(1000).pipeTo(pipeline.user.writable),
  sound(200).pipeTo(pipeline.bot.writable),
];
await clock.advance(2000);
await Promise.all([...piped, running]);
const count = (value: number) => heard.filter((sample) => sample === value).length;
console.log(JSON.stringify({ both: count(1200), same: String(heard) === String(kept) }));
`;

Deno.test("earshot/mixer is imported by name in an empty folder, and mixes two streams into two sinks", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedding-" });
  const version = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).version;
  const imports = { "earshot/mixer": `jsr:@earshot/earshot@${version}/mixer` };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ links: [ROOT], imports }));
  await Deno.writeTextFile(`${folder}/main.ts`, PROGRAM);
  // Checked, and without any permission.
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--no-prompt", "main.ts"],
    cwd: folder,
  }).output();
  await Deno.remove(folder, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
  const { both, same } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(same, true, "both sinks get the same frames");
  assert.ok(both > 7800 && both <= 8000, `${both} samples are the sum of both sides`);
});

Deno.test("Pipeline ends when both sides are closed, behind what was written and not before its time", async () => {
  const clock = new ManualClock();
  const pipeline = new Pipeline({ clock, botAudio: "speech" });
  const frames: MixedFrame[] = [];
  let isDone = false;
  const reading = (async () => {
    for await (const frame of pipeline.readable) frames.push({ ...frame, bot: frame.bot.slice() });
    isDone = true;
  })();
  const bot = pipeline.bot.writable.getWriter();
  await bot.write(ramp(4100));
  await bot.close();
  await clock.advance(300);
  await pipeline.user.writable.close();
  await clock.advance(250);
  assert.equal(isDone, false, "512 ms were written, of which 450 are due");
  await clock.advance(150);
  await reading;
  const spoken = Int16Array.from(frames.flatMap(({ bot }) => [...bot]));
  assert.equal(spoken.length % 400, 0);
  const from = spoken.indexOf(1);
  assert.deepEqual(spoken.slice(from, from + 4100), ramp(4100));
  assert.equal(clock.pendingTimers, 0, "its ticker sleeps");
});

Deno.test("Pipeline.end() wins over an end that is still to come", async () => {
  const clock = new ManualClock();
  const pipeline = new Pipeline({ clock, botAudio: "speech" });
  const sinks = [0, 0];
  const running = pipeline.run(() => sinks[0]++, () => sinks[1]++);
  const bot = pipeline.bot.writable.getWriter();
  await bot.write(constant(8000, 7));
  await Promise.all([bot.close(), pipeline.user.writable.close()]);
  await clock.advance(200);
  assert.equal(pipeline.end(), 1600);
  await running;
  assert.deepEqual(sinks, [4, 4]);
});

Deno.test("Pipeline.end() stays the end when the sides are closed after it", async () => {
  const clock = new ManualClock();
  const pipeline = new Pipeline({ clock, botAudio: "speech" });
  const bot = pipeline.bot.writable.getWriter();
  await bot.write(constant(8000, 7));
  await clock.advance(200);
  assert.equal(pipeline.end(), 1600);
  await bot.write(constant(8000, 7));
  await Promise.all([bot.close(), pipeline.user.writable.close()]);
  assert.equal(pipeline.end(), 1600);
  let frames = 0;
  await pipeline.run(() => frames++);
  assert.equal(frames, 4);
});
