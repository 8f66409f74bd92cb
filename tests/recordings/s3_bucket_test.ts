import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../mixer/clock.ts";
import { S3Bucket } from "../../recordings/s3_bucket.ts";
import { S3Error } from "../../recordings/s3_error.ts";
import { S3Server } from "../support/s3_server.ts";

const text = (words: string) => new TextEncoder().encode(words);

Deno.test("S3Bucket writes, reads, measures and deletes an object", async () => {
  await using server = await S3Server.start();
  const bucket = new S3Bucket(server.access, systemClock);
  assert.equal(await bucket.get("a/b.json"), null);
  assert.equal(await bucket.stat("a/b.json"), null);
  await bucket.put("a/b.json", text("hello"), "application/json");
  assert.deepEqual(await bucket.get("a/b.json"), text("hello"));
  assert.deepEqual(await bucket.get("a/b.json", 1, 3), text("el"));
  assert.deepEqual(await bucket.get("a/b.json", 4, 100), text("o"));
  assert.equal((await bucket.get("a/b.json", 2, 2))?.length, 0);
  assert.equal((await bucket.get("a/b.json", 5, 9))?.length, 0);
  const { bytes, ageMs } = (await bucket.stat("a/b.json"))!;
  assert.equal(bytes, 5);
  assert.ok(ageMs < 60_000);
  await bucket.delete("a/b.json");
  await bucket.delete("a/b.json");
  assert.equal(await bucket.get("a/b.json"), null);
});

Deno.test("S3Bucket.list() goes through all pages", async () => {
  await using server = await S3Server.start();
  const bucket = new S3Bucket(server.access, systemClock);
  const keys = Array.from({ length: 1003 }, (_, index) => `calls/a/${1000 + index}.json`);
  for (const key of keys) await server.plant(key, text("x"));
  await server.plant("elsewhere/b.json", text("x"));
  const pages = await Array.fromAsync(bucket.list("calls/"));
  assert.deepEqual(pages.map((page) => page.length), [1000, 3]);
  assert.deepEqual(pages.flat().map(({ key }) => key), keys);
});

Deno.test("S3Bucket makes one object of parts, which may come twice", async () => {
  await using server = await S3Server.start();
  const bucket = new S3Bucket(server.access, systemClock);
  const uploadId = await bucket.createUpload("a.wav", "audio/wav");
  await bucket.putPart("a.wav", uploadId, 1, text("one"));
  const second = await bucket.putPart("a.wav", uploadId, 2, text("two"));
  const first = await bucket.putPart("a.wav", uploadId, 1, text("ONE"));
  assert.equal(await bucket.get("a.wav"), null);
  await bucket.completeUpload("a.wav", uploadId, [first, second]);
  assert.deepEqual(await bucket.get("a.wav"), text("ONEtwo"));
  await bucket.abortUpload("a.wav", uploadId);
});

Deno.test("S3Bucket.downloadUrl() needs no credentials, names the file, and ends", async () => {
  await using server = await S3Server.start();
  const clock = new ManualClock(0, Date.now());
  const bucket = new S3Bucket(server.access, clock);
  await bucket.put("a.wav", text("sound"), "audio/wav");
  const url = await bucket.downloadUrl("a.wav", 'my "call".wav', 300);
  const response = await fetch(url);
  assert.equal(await response.text(), "sound");
  assert.equal(response.headers.get("content-type"), "audio/wav");
  const disposition = response.headers.get("content-disposition");
  assert.equal(disposition, 'attachment;filename="my__call_.wav"');
  const forged = await fetch(url.replace("a.wav?", "b.wav?"));
  assert.equal(forged.status, 403);
  await forged.body?.cancel();
  const old = new S3Bucket(server.access, new ManualClock(0, Date.now() - 301_000));
  const ended = await fetch(await old.downloadUrl("a.wav", "a.wav", 300));
  assert.equal(ended.status, 403);
  await ended.body?.cancel();
});

Deno.test("S3Bucket tells what passes from what an operator must mend", async () => {
  await using server = await S3Server.start();
  const problem = async (changes: Partial<typeof server.access>) => {
    const bucket = new S3Bucket({ ...server.access, ...changes }, systemClock);
    const error = await bucket.put("a", text("x"), "text/plain").catch((error) => error);
    assert.ok(error instanceof S3Error);
    assert.ok(!error.message.includes("wrong"), error.message);
    return [error.problem, error.code];
  };
  assert.deepEqual(await problem({ secretAccessKey: "wrong" }), [
    "refused",
    "SignatureDoesNotMatch",
  ]);
  assert.deepEqual(await problem({ accessKeyId: "wrong" }), ["refused", "InvalidAccessKeyId"]);
  assert.deepEqual(await problem({ bucket: "another" }), ["refused", "NoSuchBucket"]);
  assert.deepEqual(await problem({ endpoint: "http://127.0.0.1:9" }), ["away", "no connection"]);
  server.faults = () => ({ status: 503, code: "SlowDown" });
  assert.deepEqual(await problem({}), ["away", "SlowDown"]);
  server.faults = () => "cut";
  assert.deepEqual(await problem({}), ["away", "no connection"]);
  server.faults = () => "cut answer";
  assert.deepEqual(await problem({}), ["away", "no connection"]);
});

Deno.test("S3Bucket waits no longer than a request's time", async () => {
  await using server = await S3Server.start();
  const clock = new ManualClock(0, Date.now());
  const bucket = new S3Bucket(server.access, clock);
  const hung = server.hangs();
  const deleting = bucket.delete("a");
  const error = deleting.catch((error) => error);
  await hung;
  await clock.advance(15_000);
  assert.equal((await error).code, "no answer in 15 s");
});

Deno.test("S3Bucket tries again what a person waits for", async () => {
  await using server = await S3Server.start();
  const bucket = new S3Bucket(server.access, systemClock);
  await bucket.put("a", text("x"), "text/plain");
  let left = 2;
  server.faults = () => left-- > 0 ? { status: 500, code: "InternalError" } : undefined;
  assert.deepEqual(await bucket.get("a"), text("x"));
});
