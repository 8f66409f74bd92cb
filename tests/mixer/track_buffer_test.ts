import assert from "node:assert/strict";
import { Timeline } from "../../mixer/timeline.ts";
import { REPAIR_MS, TrackBuffer } from "../../mixer/track_buffer.ts";
import { constant, stretches } from "./support/track_rig.ts";

function create(aheadMs = 1000): TrackBuffer {
  return new TrackBuffer(new Timeline(8000, 0), aheadMs);
}

function lane(buffer: TrackBuffer, from: number, to: number): string {
  const output = new Int16Array(to - from);
  buffer.ring.read(from, output);
  return stretches(output);
}

Deno.test("TrackBuffer.write() counts what is repaired, repeated, lost and redacted", () => {
  const buffer = create();
  buffer.write(0, constant(800, 1));
  buffer.mixed(1600);
  buffer.write(600, constant(400, 2));
  assert.equal(buffer.stats.repeated, 200);
  assert.equal(buffer.stats.repaired, 200);
  buffer.write(1500, constant(200, 3));
  assert.equal(buffer.stats.repaired, 300);
  assert.equal(lane(buffer, 0, 1800), "1x800 2x200 0x500 3x200 0x100");
  buffer.mixed(100_000);
  buffer.write(buffer.ring.base - 60, constant(100, 4));
  assert.equal(buffer.stats.lost, 60);
});

Deno.test("TrackBuffer.write() keeps nothing for a time at which the call was paused", () => {
  const buffer = create();
  buffer.mutes.begin(100);
  buffer.mutes.end(200);
  buffer.mutes.begin(300);
  buffer.mutes.end(350);
  buffer.write(0, constant(400, 7));
  assert.equal(buffer.stats.redacted, 150);
  assert.equal(buffer.next, 400);
  assert.equal(lane(buffer, 0, 400), "7x100 0x100 7x100 0x50 7x50");
});

Deno.test("TrackBuffer.write() during a pause keeps nothing, and time goes on", () => {
  const buffer = create();
  buffer.mutes.begin(100);
  buffer.write(0, constant(50, 7));
  buffer.write(500, constant(50, 7));
  assert.equal(buffer.next, 550);
  assert.equal(buffer.stats.redacted, 100);
  assert.equal(buffer.ring.runs.count, 0);
});

Deno.test("TrackBuffer.moveLastRunBack() stops at what is there, at the floor, and at what is mixed", () => {
  const cases = [
    { distance: 50, floor: 0, mixedTo: 0, moved: 50 },
    { distance: 500, floor: 0, mixedTo: 0, moved: 300, why: "there is sound up to 500" },
    { distance: 500, floor: 700, mixedTo: 0, moved: 100, why: "the floor" },
    { distance: 50, floor: 0, mixedTo: 801, moved: 0, why: "it has been heard" },
    { distance: 50, floor: 0, mixedTo: 801, force: true, moved: 50 },
    { distance: 50, floor: 900, mixedTo: 0, moved: 0, why: "the floor is behind it" },
  ];
  for (const { distance, floor, mixedTo, force, moved, why } of cases) {
    const buffer = create();
    buffer.write(400, constant(100, 1));
    buffer.write(800, constant(100, 2));
    buffer.mixed(mixedTo);
    assert.equal(buffer.moveLastRunBack(distance, floor, force), moved, why);
    assert.equal(buffer.next, 900 - moved);
    const gap = 300 - moved;
    const expected = `1x100 ${gap > 0 ? `0x${gap} ` : ""}2x100${moved > 0 ? ` 0x${moved}` : ""}`;
    assert.equal(lane(buffer, 400, 900), expected);
  }
});

Deno.test("TrackBuffer.moveLastRunBack() moves nothing during a pause, or with silence behind it", () => {
  const buffer = create();
  buffer.write(800, constant(100, 1));
  buffer.next = 1000;
  assert.equal(buffer.moveLastRunBack(50, 0), 0);
  buffer.next = 900;
  buffer.mutes.begin(950);
  assert.equal(buffer.moveLastRunBack(50, 0), 0);
  assert.equal(create().moveLastRunBack(50, 0), 0, "there is none");
});

Deno.test("TrackBuffer.mixed() keeps 5.4 s, and of the pauses no more than these", () => {
  const buffer = create();
  for (let position = 0; position < 800_000; position += 400) {
    buffer.write(position, constant(400, 1));
    buffer.mutes.begin(position + 100);
    buffer.mutes.end(position + 110);
    buffer.mixed(position);
  }
  assert.equal(buffer.ring.base, 799_600 - (REPAIR_MS + 400) * 8);
  assert.equal(buffer.mutes.count, 109, "one for each frame");
  assert.equal(buffer.ring.capacity, 48_000, "6 s are enough for a healthy call");
});

Deno.test("TrackBuffer.write() refuses what is 30 s further ahead than it may be", () => {
  const buffer = create(1000);
  buffer.write(31_000 * 8 - 100, constant(100, 1));
  assert.equal(buffer.stats.refused, 0);
  buffer.write(31_000 * 8, constant(1, 1));
  assert.equal(buffer.stats.refused, 1);
  assert.equal(buffer.next, 31_000 * 8);
  buffer.mixed(400);
  buffer.write(31_000 * 8, constant(1, 1));
  assert.equal(buffer.stats.refused, 1);
});
