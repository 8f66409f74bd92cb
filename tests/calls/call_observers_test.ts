import assert from "node:assert/strict";
import { Call } from "../../calls/call.ts";
import { CallObservers } from "../../calls/call_observers.ts";
import { anEnvironment, anOwner, someDetails } from "./support.ts";

Deno.test("CallObservers tell the others, and let the call go on, when one throws", async () => {
  const errors: string[] = [];
  const told: string[] = [];
  const fail = () => {
    throw new Error("full disk");
  };
  const observer = new CallObservers(
    [{ onStart: fail, onEvent: fail, onEnd: fail }, {
      onStart: () => told.push("start"),
      onEvent: (_call, { type }) => told.push(type),
      onEnd: () => told.push("end"),
    }],
    (error) => errors.push(String(error)),
  );
  const { environment } = anEnvironment({ observer });
  const call = new Call(someDetails(), environment, () => {});
  call.start(anOwner());
  call.clear();
  await call.end("ended");
  assert.deepEqual(told, ["start", "barge-in", "end"]);
  assert.deepEqual(errors, Array(3).fill("Error: full disk"));
});
