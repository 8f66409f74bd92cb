import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { FileStore } from "../../recordings/file.ts";
import type { CallDescription } from "../../routes/call_description.ts";
import { OTHER_KEY, sleep, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

type List = { calls: CallDescription[] };

const DAY_MS = 86_400_000;

/** Settings with a folder for recordings and one for state, until `body` is done. */
async function withFolders(
  body: (env: Record<string, string>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  try {
    await body({
      EARSHOT_RECORDINGS: `file:${folder}/recordings`,
      EARSHOT_STATE: `file:${folder}/state`,
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A recorded call of a second, complete. */
async function record(server: TestServer, callId: string, key?: string): Promise<void> {
  const media = { live: true, recording: true };
  const agent = await server.agent({ callId, media, metadata: { agent: callId } }, key);
  agent.bot(bytesOf(noise(8000, 7)));
  if (key === undefined) await server.received(callId, "bot", 8000);
  await server.advance(1200);
  agent.end("hangup");
  await agent.closed;
  const path = `/calls/${callId}`;
  for (;;) {
    const { body } = await server.api(path, key === undefined ? {} : { key });
    if (body.recording?.state === "complete") return;
    await sleep(2);
  }
}

async function listed(server: TestServer, query = ""): Promise<string[]> {
  const { body } = await server.api<List>(`/calls?${query}`);
  return body.calls.map(({ id, reason, recording }) => `${id} ${reason} ${recording?.state}`);
}

Deno.test("a server remembers the calls of the one before it, recorded or not", () =>
  withFolders(async (env, folder) => {
    const clock = new ManualClock();
    {
      await using server = await TestServer.start({ env, clock });
      await record(server, "CA1");
      await clock.advance(1000);
      await record(server, "CA2");
      await server.api("/calls", { body: { id: "CA3", metadata: { agent: "CA3" } } });
      await server.api("/calls/CA3/end", { body: { reason: "cancelled" } });
      assert.equal((await server.api("/calls/CA1/recording", { method: "DELETE" })).status, 204);
    }
    const all = ["CA3 cancelled undefined", "CA2 hangup complete", "CA1 hangup deleted"];
    {
      await using server = await TestServer.start({ env, clock });
      assert.deepEqual(await listed(server), all);
      assert.deepEqual(await listed(server, "metadata.agent=CA3"), [all[0]]);
      assert.deepEqual(await listed(server, "metadata.agent=CA1"), []);
      assert.deepEqual(server.log.filter((line) => line.includes("list of calls")), []);
    }
    // Without the database, and with a broken one: what has a recording or a tombstone is found again.
    const path = `${folder}/state/calls.sqlite`;
    for (const spoil of [() => Deno.remove(path), () => Deno.writeTextFile(path, "broken")]) {
      await spoil();
      await using server = await TestServer.start({ env, clock });
      assert.deepEqual(await listed(server), all.slice(1));
      assert.deepEqual(await listed(server, "has=recording&metadata.agent=CA2"), [all[1]]);
      await assert.rejects(() => server.agent({ callId: "CA2" }), /call_exists/);
      assert.ok(server.log.some((line) => /agrees with 2 recordings; 2 read/.test(line)));
    }
    const { names } = Object.groupBy(Deno.readDirSync(`${folder}/state`), () => "names");
    assert.ok(names?.some(({ name }) => name === "calls.sqlite.damaged"));
  }));

Deno.test("a server answers while its list is made anew, and gives no id twice meanwhile", () =>
  withFolders(async (env, folder) => {
    const clock = new ManualClock();
    {
      await using server = await TestServer.start({ env, clock });
      await record(server, "CA1");
    }
    await Deno.remove(`${folder}/state`, { recursive: true });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { describe } = FileStore.prototype;
    FileStore.prototype.describe = async function (ref) {
      await released;
      return await describe.call(this, ref);
    };
    try {
      let isStarted = false;
      const starting = TestServer.start({ env, clock }).finally(() => isStarted = true);
      while (!isStarted) {
        await clock.advance(100);
        await sleep(1);
      }
      await using server = await starting;
      assert.deepEqual(await listed(server), []);
      await assert.rejects(() => server.agent({ callId: "CA1" }), /call_exists/);
      release();
      assert.equal((await server.until("CA1", () => true)).recording?.state, "complete");
      assert.deepEqual(await listed(server), ["CA1 hangup complete"]);
    } finally {
      FileStore.prototype.describe = describe;
    }
  }));

Deno.test("a tombstone's id may be used again, also by another organisation", () =>
  withFolders(async (env) => {
    const clock = new ManualClock();
    {
      await using server = await TestServer.start({ env, clock });
      await record(server, "CA1");
      await server.api("/calls/CA1/recording", { method: "DELETE" });
      assert.deepEqual(await listed(server), ["CA1 hangup deleted"]);
      await record(server, "CA1", OTHER_KEY);
      assert.deepEqual(await listed(server), []);
      assert.equal((await server.api("/calls/CA1")).status, 401);
    }
    await using server = await TestServer.start({ env, clock });
    assert.deepEqual(await listed(server), []);
    const { body } = await server.api("/calls/CA1", { key: OTHER_KEY });
    assert.deepEqual([body.recording?.state, body.metadata], ["complete", { agent: "CA1" }]);
  }));

Deno.test("a server deletes by age and organisation, and tells of it", () =>
  withFolders(async (folders) => {
    const env = {
      ...folders,
      EARSHOT_RETENTION_DAYS: "30",
      EARSHOT_RETENTION_DAYS_BY_ORG: "globex=forever",
    };
    const first = new ManualClock();
    {
      await using server = await TestServer.start({ env, clock: first });
      await record(server, "CA1");
      await record(server, "CA2", OTHER_KEY);
    }
    const clock = new ManualClock(0, first.wallTime() + 31 * DAY_MS);
    await using server = await TestServer.start({ env, clock });
    const ask = { method: "HEAD" };
    assert.equal((await server.api("/calls/CA1/recording", ask)).status, 200);
    await clock.advance(120_000);
    const { metadata } = await server.until("CA1", (call) => call.recording?.state === "deleted");
    assert.deepEqual(metadata, {});
    assert.equal((await server.api("/calls/CA1/recording", ask)).status, 410);
    const theirs = { ...ask, key: OTHER_KEY };
    assert.equal((await server.api("/calls/CA2/recording", theirs)).status, 200);
    assert.match(
      server.log.join("\n"),
      /info retention aged=1 crowded=0 bytes=\d+ forgotten=0 refused=0/,
    );
    const metrics = await fetch(`${server.origin}/metrics`, {
      headers: { "x-api-key": OTHER_KEY },
    });
    const text = await metrics.text();
    assert.match(text, /^earshot_retention_deleted_total\{why="age"\} 1$/m);
    assert.match(text, /^earshot_recordings 1$/m);
  }));

Deno.test("a server deletes the oldest above a size", () =>
  withFolders(async (folders) => {
    const clock = new ManualClock();
    const env = {
      ...folders,
      EARSHOT_RETENTION_GB: "0.001",
      EARSHOT_RETENTION_GB_PER_ORG: "0.001",
    };
    await using server = await TestServer.start({ env, clock });
    // A second of them has 39 KB: only as many as have room in a megabyte are left.
    const media = { live: true, recording: true };
    for (let n = 1; n <= 2; n++) {
      const agent = await server.agent({ callId: `CA${n}`, media });
      await server.advance(17_000);
      agent.end();
      await agent.closed;
      await server.until(`CA${n}`, ({ recording }) => recording?.state === "complete");
    }
    await clock.advance(120_000);
    await server.until("CA1", ({ recording }) => recording?.state === "deleted");
    assert.equal((await server.api("/calls/CA2")).body.recording?.state, "complete");
  }));

Deno.test("the list follows what memory: pushes out", async () => {
  const clock = new ManualClock();
  const env = { EARSHOT_RECORDINGS_MEMORY_MB: "1" };
  await using server = await TestServer.start({ env, clock });
  const media = { live: true, recording: true };
  for (let n = 1; n <= 2; n++) {
    const agent = await server.agent({ callId: `CA${n}`, media });
    await server.advance(20_000);
    agent.end();
    await agent.closed;
    await server.until(`CA${n}`, ({ state }) => state === "ended");
  }
  await server.until("CA2", ({ recording }) => recording?.state === "complete");
  assert.deepEqual(await listed(server), ["CA2 ended complete", "CA1 ended undefined"]);
  assert.deepEqual(await listed(server, "has=recording"), ["CA2 ended complete"]);
});
