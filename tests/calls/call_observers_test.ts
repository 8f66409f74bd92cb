import assert from "node:assert/strict";
import { Call, type CallObserver } from "../../calls/call.ts";
import { tellAll } from "../../calls/call_observers.ts";
import { anEnvironment, anOwner, someDetails } from "./support.ts";

Deno.test("tellAll() tells the others, and lets the call go on, when an observer throws", async () => {
  const errors: string[] = [];
  const told: string[] = [];
  const fail: CallObserver = () => {
    throw new Error("full disk");
  };
  const observer = tellAll(
    [fail, ({ type }) => told.push(type)],
    (error) => errors.push(String(error)),
  );
  const { environment } = anEnvironment({ observer });
  const call = new Call(someDetails(), environment, () => {});
  call.start(anOwner());
  call.clear();
  await call.end("ended");
  assert.deepEqual(told, ["started", "noted", "ended"]);
  assert.deepEqual(errors, Array(3).fill("Error: full disk"));
});
