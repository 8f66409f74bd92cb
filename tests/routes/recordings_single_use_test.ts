import assert from "node:assert/strict";
import type { TestServer } from "../support/test_server.ts";
import { recordedCall } from "./recordings_support.ts";

async function singleUse(server: TestServer): Promise<string> {
  const { body } = await server.api<{ token: string }>("/calls/CA1/tokens", {
    body: { scope: ["recording"], singleUse: true },
  });
  return body.token;
}

Deno.test("a single-use token is used up by sound, and by no refusal before it", async () => {
  await using call = await recordedCall(16_000, {
    env: { EARSHOT_MAX_DOWNLOADS_PER_ORG: "1", EARSHOT_MAX_CONVERSIONS: "1" },
  });
  const { server } = call;
  const token = await singleUse(server);
  const ask = async (query = "", headers: Record<string, string> = {}, method = "GET") => {
    const url = `${server.origin}/calls/CA1/recording?token=${token}${query}`;
    const response = await fetch(url, { method, headers });
    await response.body?.cancel();
    return response.status;
  };
  const { etag } = Object.fromEntries((await call.ask("/recording", {}, "HEAD")).headers);
  for (
    const [status, query, headers, method] of [
      [200, "", {}, "HEAD"],
      [200, "&format=flac", {}, "HEAD"],
      [412, "", { "If-Match": '"another"' }],
      [412, "&format=flac", { "If-Match": '"another"' }],
      [416, "", { Range: "bytes=99999999-" }],
      [304, "", { "If-None-Match": etag }],
      [400, "&channels=2&track=user", {}],
      [400, "&from=7&to=3", {}],
    ] as [number, string, Record<string, string>, string?][]
  ) {
    assert.equal(await ask(query, headers, method), status, `${query} ${JSON.stringify(headers)}`);
  }
  assert.equal(await ask(), 200);
  assert.equal(await ask(), 401);
});

Deno.test("a single-use token is not used up where there are too many downloads", async () => {
  await using call = await recordedCall(4_000_000, { env: { EARSHOT_MAX_DOWNLOADS_PER_ORG: "1" } });
  const token = await singleUse(call.server);
  const slow = await call.ask("/recording");
  const url = `${call.server.origin}/calls/CA1/recording?token=${token}`;
  const refused = await fetch(url);
  assert.equal(refused.status, 429);
  await refused.body?.cancel();
  await slow.body?.cancel();
  let status = 429;
  // The download is over with the next piece that cannot be sent.
  while (status === 429) {
    const response = await fetch(url);
    status = response.status;
    await response.body?.cancel();
  }
  assert.equal(status, 200);
});

Deno.test("two requests with a single-use token at once get the sound once", async () => {
  await using call = await recordedCall(16_000);
  const token = await singleUse(call.server);
  const statuses = await Promise.all(Array.from({ length: 8 }, async (_, index) => {
    const format = index % 2 === 0 ? "&format=flac" : "";
    const url = `${call.server.origin}/calls/CA1/recording?token=${token}${format}`;
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  }));
  assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
  assert.equal(statuses.filter((status) => status === 401).length, 7, String(statuses));
});
