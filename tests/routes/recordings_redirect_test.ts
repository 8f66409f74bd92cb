import assert from "node:assert/strict";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Authorizer } from "../../auth/authorize.ts";
import type { CallArchive } from "../../archive/call_archive.ts";
import type { CallRegistry } from "../../calls/registry.ts";
import { ManualClock } from "../../mixer/clock.ts";
import type { RecordingState, RecordingStore, StoredRecording } from "../../recordings/store.ts";
import { createLog } from "../../log.ts";
import { answerError } from "../../routes/api_error.ts";
import { Downloads } from "../../routes/downloads.ts";
import { recordingRoutes } from "../../routes/recordings.ts";
import type { Services } from "../../routes/services.ts";
import { recordingOf, twoVoices } from "../recordings/export_support.ts";
import { anInfo } from "../recordings/store_contract.ts";

/** The routes over a store that gives out URLs of its own, as an object store does. */
function routesOver(state: RecordingState) {
  const { read } = recordingOf(twoVoices(1000, 91));
  const named: string[] = [];
  const recording: StoredRecording = {
    info: anInfo({ samples: 1000, state }),
    read,
    peaks: () => Promise.resolve(new Int8Array(0)),
    downloadUrl({ fileName }) {
      named.push(fileName);
      return Promise.resolve("https://objects.example.com/CA1.wav?signature=abc");
    },
  };
  const store: Pick<RecordingStore, "open"> = { open: () => Promise.resolve(recording) };
  const archive: Pick<CallArchive, "find"> = { find: () => Promise.resolve(undefined) };
  const calls: Pick<CallRegistry, "get" | "archive" | "completing"> = {
    completing: () => undefined,
    get: () => undefined,
    archive: archive as CallArchive,
  };
  const authorizer: Pick<Authorizer, "authorize"> = {
    authorize: () => Promise.resolve({ organisation: "acme", kind: "key" }),
  };
  const clock = new ManualClock();
  const services: Partial<Services> = {
    clock,
    downloads: new Downloads({ clock, maxPerOrganisation: 1 }),
    store: store as RecordingStore,
    calls: calls as CallRegistry,
    authorizer: authorizer as Authorizer,
  };
  const app = new OpenAPIHono();
  app.onError((error, c) => answerError(error, c, createLog("error", () => {})));
  app.route("/", recordingRoutes(services as Services));
  const ask = (query: string, headers = {}, method = "GET") =>
    app.request(`/calls/CA1/recording${query}`, { method, headers });
  return { ask, named };
}

Deno.test("GET recording sends whoever wants the file as it is stored to the store", async () => {
  const { ask, named } = routesOver("complete");
  for (const method of ["GET", "HEAD"]) {
    const response = await ask("?channels=2", {}, method);
    assert.equal(response.status, 302);
    const { headers } = response;
    assert.equal(headers.get("location"), "https://objects.example.com/CA1.wav?signature=abc");
    assert.equal(headers.get("cache-control"), "private, no-store");
  }
  assert.deepEqual(named, ["CA1-stereo.wav", "CA1-stereo.wav"]);
});

Deno.test("GET recording streams everything else through", async () => {
  const { ask, named } = routesOver("complete");
  const queries = ["", "?channels=1", "?track=user", "?channels=2&from=0", "?channels=2&to=99"];
  for (const query of queries) {
    const response = await ask(query);
    assert.equal(response.status, 200, query);
    const { length } = await response.bytes();
    assert.equal(response.headers.get("content-length"), String(length), query);
  }
  const ranged = await ask("?channels=2", { range: "bytes=100-199" });
  assert.deepEqual([ranged.status, (await ranged.bytes()).length], [206, 100]);
  assert.deepEqual(named, []);
  const running = routesOver("recording");
  const snapshot = await running.ask("?channels=2");
  assert.deepEqual([snapshot.status, (await snapshot.bytes()).length], [200, 4080]);
  assert.deepEqual(running.named, []);
});
