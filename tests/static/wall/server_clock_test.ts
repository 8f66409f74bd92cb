import assert from "node:assert/strict";
import { ServerClock } from "../../../static/wall/server_clock.js";

const SERVER = Date.UTC(2031, 4, 6);

Deno.test("ServerClock tells durations by the server's time, whatever the browser's is", () => {
  let now = 5000;
  const clock = new ServerClock(() => now);
  clock.observe(SERVER);
  now += 90_000;
  assert.equal(clock.now(), SERVER + 90_000);
  assert.equal(clock.secondsSince(SERVER + 30_000), 60);
});

Deno.test("ServerClock believes the latest of what it saw", () => {
  let now = 0;
  const clock = new ServerClock(() => now);
  clock.observe(SERVER);
  now += 100;
  clock.observe(SERVER + 1050);
  now += 100;
  clock.observe(SERVER - 60_000); // An old event.
  clock.observe(NaN);
  assert.equal(clock.now(), SERVER + 1150);
});

Deno.test("ServerClock never counts below zero, and starts anew when told to", () => {
  const clock = new ServerClock(() => 0);
  assert.equal(clock.secondsSince(SERVER), 0);
  clock.observe(SERVER);
  assert.equal(clock.secondsSince(SERVER + 5000), 0);
  clock.check(SERVER - 2000);
  assert.equal(clock.now(), SERVER, "no more than a slow answer");
  clock.check(SERVER - 3600_000);
  assert.equal(clock.now(), SERVER - 3600_000);
});
