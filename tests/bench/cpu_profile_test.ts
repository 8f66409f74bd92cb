import assert from "node:assert/strict";
import { type CpuProfile, sumProfile } from "../../bench/cpu_profile.ts";

const ROOT = "file:///srv/earshot/";

/** Samples of functions, each with the time until the next, us. */
function aProfile(samples: [functionName: string, url: string, us: number][]): CpuProfile {
  return {
    startTime: 1000,
    nodes: samples.map(([functionName, url], index) => ({
      id: index + 1,
      callFrame: { functionName, url, lineNumber: 6 },
    })),
    samples: [...samples.map((_, index) => index + 1), 1],
    timeDeltas: [0, ...samples.map(([, , us]) => us)],
  };
}

Deno.test("sumProfile() tells functions and parts as shares of the time that is not idle", () => {
  const profile = aProfile([
    ["push", `${ROOT}mixer/track.ts`, 400],
    ["(idle)", "", 1000],
    ["parse", `${ROOT}ingest/twilio.ts`, 200],
    ["push", `${ROOT}mixer/track.ts`, 100],
    ["", "ext:deno_web/02_event.js", 100],
    ["op_write", "", 100],
    ["z", "file:///home/me/.cache/npm/zod/index.js", 100],
  ]);
  const { functions, parts } = sumProfile(profile, ROOT, { from: 0, to: 9999, idle: 0.5 });
  assert.deepEqual(functions.slice(0, 3), [
    { name: "push", where: "mixer/track.ts:7", share: 0.5 },
    { name: "parse", where: "ingest/twilio.ts:7", share: 0.2 },
    { name: "(anonymous)", where: "ext:deno_web/02_event.js:7", share: 0.1 },
  ]);
  assert.deepEqual(functions.map(({ where }) => where)[4], "…/index.js:7");
  assert.deepEqual(parts.map(({ name, share }) => [name, share]), [
    ["mixer/", 0.5],
    ["routes/ and ingest/", 0.2],
    ["Deno's own JavaScript (ext:, node:)", 0.1],
    ["Deno's operations, in Rust", 0.1],
    ["packages", 0.1],
    ["Deno's event loop, in Rust, and the kernel", 0],
  ]);
});

Deno.test("sumProfile() counts as event loop what V8 takes for idle and the kernel does not", () => {
  const profile = aProfile([["push", `${ROOT}mixer/track.ts`, 400], ["(idle)", "", 600]]);
  const { parts } = sumProfile(profile, ROOT, { from: 0, to: 9999, idle: 0.2 });
  assert.deepEqual(parts, [
    { name: "mixer/", share: 0.5 },
    { name: "Deno's event loop, in Rust, and the kernel", share: 0.5 },
  ]);
});

Deno.test("sumProfile() looks at its span alone, and throws when there is nothing in it", () => {
  const profile = aProfile([
    ["begin", `${ROOT}server.ts`, 400],
    ["push", `${ROOT}mixer/track.ts`, 100],
    ["end", `${ROOT}server.ts`, 400],
  ]);
  const { functions } = sumProfile(profile, ROOT, { from: 1400, to: 1500, idle: 0 });
  assert.deepEqual(functions[0], { name: "push", where: "mixer/track.ts:7", share: 1 });
  assert.throws(() => sumProfile(profile, ROOT, { from: 1, to: 2, idle: 0 }), RangeError);
});
