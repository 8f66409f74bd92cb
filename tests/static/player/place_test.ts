import assert from "node:assert/strict";
import { Place } from "../../../static/player/place.js";

const status = (seconds: number, playing = true, speed = 1) => ({
  playing,
  position: seconds * 8000,
  sampleRate: 8000,
  speed,
});

Deno.test("Place goes on between reports, at the speed of the sound, and not for long", () => {
  const place = new Place();
  place.note(status(10, true, 2), 1000);
  assert.equal(place.at(1050), 10.1);
  assert.equal(place.at(9000), 10.4);
  place.note(status(11, false), 9000);
  assert.equal(place.at(9100), 11);
});

Deno.test("Place is nowhere until the sound has told, or somebody goes somewhere", () => {
  const place = new Place();
  place.note(status(0), 0);
  assert.equal(place.at(10), undefined);
  place.jump(7, 10);
  place.note(status(0), 20);
  assert.equal(place.at(30), 7);
  assert.equal(place.at(9000), undefined);
});

Deno.test("Place stays where it was when the sound has lost its place", () => {
  const place = new Place();
  place.note(status(10), 0);
  place.note(status(0), 50);
  assert.equal(place.at(100), 10);
});

Deno.test("Place is at once where somebody goes, until the sound is there or does not come", () => {
  const place = new Place();
  place.note(status(10), 0);
  place.jump(3, 10);
  place.note(status(10.05), 50);
  assert.equal(place.at(60), 3);
  place.note(status(3.1), 100);
  assert.equal(place.at(100), 3.1);
  place.jump(50, 200);
  assert.equal(place.at(300), 50);
  place.note(status(4), 700);
  assert.equal(place.at(700), 4);
});
