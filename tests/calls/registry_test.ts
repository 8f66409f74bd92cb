import assert from "node:assert/strict";
import type { CallObserver } from "../../calls/call.ts";
import { CallRefusedError, CallRegistry, type RegistryOptions } from "../../calls/registry.ts";
import { MemoryStore } from "../../recordings/memory.ts";
import type { RecordingRef } from "../../recordings/store.ts";
import { anInfo, refOf, statesOf } from "../recordings/store_contract.ts";
import { anIndex } from "../archive/support.ts";
import { anEnvironment, anOwner } from "./support.ts";

const RECORDED = { recording: true };

function aRegistry(changes: Partial<RegistryOptions> = {}) {
  const { environment, clock, told } = anEnvironment();
  const registry = new CallRegistry({
    environment,
    mediaDefaults: { live: false, recording: false, maxDurationSeconds: 1800 },
    maxCalls: 3,
    maxCallsPerOrganisation: 2,
    index: anIndex().index,
    ...changes,
  });
  return { registry, clock, told, environment };
}

function refusal(code: string) {
  return (error: unknown) => error instanceof CallRefusedError && error.code === code;
}

Deno.test("CallRegistry.announce() counts announced and live calls against both limits", async () => {
  const { registry } = aRegistry();
  registry.announce({ id: "CA1", organisation: "acme" });
  registry.start({ id: "CA2", organisation: "acme" }, anOwner());
  assert.throws(() => registry.announce({ organisation: "acme" }), refusal("limit_reached"));
  registry.announce({ organisation: "globex" });
  assert.throws(
    () => registry.start({ organisation: "globex" }, anOwner()),
    refusal("limit_reached"),
  );
  // The call that was announced needs no further place.
  registry.start({ id: "CA1", organisation: "acme" }, anOwner());
  assert.equal(registry.size, 3);
  await registry.get("CA1")!.end("ended");
  registry.announce({ organisation: "acme" });
  await registry.close("closed");
  assert.equal(registry.size, 0);
});

Deno.test("CallRegistry never gives the id of a live call or a kept recording again", async () => {
  const { registry } = aRegistry();
  const start = () =>
    registry.start({ id: "CA1", organisation: "acme", media: RECORDED }, anOwner());
  const call = start();
  assert.throws(start, refusal("call_exists"));
  await call.end("ended");
  assert.throws(start, refusal("call_exists"));
  assert.equal(registry.archive.isKept("CA1"), true);
  assert.equal(await registry.archive.deleteRecording(refOf()), true);
  await start().end("ended");
});

Deno.test("CallRegistry.close() waits until every recording is complete", async () => {
  const store = new MemoryStore();
  const { registry } = aRegistry({
    environment: {
      ...anEnvironment().environment,
      store: {
        // A disk that takes its time.
        create: async (info) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return await store.create(info);
        },
        open: (id) => store.open(id),
        describe: (ref) => store.describe(ref),
        names: () => store.names(),
        delete: (id) => store.delete(id),
      },
    },
  });
  for (const organisation of ["acme", "acme", "globex"]) {
    registry.start({ organisation, media: RECORDED }, anOwner());
  }
  await registry.close("server_shutdown");
  assert.deepEqual(await statesOf(store), ["complete", "complete", "complete"]);
});

Deno.test("CallArchive.restore() takes up every recording, however few calls are remembered", async () => {
  const { index } = anIndex({ endedCallsKept: 1 });
  const { registry, environment } = aRegistry({ index });
  for (const callId of ["CA1", "CA2", "CA3"]) {
    const info = anInfo({ callId, startedAt: Number(callId[2]) });
    await (await environment.store.create(info)).finish({ ...info, state: "complete" });
  }
  await registry.archive.restore();
  const listed = registry.archive.index.list({ organisation: "acme" }, { limit: 10 });
  assert.deepEqual(listed.map(({ id }) => id), ["CA3", "CA2", "CA1"]);
  assert.equal((await registry.archive.find("CA1"))?.organisation, "acme");
  assert.equal(await registry.archive.find("CA9"), undefined);
  assert.throws(
    () => registry.announce({ id: "CA1", organisation: "acme" }),
    refusal("call_exists"),
  );
});

Deno.test("CallRegistry.start() takes what was announced, and what the start adds", async () => {
  const { registry } = aRegistry();
  const mulaw = { encoding: "mulaw", sampleRate: 8000 } as const;
  registry.announce({
    id: "CA1",
    organisation: "acme",
    sampleRate: 16000,
    formats: { user: mulaw },
    media: { live: true },
    metadata: { agent: "a", from: "b" },
  });
  const { details } = registry.start(
    { id: "CA1", organisation: "acme", metadata: { from: "c" } },
    anOwner(),
  );
  assert.deepEqual([details.sampleRate, details.media.live], [16000, true]);
  assert.deepEqual(details.formats, {
    user: mulaw,
    bot: { encoding: "pcm_s16le", sampleRate: 16000 },
  });
  assert.deepEqual(details.metadata, { agent: "a", from: "c" });
  await registry.close("closed");
});

Deno.test("CallArchive.deleteRecording() tells of what it has deleted, once", async () => {
  const told: string[] = [];
  const observer: CallObserver = (event) => {
    if (event.type !== "recording") return;
    const { recording: { organisation, callId }, state } = event;
    told.push(`${organisation} ${callId} ${state}`);
  };
  const { environment } = anEnvironment({ observer });
  const { registry } = aRegistry({ environment });
  const call = registry.start({ id: "CA1", organisation: "acme", media: RECORDED }, anOwner());
  await assert.rejects(() => registry.archive.deleteRecording(refOf()), /end it first/);
  await registry.close("closed");
  assert.equal(call.state, "ended");
  assert.equal(await registry.archive.deleteRecording(refOf("CA1", "globex")), false);
  assert.equal(registry.archive.index.get("CA1")?.recording, "complete");
  assert.equal(await registry.archive.deleteRecording(refOf()), true);
  assert.equal(await registry.archive.deleteRecording(refOf()), false);
  assert.deepEqual(told, ["acme CA1 complete", "acme CA1 deleted"]);
  assert.equal(registry.archive.index.get("CA1")?.recording, "deleted");
});

Deno.test("CallArchive asks again about a recording that the store was slow or unable to tell of", async () => {
  const store = new MemoryStore();
  const states: string[] = [];
  const observer: CallObserver = (event) => {
    if (event.type === "recording") states.push(event.state);
  };
  const { environment } = anEnvironment({ store, observer });
  const { registry } = aRegistry({ environment });
  const describe = store.describe.bind(store);
  const answers = [
    async (ref: RecordingRef) => ({ ...(await describe(ref))!, state: "recording" as const }),
    () => Promise.reject(new Error("away")),
    describe,
    () => assert.fail("it is settled"),
  ];
  store.describe = (ref) => answers.shift()!(ref);
  const call = registry.start({ id: "CA1", organisation: "acme", media: RECORDED }, anOwner());
  await call.end("ended");
  await settled();
  for (const state of ["recording", "recording", "complete", "complete"]) {
    assert.equal(registry.archive.index.get("CA1")?.recording, state);
    assert.equal(registry.archive.isKept("CA1"), true);
    await registry.archive.catchUp();
  }
  assert.deepEqual(states, ["complete"]);
  await registry.close("closed");
});

/** Lets everything happen that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let n = 0; n < 50; n++) await Promise.resolve();
}
