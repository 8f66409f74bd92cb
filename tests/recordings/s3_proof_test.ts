import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../mixer/clock.ts";
import { S3Bucket } from "../../recordings/s3_bucket.ts";
import { S3Error } from "../../recordings/s3_error.ts";
import { type S3Fault, S3Server } from "../support/s3_server.ts";
import { S3Bench, until } from "./s3_support.ts";
import { anInfo, openOf, patternBytes, peaksOf, readAll } from "./store_contract.ts";

const text = (words: string) => new TextEncoder().encode(words);
const HTML = "<html><title>Maintenance</title></html>";

/** What may stand between this process and S3 answers, in its own words, as if all were well. */
const PAGES: Record<string, S3Fault> = {
  "a page": { status: 200, body: HTML, headers: { "content-type": "text/html; charset=utf-8" } },
  "a page with an ETag": {
    status: 200,
    body: HTML,
    headers: { "content-type": "text/html", etag: '"5f-61"' },
  },
  "a page without a type": { status: 200, body: HTML },
  "nothing": { status: 200, body: "" },
  "JSON": { status: 200, body: '{"status":"ok"}', headers: { "content-type": "application/json" } },
  "not found, in its own words": {
    status: 404,
    body: "404 page not found",
    headers: { "content-type": "text/plain" },
  },
};

/** All that is asked of S3. */
const CALLS: Record<string, (bucket: S3Bucket) => Promise<unknown>> = {
  get: (bucket) => bucket.get("a"),
  "get of a range": (bucket) => bucket.get("a", 1, 3),
  put: (bucket) => bucket.put("a", text("x"), "text/plain"),
  list: (bucket) => Array.fromAsync(bucket.list("a")),
  createUpload: (bucket) => bucket.createUpload("a", "audio/wav"),
  putPart: (bucket) => bucket.putPart("a", "id", 1, text("x")),
  completeUpload: (bucket) => bucket.completeUpload("a", "id", ['"etag"']),
};

for (const [page, fault] of Object.entries(PAGES)) {
  Deno.test(`S3Bucket takes ${page} for no answer of S3's, whatever it asked for`, async () => {
    await using server = await S3Server.start();
    const bucket = new S3Bucket(server.access, systemClock);
    server.faults = () => fault;
    for (const [name, call] of Object.entries(CALLS)) {
      const error = await call(bucket).then((answer) => ({ answer }), (error) => error);
      assert.ok(error instanceof S3Error, `${name}: ${JSON.stringify(error)}`);
      assert.equal(error.problem, "away", `${name}: ${error.message}`);
    }
  });
}

Deno.test("S3Bucket.stat() and delete() take a page for no answer of S3's", async () => {
  await using server = await S3Server.start();
  const bucket = new S3Bucket(server.access, systemClock);
  server.faults = () => PAGES["a page"];
  for (const call of [() => bucket.stat("a"), () => bucket.delete("a")]) {
    await assert.rejects(call, (error) => error instanceof S3Error && error.problem === "away");
  }
});

for (const [page, fault] of Object.entries(PAGES)) {
  Deno.test(`S3Store keeps a recording, tells of trouble and goes on behind ${page}`, async () => {
    await using bench = await S3Bench.start();
    const clock = new ManualClock(0, Date.now());
    const { server } = bench;
    const store = await bench.open({ clock });
    const pcm = patternBytes(96_000);
    const writer = await store.create(anInfo());
    // Only writing is answered by somebody else, which is the worst: nothing else tells of it.
    server.faults = ({ method }) => method === "PUT" || method === "POST" ? fault : undefined;
    await writer.append(pcm, peaksOf(pcm));
    await writer.finish(anInfo({ state: "complete" }));
    await until(async () => {
      if (!server.isBusy) await clock.advance(1000);
      return store.status.failures >= 3;
    });
    assert.deepEqual([store.status.waiting, store.status.isInTrouble], [1, true]);
    assert.ok(bench.warnings.length >= 1 && bench.warnings.length <= 3, bench.warnings.join("\n"));
    for (const warning of bench.warnings) {
      assert.match(warning, /an answer that is not S3's: recordings wait in the spool/);
    }
    server.faults = () => undefined;
    await until(async () => {
      if (!server.isBusy) await clock.advance(1000);
      return store.status.waiting === 0;
    });
    assert.equal(store.status.isInTrouble, false);
    const { info, read } = (await openOf(store))!;
    assert.equal(info.state, "complete");
    assert.deepEqual(await readAll(read()), pcm);
  });
}

Deno.test("S3Bucket goes to the region that S3 names, once", async () => {
  await using server = await S3Server.start();
  for (const code of ["AuthorizationHeaderMalformed", "PermanentRedirect"]) {
    server.requests.length = 0;
    const bucket = new S3Bucket(server.access, systemClock);
    server.faults = ({ authorization }) =>
      authorization.includes("/eu-west-3/s3/")
        ? undefined
        : { status: code === "PermanentRedirect" ? 301 : 400, code, region: "eu-west-3" };
    await bucket.put(code, text("x"), "text/plain");
    assert.deepEqual(await bucket.get(code), text("x"));
    assert.equal(server.requests.length, 3, "one request was in vain");
  }
  const bucket = new S3Bucket(server.access, systemClock);
  let next = 0;
  server.faults = () => ({ status: 301, code: "PermanentRedirect", region: `nowhere-${next++}` });
  await assert.rejects(() => bucket.put("a", text("x"), "text/plain"), {
    code: "PermanentRedirect",
  });
  assert.equal(next, 2, "it does not go from one to the next for ever");
});

Deno.test("S3Error.advice says what an operator can do, by what S3 said", () => {
  const advice = (status: number, code: string, more = "") =>
    S3Error.of("write an object", status, `<Error><Code>${code}</Code>${more}</Error>`).advice;
  assert.equal(advice(403, "RequestTimeTooSkewed"), "set this machine's clock");
  assert.equal(advice(403, "AccessDenied").slice(0, 21), "check the credentials");
  assert.equal(advice(301, "PermanentRedirect"), "check the region and the endpoint");
  const region = "<Region>eu-west-3</Region>";
  assert.equal(advice(400, "AuthorizationHeaderMalformed", region), "set AWS_REGION to eu-west-3");
  const injected = "<Region>a b\n2026 error</Region>";
  assert.equal(advice(301, "PermanentRedirect", injected), "check the region and the endpoint");
  assert.equal(advice(503, "SlowDown"), "it is tried again");
});
