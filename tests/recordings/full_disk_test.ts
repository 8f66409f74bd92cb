import assert from "node:assert/strict";
import { Call } from "../../calls/call.ts";
import { FileStore } from "../../recordings/file.ts";
import {
  RecordingExistsError,
  type RecordingInfo,
  type RecordingWriter,
} from "../../recordings/store.ts";
import { aListener, anEnvironment, anOwner, someDetails } from "../calls/support.ts";
import { assertSame } from "../support/same.ts";
import { mountSmallDisk } from "../support/small_disk.ts";
import { withRoot } from "./file_support.ts";
import {
  anInfo,
  fingerprintOf,
  openOf,
  patternBytes,
  peaksOf,
  readAll,
  refOf,
} from "./store_contract.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const RATE = 8000;
const SECONDS = 40;

/** Lets files be written, which take real time and not the clock's. */
async function letWrite(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A user who counts: sample `i` of the call is this. Never 0, to be told from silence. */
function counted(index: number): number {
  return 1 + index % 20_000;
}

Deno.test("A disk that is full for a while costs a marked gap in the recording, and nothing else", async (t) => {
  const disk = await mountSmallDisk(4 * 1024 * 1024);
  if (typeof disk === "string") return console.log(`skipped: ${t.name} ${disk}`);
  await using _ = disk;
  const store = await FileStore.open(`${disk.path}/recordings`);
  const warnings: string[] = [];
  let lost = 0;
  const { environment, clock } = anEnvironment({
    store,
    observer: (event) => {
      if (event.type === "gap") lost += event.samples;
      if (event.type !== "warning") return;
      const { code, message, active = true } = event.warning;
      const isOfStore = code === "recording_failed" || code === "recording_too_slow";
      if (active && isOfStore) warnings.push(`${code} ${message}`);
    },
  });
  const call = new Call(someDetails(), environment, () => {});
  const { listener, socket } = aListener({ maxQueuedBytes: 1e8 });
  call.start(anOwner());
  call.addListener(listener, { channels: 1, silenceAsPcm: false });
  await disk.fill(8 * RATE * 4);
  let freedAt = 0;
  for (let ms = 0; ms < 1000 * SECONDS; ms += 100) {
    await clock.advance(100);
    const from = ms * RATE / 1000;
    const chunk = Int16Array.from({ length: RATE / 10 }, (_, index) => counted(from + index));
    call.pipeline!.user.push(new Uint8Array(chunk.buffer), clock.now(), ms);
    await letWrite();
    if (ms === 26_000) {
      freedAt = from;
      await disk.free();
    }
    if (ms % 10_000 === 0) call.note({ type: "event", name: "transcript", position: from });
  }
  const ending = call.end("hangup");
  await letWrite();
  await ending;

  const { info, ...recording } = (await openOf(store))!;
  assert.deepEqual([info.state, info.samples], ["complete", RATE * SECONDS]);
  const gaps = info.markers.filter(({ type }) => type === "gap");
  assert.equal(gaps.length, 1, JSON.stringify(info.markers));
  const { samples, reason } = gaps[0].data as { samples: number; reason: string };
  const [from, to] = [gaps[0].position, gaps[0].position + samples];
  console.log(
    `full disk: ${from / RATE} s were kept, then ${samples / RATE} s lost; ` +
      `there was room again at ${freedAt / RATE} s, it went on at ${to / RATE} s`,
  );
  assert.equal(reason, "refused");
  assert.ok(samples > 4 * RATE && to < freedAt + 5 * RATE, "it goes on within 5 s");
  assert.deepEqual([lost, call.recorder!.samplesLost], [samples, samples]);
  assert.deepEqual(warnings.map((line) => line.split(" ")[0]), ["recording_failed"]);
  assert.match(warnings[0], /No space left|os error 28/);

  const path = `${disk.path}/recordings/acme/CA1.wav`;
  const pcm = await readAll(recording.read());
  const user = new Int16Array(pcm.buffer).filter((_, index) => index % 2 === 0);
  const expected = Int16Array.from(user, (_, i) => i >= from && i < to ? 0 : counted(i));
  // The first sound fades in, which is nothing of the disk's.
  assertSame(user.subarray(100), expected.subarray(100), "the user's side");
  assertSame(await recording.peaks(), peaksOf(pcm), "peaks");
  assert.deepEqual(await fingerprintOf(pcm), { sha256: info.sha256, bytes: info.bytes });
  assert.equal((await Deno.stat(path)).size, info.bytes);
  assert.equal(info.events.length, 4);

  const heard = socket.sent.filter(({ length }) => length === 2 * RATE / 20) as Uint8Array[];
  const live = new Int16Array(await new Blob(heard as BlobPart[]).arrayBuffer());
  assertSame(live.subarray(100), expectedLive(live.length).subarray(100), "what was heard");
  assert.ok(live.length >= RATE * (SECONDS - 1));
});

function expectedLive(length: number): Int16Array {
  return Int16Array.from({ length }, (_, index) => counted(index));
}

Deno.test("A disk that stays full past the end of a call keeps what it took, and can be made room on", async (t) => {
  const disk = await mountSmallDisk(4 * 1024 * 1024);
  if (typeof disk === "string") return console.log(`skipped: ${t.name} ${disk}`);
  await using _ = disk;
  const store = await FileStore.open(`${disk.path}/recordings`);
  const { environment, clock } = anEnvironment({ store });
  const call = new Call(someDetails({ media: someMedia }), environment, () => {});
  call.start(anOwner());
  await disk.fill(300_000);
  for (let ms = 0; ms < 30_000; ms += 100) {
    await clock.advance(100);
    await letWrite();
  }
  const ended = call.end("hangup");
  for (let second = 0; second < 35; second++) {
    await clock.advance(1000);
    await letWrite();
  }
  await ended;
  assert.equal(call.recorder!.state, "failed");
  await disk.free();
  for (let second = 0; second < 6; second++) {
    await clock.advance(1000);
    await letWrite();
  }
  const { info } = (await openOf(store))!;
  assert.deepEqual([info.state, info.samples], ["failed", 30 * RATE], "the time is kept");
  assert.equal(clock.pendingTimers, 0);
  await disk.fill(0).catch(() => {});
  assert.equal(await store.delete(refOf()), true, "which is how room is made");
  await store.close();
});

const someMedia = { live: false, recording: true, maxDurationSeconds: 60 };

Deno.test("FileStore.create() succeeds once there is room, wherever a full disk stopped it before", async (t) => {
  const disk = await mountSmallDisk(1024 * 1024);
  if (typeof disk === "string") return console.log(`skipped: ${t.name} ${disk}`);
  await using _ = disk;
  const root = `${disk.path}/recordings`;
  const store = await FileStore.open(root);
  await Deno.mkdir(`${root}/acme`, { recursive: true });
  // A page at a time more is free: for no file at all, for the description alone, for both.
  const refused: number[] = [];
  for (const leftBytes of [0, 4096, 8192]) {
    const info = anInfo({ callId: `CA${leftBytes}` });
    await disk.fill(leftBytes);
    const attempt = await store.create(info).catch((error) => {
      assert.ok(!(error instanceof RecordingExistsError), `${leftBytes}: ${error}`);
      refused.push(leftBytes);
    });
    await disk.free();
    await complete(attempt ?? await store.create(info), info);
    assert.equal((await openOf(store, info.callId))?.info.samples, RATE);
  }
  assert.ok(refused.length >= 2, `the disk refused at ${refused}`);
  await store.close();
});

/** Records a second. */
async function complete(writer: RecordingWriter, info: RecordingInfo): Promise<void> {
  const pcm = patternBytes(4 * RATE);
  await writer.append(pcm, peaksOf(pcm));
  await writer.finish({ ...info, state: "complete" });
}

for (
  const [what, description, wav] of [
    ["an empty description", "", undefined],
    ["half a description", '{"version":2,"callId"', undefined],
    ["half a description and a header", '{"version":2,"callId"', 44],
    ["a description without sound", JSON.stringify(anInfo()), undefined],
    ["a description and a header", JSON.stringify(anInfo()), 80],
  ] as const
) {
  Deno.test(`FileStore.create() is not kept off by ${what} that an attempt left behind`, async () => {
    await withRoot(async (root) => {
      const store = await FileStore.open(root);
      await Deno.mkdir(`${root}/acme`, { recursive: true });
      await Deno.writeTextFile(`${root}/acme/CA1.json~`, description);
      if (wav !== undefined) await Deno.writeFile(`${root}/acme/CA1.wav`, new Uint8Array(wav));
      await complete(await store.create(anInfo()), anInfo());
      assert.equal((await openOf(store))?.info.state, "complete");
      await store.close();
    });
  });
}
