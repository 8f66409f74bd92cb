import type { Track } from "../../../mixer/track.ts";

const NOISE = Int16Array.from({ length: 80_000 }, (_, index) => 1 + (index * 7919) % 30_000);

/** What a sender that wishes us ill may send at one moment; `nowMs` is since the call began. */
export function attack(track: Track, nowMs: number, random: () => number): void {
  const pick = Math.floor(random() * 12);
  const length = Math.floor(10 ** (random() * 3.5));
  switch (pick) {
    case 0:
      // A burst of audio that is about as long as a breath of the clock.
      for (let n = 0; n < 20; n++) track.push(NOISE.subarray(0, length));
      return;
    case 1:
      for (let n = 0; n < 50; n++) track.push(NOISE.subarray(0, 1));
      return;
    case 2:
      track.push(NOISE, nowMs - 5000 * random());
      return;
    case 3:
      // Single samples backwards in time: a run each.
      for (let n = 0; n < 40; n++) track.push(NOISE.subarray(n, n + 1), nowMs - 100 - n / 2);
      return;
    case 4:
      track.push(NOISE.subarray(0, length), 1e15 * random());
      return;
    case 5:
      track.push(NOISE.subarray(0, length), -1e9 * random());
      return;
    case 6:
      track.push(new Int16Array(0));
      track.push(NOISE.subarray(0, length), nowMs + 400 * random(), Math.floor(1e9 * random()));
      return;
    case 7:
      for (let n = 0; n < 5; n++) {
        track.pause();
        track.push(NOISE.subarray(0, length));
        track.resume();
      }
      return;
    case 8:
      if (random() < 0.05) track.restart();
      return;
    case 9:
      track.clear(random() < 0.5 ? undefined : nowMs * 16 * random());
      return;
    case 10:
      track.push(NOISE.subarray(0, 160));
      return;
    default:
      track.push(NOISE.subarray(0, 160), nowMs);
  }
}
