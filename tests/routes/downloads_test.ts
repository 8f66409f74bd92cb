import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Downloads } from "../../routes/downloads.ts";
import { sleep } from "../support/test_server.ts";
import { recordedCall } from "./recordings_support.ts";
import { PATIENCE_MS } from "../support/until.ts";

function rig(maxPerOrganisation = 2) {
  const clock = new ManualClock();
  const downloads = new Downloads({ clock, maxPerOrganisation, maxStallMs: 60_000 });
  let cancelled = 0;
  const source = (chunks: number) =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (chunks-- > 0) controller.enqueue(new Uint8Array(10));
        else controller.close();
      },
      cancel: () => void cancelled++,
    }, { highWaterMark: 0 });
  return { clock, downloads, source, cancelled: () => cancelled };
}

Deno.test("Downloads.track() counts a download until it is read or given up", async () => {
  const { downloads, source } = rig();
  const read = downloads.track("acme", source(3));
  const left = downloads.track("acme", source(3));
  assert.equal(downloads.size, 2);
  assert.equal((await new Response(read).bytes()).length, 30);
  assert.equal(downloads.size, 1);
  await left.cancel();
  await left.cancel();
  assert.equal(downloads.size, 0);
});

Deno.test("Downloads.check() refuses an organisation that has its share, and no other", async () => {
  const { downloads, source } = rig(2);
  const streams = [downloads.track("acme", source(1)), downloads.track("acme", source(1))];
  assert.throws(() => downloads.check("acme"), { status: 429, code: "too_many_downloads" });
  downloads.check("globex");
  await streams[0].cancel();
  downloads.check("acme");
  await streams[1].cancel();
});

Deno.test("Downloads.track() ends a download whose client takes nothing, and tells how many", async () => {
  const { clock, downloads, source, cancelled } = rig();
  const reader = downloads.track("acme", source(9)).getReader();
  await reader.read();
  await clock.advance(59_000);
  await reader.read();
  await clock.advance(59_000);
  assert.deepEqual([downloads.size, downloads.stalled], [1, 0], "it took something in between");
  await clock.advance(2000);
  assert.deepEqual([downloads.size, downloads.stalled, cancelled()], [0, 1, 1]);
  await assert.rejects(reader.read(), /nothing was taken for 60000 ms/);
});

Deno.test("Downloads.track() waits for a store that is slow as long as it takes", async () => {
  const { clock, downloads } = rig();
  const slow = Promise.withResolvers<void>();
  const reader = downloads.track(
    "acme",
    new ReadableStream({
      async pull(controller) {
        await slow.promise;
        controller.enqueue(new Uint8Array(1));
        controller.close();
      },
    }, { highWaterMark: 0 }),
  ).getReader();
  const reading = reader.read();
  await sleep(0);
  await clock.advance(300_000);
  slow.resolve();
  assert.equal((await reading).value?.length, 1);
  assert.ok((await reader.read()).done);
  assert.deepEqual([downloads.size, downloads.stalled], [0, 0]);
});

Deno.test("GET recording is 429 for an organisation that downloads as much as it may", async () => {
  await using call = await recordedCall(3_000_000, {
    env: { EARSHOT_MAX_DOWNLOADS_PER_ORG: "1" },
  });
  const path = "/recording?channels=2";
  // 12 MB: more than the sockets of both ends hold.
  const reader = (await call.ask(path)).body!.getReader();
  await reader.read();
  const refused = await call.ask(path);
  assert.equal(refused.status, 429);
  assert.equal((await refused.json()).error.code, "too_many_downloads");
  await reader.cancel();
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (let status = 429; status !== 200;) {
    assert.ok(performance.now() < deadlineMs, "there is room again");
    const answer = await call.ask(path);
    status = answer.status;
    await answer.body?.cancel();
  }
});
