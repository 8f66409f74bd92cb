import assert from "node:assert/strict";
import { Metrics } from "../metrics.ts";
import { Call } from "../calls/call.ts";
import { anEnvironment, someDetails } from "./calls/support.ts";

const call = new Call(someDetails(), anEnvironment().environment, () => {});

Deno.test("Metrics counts calls and warnings, by code and not by call", async () => {
  const metrics = new Metrics();
  for (let i = 0; i < 3; i++) metrics.observe({ type: "started", call });
  metrics.observe({ type: "ended", call });
  const warning = { code: "ingest_lost", message: "of CA1" };
  for (const active of [true, false, true]) {
    metrics.observe({ type: "warning", call, warning: { ...warning, active } });
  }
  for (let i = 0; i < 30; i++) metrics.observe({ type: "gap", call, samples: 400 });
  const text = await metrics.text();
  assert.match(text, /^earshot_calls_started_total 3$/m);
  assert.match(text, /^earshot_calls_ended_total 1$/m);
  assert.match(text, /^earshot_call_warnings_total\{code="ingest_lost"\} 2$/m);
  assert.match(text, /^earshot_recording_lost_seconds_total 1\.5\d*$/m);
  assert.ok(!text.includes("CA1"));
});

Deno.test("Metrics.observeLateness() takes milliseconds and tells seconds", async () => {
  const metrics = new Metrics();
  metrics.observeLateness(30);
  const text = await metrics.text();
  assert.match(text, /^earshot_tick_lateness_seconds_bucket\{le="0.02"\} 0$/m);
  assert.match(text, /^earshot_tick_lateness_seconds_bucket\{le="0.05"\} 1$/m);
  assert.match(text, /^earshot_tick_lateness_seconds_sum 0.03$/m);
});

Deno.test("Metrics of two servers in one process are their own", async () => {
  const [one, two] = [new Metrics(), new Metrics()];
  one.observe({ type: "started", call });
  assert.match(await two.text(), /^earshot_calls_started_total 0$/m);
});
