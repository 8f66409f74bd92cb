import assert from "node:assert/strict";
import { ManualClock } from "../../../mixer/clock.ts";
import { Handover, type VoiceState } from "../../../static/wall/handover.js";

interface Call {
  id: string;
}

/** A handover whose voices only note what they are told. */
function open() {
  const clock = new ManualClock();
  const log: string[] = [];
  const tell: Record<string, (state: VoiceState, detail?: string) => void> = {};
  let view = { heard: "", coming: "", refused: "", state: "", detail: "" };
  const handover = new Handover<Call>(
    ({ id }, onState) => {
      tell[id] = onState;
      return {
        start: () => log.push(`${id} start`),
        setGain: (gain) => log.push(`${id} ${gain}`),
        stop: () => log.push(`${id} stop`),
      };
    },
    ({ heard, coming, refused, state, detail }) => {
      const [id, next, no] = [heard, coming, refused].map((call) => call?.id ?? "");
      view = { heard: id, coming: next, refused: no, state, detail };
    },
    { setTimeout: (callback, ms) => clock.setTimeout(callback, ms) },
  );
  const taken = () => log.splice(0);
  return { clock, handover, tell, taken, view: () => view };
}

Deno.test("Handover lets the new call come up when it plays, and then the old one go", async () => {
  const { clock, handover, tell, taken, view } = open();
  handover.volume = 0.5;
  handover.play({ id: "a" });
  assert.deepEqual(taken(), ["a 0", "a start"]);
  assert.equal(view().coming, "a");
  tell.a("playing");
  assert.deepEqual(taken(), ["a 0.5"]);
  handover.play({ id: "b" });
  tell.b("open");
  assert.deepEqual(taken(), ["b 0", "b start"], "a is heard on");
  assert.deepEqual([view().heard, view().coming, view().state], ["a", "b", "playing"]);
  tell.b("playing");
  assert.deepEqual(taken(), ["b 0.5"]);
  assert.deepEqual([view().heard, view().coming], ["b", ""]);
  await clock.advance(119);
  assert.deepEqual(taken(), []);
  await clock.advance(1);
  assert.deepEqual(taken(), ["a 0"]);
  await clock.advance(120);
  assert.deepEqual(taken(), ["a stop"]);
});

Deno.test("Handover lets a silent call take over, but not one whose line is lost again", async () => {
  const { clock, handover, tell, view } = open();
  handover.play({ id: "a" });
  tell.a("open");
  await clock.advance(1000);
  tell.a("reconnecting");
  await clock.advance(500);
  assert.equal(view().heard, "");
  tell.a("silent");
  await clock.advance(1500);
  assert.deepEqual([view().heard, view().state], ["a", "silent"]);
});

Deno.test("Handover goes on with what is heard when the other cannot be", () => {
  const { handover, tell, taken, view } = open();
  handover.play({ id: "a" });
  tell.a("playing");
  handover.play({ id: "b" });
  taken();
  tell.b("failed", "Too many listeners");
  assert.deepEqual(taken(), ["b stop"]);
  assert.deepEqual(view(), {
    heard: "a",
    coming: "",
    refused: "b",
    state: "failed",
    detail: "Too many listeners",
  });
  tell.b("playing");
  assert.equal(view().heard, "a", "who was given up is not listened to");
  handover.play({ id: "c" });
  assert.equal(view().refused, "");
});

Deno.test("Handover plays the last of many clicks, and stops all of it", () => {
  const { handover, tell, taken, view } = open();
  for (const id of ["a", "b", "c", "c"]) handover.play({ id });
  assert.deepEqual(taken(), [
    "a 0",
    "a start",
    "a stop",
    "b 0",
    "b start",
    "b stop",
    "c 0",
    "c start",
  ]);
  tell.a("playing");
  tell.c("playing");
  assert.equal(view().heard, "c");
  handover.stop();
  assert.deepEqual(taken(), ["c 1", "c stop"]);
  assert.deepEqual([view().heard, view().coming], ["", ""]);
});

Deno.test("Handover closes a call that has ended", () => {
  const { handover, tell, taken, view } = open();
  handover.play({ id: "a" });
  tell.a("playing");
  taken();
  tell.a("ended");
  assert.deepEqual(taken(), ["a stop"]);
  assert.equal(view().state, "ended");
});
