import assert from "node:assert/strict";
import { commandOf, KEY_TABLE } from "../../../static/player/keys.js";
import { laneStart, overviewSpan } from "../../../static/player/lane_window.js";

function press(key: string, focus?: Parameters<typeof commandOf>[1], held = {}) {
  const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  return commandOf({ key, ...none, ...held }, focus);
}

Deno.test("commandOf() knows every key that the page lists", () => {
  const names: Record<string, string> = {
    Space: " ",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "−": "-",
  };
  for (const [keys] of KEY_TABLE) {
    for (const name of keys.split(" ").filter((key) => key !== "or")) {
      const shiftKey = name.startsWith("Shift+") || name === "?";
      const key = name.replace("Shift+", "");
      assert.ok(press(names[key] ?? key, undefined, { shiftKey }), name);
    }
  }
});

Deno.test("docs/player.md lists every key", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/player.md", import.meta.url));
  for (const [keys] of KEY_TABLE) {
    const names = keys.split(" ").map((key) => key === "or" ? key : `\`${key}\``).join(" ");
    assert.ok(text.includes(`| ${names} `), names);
  }
});

Deno.test("commandOf() leaves the browser's keys and the focused control's alone", () => {
  assert.equal(press("l", undefined, { ctrlKey: true }), undefined);
  assert.equal(press("ArrowLeft", undefined, { altKey: true }), undefined);
  assert.equal(press(" ", "button"), undefined);
  assert.equal(press("ArrowLeft", "button"), "back");
  assert.equal(press("ArrowUp", "slider"), undefined);
  assert.equal(press("m", "slider"), "mute");
  assert.equal(press("ArrowDown", "list"), undefined);
  assert.equal(press("ArrowLeft", "list"), "back");
  assert.equal(press("m", "text"), undefined);
  assert.equal(press("q"), undefined);
});

Deno.test("commandOf() takes capitals of caps lock for what they are", () => {
  assert.equal(press("M"), "mute");
  assert.equal(press("U"), "muteUser");
  assert.equal(press("U", undefined, { shiftKey: true }), "soloUser");
});

Deno.test("laneStart() keeps the playhead in the middle, but near both ends", () => {
  const at = (position: number, isLive = false, end = 100) =>
    laneStart({ position, end, span: 20, isLive });
  assert.equal(at(0), 0);
  assert.equal(at(10), 0);
  assert.equal(at(50), 40);
  assert.equal(at(99), 80);
  assert.equal(at(99, true), 80.6, "live, there is room behind the edge");
  assert.equal(at(3, true, 3), 0);
  const still = (position: number) =>
    laneStart({ position, end: 100, span: 20, isLive: true, isStill: true });
  assert.deepEqual([0, 16.9, 17, 35].map(still), [0, 0, 17, 34]);
});

Deno.test("overviewSpan() grows in steps while the call runs, and fits it when it is over", () => {
  assert.deepEqual([0, 57, 60, 200, 7100, 7300].map((end) => overviewSpan(end, true)), [
    60,
    60,
    120,
    300,
    10800,
    10800,
  ]);
  assert.equal(overviewSpan(61.5, false), 61.5);
  assert.equal(overviewSpan(0, false), 1);
});
