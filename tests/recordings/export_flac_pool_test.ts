import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { exportFlac } from "../../recordings/export_flac.ts";
import { exportView } from "../../recordings/export_view.ts";
import { FlacEncoder, type FlacWorker } from "../../recordings/flac_encoder.ts";
import { FlacPool, FlacPoolBusyError } from "../../recordings/flac_pool.ts";
import type { FlacRequest } from "../../recordings/flac_worker.ts";
import { recordingOf, twoVoices } from "./export_support.ts";
import { readAll } from "./store_contract.ts";

/** A worker that answers each request with one byte, as long as it lives. */
class FakeWorker implements FlacWorker {
  onmessage: Worker["onmessage"] = null;
  onerror: Worker["onerror"] = null;
  readonly asked: string[] = [];
  isEnded = false;
  isMute = false;

  postMessage(message: FlacRequest): void {
    this.asked.push(message.type);
    if (message.type === "abandon" || this.isMute) return;
    queueMicrotask(() =>
      this.onmessage?.call(this as never, new MessageEvent("message", { data: Uint8Array.of(1) }))
    );
  }

  terminate(): void {
    this.isEnded = true;
  }

  crash(): ErrorEvent {
    const event = new ErrorEvent("error", { message: "out of memory", cancelable: true });
    this.onerror?.call(this as never, event);
    return event;
  }
}

/** A pool of fake workers. */
function aPool(limits: { maxActive?: number; maxWaiting?: number; maxWaitMs?: number } = {}) {
  const clock = new ManualClock();
  const workers: FakeWorker[] = [];
  const createWorker = () => {
    workers.push(new FakeWorker());
    return workers.at(-1)!;
  };
  const createEncoder = () => new FlacEncoder({ clock, createWorker });
  return { clock, workers, pool: new FlacPool({ clock, createEncoder, ...limits }) };
}

Deno.test("FlacPool lends as many encoders as it may, and serves who waited longest", async () => {
  const { pool, workers } = aPool({ maxActive: 2, maxWaiting: 2 });
  const [first, second] = [await pool.acquire(), await pool.acquire()];
  const order: string[] = [];
  const third = pool.acquire().then((encoder) => (order.push("third"), encoder));
  const fourth = pool.acquire().then((encoder) => (order.push("fourth"), encoder));
  assert.deepEqual([pool.active, pool.waiting], [2, 2]);
  await assert.rejects(() => pool.acquire(), FlacPoolBusyError);
  assert.equal(pool.refused, 1);
  pool.release(second);
  assert.equal(await third, second);
  pool.release(first);
  assert.equal(await fourth, first);
  assert.deepEqual(order, ["third", "fourth"]);
  assert.deepEqual([pool.active, pool.waiting, workers.length], [2, 0, 2]);
  pool.close();
  assert.ok(workers.every(({ isEnded }) => isEnded));
  await assert.rejects(() => pool.acquire(), FlacPoolBusyError);
});

Deno.test("FlacPool lets nobody wait for ever", async () => {
  const { pool, clock } = aPool({ maxActive: 1, maxWaitMs: 5000 });
  const encoder = await pool.acquire();
  const late = assert.rejects(() => pool.acquire(), FlacPoolBusyError);
  assert.equal(pool.waiting, 1);
  await clock.advance(5000);
  await late;
  assert.deepEqual([pool.waiting, pool.refused, clock.pendingTimers], [0, 1, 0]);
  pool.release(encoder);
  assert.equal(await pool.acquire(), encoder);
});

Deno.test("A crashed encoder fails its own stream and no other, and is replaced", async () => {
  const { pool, clock, workers } = aPool({ maxActive: 2 });
  const recording = recordingOf(twoVoices(100_000, 21));
  const view = exportView(recording.info);
  const [broken, whole] = [
    (await exportFlac(recording, view, { pool, clock })).getReader(),
    await exportFlac(recording, view, { pool, clock }),
  ];
  await broken.read();
  workers[0].isMute = true;
  const pending = broken.read();
  await new Promise((resolve) => setTimeout(resolve, 0)); // The samples reach the worker.
  assert.ok(workers[0].crash().defaultPrevented, "the server would end with its worker");
  await assert.rejects(pending, /the encoder ended: out of memory/);
  assert.deepEqual([pool.active, pool.broken, workers[0].isEnded], [1, 1, true]);
  await readAll(whole);
  const again = [await pool.acquire(), await pool.acquire()];
  assert.equal(workers.length, 3);
  for (const encoder of again) pool.release(encoder);
  pool.close();
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("A stream that is cancelled while its recording is read asks nothing more", async () => {
  const { pool, clock, workers } = aPool();
  const { info } = recordingOf(twoVoices(1000, 23));
  const stuck = { info, read: () => new ReadableStream<Uint8Array<ArrayBuffer>>() };
  const reader = (await exportFlac(stuck, exportView(info), { pool, clock })).getReader();
  await reader.read();
  const pending = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0)); // The read reaches the recording.
  await reader.cancel();
  assert.equal((await pending).done, true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(workers[0].asked, ["begin", "abandon"]);
  assert.deepEqual([pool.active, pool.broken, clock.pendingTimers], [0, 0, 0]);
});

Deno.test("FlacEncoder gives up a worker that does not answer", async () => {
  const { pool, clock, workers } = aPool();
  const encoder = await pool.acquire();
  workers[0].isMute = true;
  const answer = encoder.begin({ sampleRate: 8000, channels: 1, samples: 1 });
  const rejected = assert.rejects(answer, /did not answer for 10000 ms/);
  await assert.rejects(() => encoder.finish(), TypeError);
  await clock.advance(10_000);
  await rejected;
  assert.ok(workers[0].isEnded && encoder.isBroken);
  await assert.rejects(() => encoder.finish(), /the encoder is gone/);
  pool.release(encoder);
  assert.notEqual(await pool.acquire(), encoder);
});

Deno.test("FlacPool.close() fails what is being encoded", async () => {
  const { pool, clock } = aPool();
  const recording = recordingOf(twoVoices(100_000, 22));
  const stream = await exportFlac(recording, exportView(recording.info), { pool, clock });
  const reader = stream.getReader();
  await reader.read();
  pool.close();
  pool.close();
  await assert.rejects(() => reader.read(), /the encoder is gone/);
  assert.deepEqual([pool.active, clock.pendingTimers], [0, 0]);
});
