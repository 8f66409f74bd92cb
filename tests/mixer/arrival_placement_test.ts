import assert from "node:assert/strict";
import { constant, ramp, stretches, TrackRig } from "./support/track_rig.ts";

/** Sends 20 ms chunks whose arrival is given in ms, each of its own value from 101 on. */
function send(rig: TrackRig, arrivalsMs: number[], chunkMs = 20): void {
  arrivalsMs.forEach((ms, index) => {
    rig.to(ms);
    rig.track.push(constant(rig.timeline.samples(chunkMs), 101 + index));
  });
}

for (const sampleRate of [8000, 16000] as const) {
  const per = sampleRate / 1000;

  Deno.test(`Live audio that begins with the call begins at position 0, at ${sampleRate} Hz`, () => {
    for (const firstMs of [0, 20, 77, 120]) {
      const rig = new TrackRig("live", { sampleRate });
      send(rig, [firstMs, firstMs + 20]);
      rig.to(200);
      assert.equal(stretches(rig.read(50)), `101x${20 * per} 102x${20 * per} 0x${10 * per}`);
    }
  });

  Deno.test(`Live audio that begins later begins when it was captured, at ${sampleRate} Hz`, () => {
    const rig = new TrackRig("live", { sampleRate });
    send(rig, [1000, 1020]);
    rig.to(1200);
    assert.equal(
      stretches(rig.read(1050)),
      `0x${980 * per} 101x${20 * per} 102x${20 * per} 0x${30 * per}`,
    );
  });

  Deno.test(`Live audio up to 100 ms late is contiguous, at ${sampleRate} Hz`, () => {
    const rig = new TrackRig("live", { sampleRate });
    send(rig, [20, 140, 141, 142]);
    rig.to(300);
    const lane = stretches(rig.read(100));
    assert.equal(
      lane,
      [101, 102, 103, 104].map((v) => `${v}x${20 * per}`).join(" ") +
        ` 0x${20 * per}`,
    );
  });
}

Deno.test("ArrivalPlacement takes a short block after a break for a true gap", () => {
  const rig = new TrackRig("live");
  send(rig, [20, 40, 540, 560, 580]);
  assert.equal(rig.track.stats.gaps, 1);
  rig.to(800);
  assert.equal(stretches(rig.read(600)), "101x160 102x160 0x3840 103x160 104x160 105x160 0x160");
});

Deno.test("ArrivalPlacement takes a block as long as the break for a network stall", () => {
  const rig = new TrackRig("live");
  send(rig, [20, 40, 540, 541, ...Array(23).fill(542), 560]);
  assert.equal(rig.track.stats.gaps, 0);
  rig.to(800);
  const lane = rig.read(600);
  for (let chunk = 0; chunk < 28; chunk++) {
    assert.ok(lane.subarray(chunk * 160, chunk * 160 + 160).every((s) => s === 101 + chunk));
  }
});

Deno.test("ArrivalPlacement decides about a lone chunk after 30 ms, when the mixer reads", () => {
  const rig = new TrackRig("live");
  send(rig, [20, 40, 540]);
  rig.to(569);
  rig.read(50);
  assert.equal(rig.track.end, 320, "not yet decided");
  rig.to(570);
  rig.read(100);
  assert.equal(rig.track.end, 540 * 8);
  rig.to(800);
  assert.equal(stretches(rig.read(550)).replace(/^0x\d+ /, ""), "103x160 0x80");
});

Deno.test("ArrivalPlacement moves audio back that was placed too late, while nobody has heard it", () => {
  const rig = new TrackRig("live");
  // The first chunk after the gap was held up by 35 ms, the ones behind it were not.
  send(rig, [20, 1055, 1056, 1060, 1080, 1100]);
  rig.to(1300);
  assert.equal(
    stretches(rig.read(1100)),
    [
      "101x160",
      `0x${1000 * 8 - 160}`,
      "102x160 103x160 104x160 105x160 106x160",
    ].join(" "),
  );
});

Deno.test("ArrivalPlacement moves audio that was heard only when it is 60 ms off", () => {
  for (const [earlyMs, moved] of [[59, 0], [60, 480]] as const) {
    const rig = new TrackRig("live");
    send(rig, [20, 1100, 1120, 1140]);
    rig.to(1140);
    rig.read(1100);
    const { end } = rig.track;
    rig.to(1160 - earlyMs);
    rig.track.push(constant(160, 200));
    assert.equal(rig.track.end, end + 160 - moved);
  }
});

Deno.test("ArrivalPlacement answers how late a chunk was, after a stall too, and nothing after a gap", () => {
  const rig = new TrackRig("live");
  const late = (ms: number, length = 160) => {
    rig.to(ms);
    return rig.track.push(ramp(length));
  };
  // 320 ms at once: what follows in time is not late, though it goes 300 ms into the future.
  assert.equal(late(20, 2560), 0);
  assert.equal(late(40), 0);
  assert.deepEqual([late(3000), late(3020), late(3040)], [undefined, undefined, undefined]);
  assert.equal(late(3060), 0, "after a gap everything is where it belongs");
  assert.equal(late(3090), 80);
  assert.equal(late(3100), 0);
  // From 3100 to 3400 nothing comes, then all of it in two bursts that are not whole.
  assert.deepEqual([late(3400), late(3401)], [undefined, undefined]);
  for (let n = 0; n < 6; n++) late(3402);
  assert.equal(late(3431), 331 * 8 - 160, "the first of them");
});

Deno.test("ArrivalPlacement follows the sender's clock again after a gap, however early it had been", () => {
  const rig = new TrackRig("live");
  rig.to(20);
  rig.track.push(constant(2560, 9000));
  for (let ms = 3000; ms < 20_000; ms += 20) {
    // Half a second after the gap the way becomes 20 ms longer.
    rig.to(ms + (ms > 3500 ? 20 : 0));
    rig.track.push(constant(160, ms % 1000 === 0 ? 1 : 9000));
    rig.read(ms - 100);
  }
  assert.equal(rig.track.stats.gaps, 1);
  assert.equal(rig.track.stats.inserted, 160);
});
