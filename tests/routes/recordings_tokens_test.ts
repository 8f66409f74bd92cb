import assert from "node:assert/strict";
import { ListenTokens, type TokenScope } from "../../auth/tokens.ts";
import { Secret } from "../../config.ts";
import { systemClock } from "../../mixer/clock.ts";
import { recordedCall } from "./recordings_support.ts";

const SECRET = "a-secret-that-only-this-test-knows-of";

Deno.test("A token for a call opens its recording or its outline, as its scope says", async () => {
  await using call = await recordedCall(1000, { env: { EARSHOT_TOKEN_SECRET: SECRET } });
  const tokens = new ListenTokens({ clock: systemClock, secret: new Secret(SECRET) });
  const sign = (scope: TokenScope[], callId = "CA1", singleUse = false, organisation = "acme") =>
    tokens.sign({ organisation, callId, scope, ttlSeconds: 60, singleUse });
  const status = async (path: string, token: string, method = "GET") => {
    const response = await fetch(`${call.server.origin}/calls/CA1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    await response.body?.cancel();
    return response.status;
  };
  const recording = await sign(["recording"]);
  for (const path of ["/recording", "/recording?format=flac", "/recording?track=bot", "/peaks"]) {
    assert.equal(await status(path, recording), 200, path);
    assert.equal(await status(path, recording, "HEAD"), 200, path);
  }
  const listen = await sign(["listen"]);
  assert.equal(await status("/peaks", listen), 200);
  assert.equal(await status("/recording", listen), 401);
  assert.equal(await status("/recording", recording, "DELETE"), 401);
  for (
    const token of [
      await sign(["recording"], "CA2"),
      await sign(["recording"], "CA1", false, "globex"),
      "nonsense",
    ]
  ) {
    for (const path of ["/recording", "/peaks"]) assert.equal(await status(path, token), 401);
  }
  // Who may not ask is not told what is wrong with the question either.
  assert.equal(await status("/recording?format=nonsense", "nonsense"), 401);
  const once = await sign(["recording", "listen"], "CA1", true);
  assert.equal(await status("/peaks", once), 200);
  assert.equal(await status("/recording", once, "HEAD"), 200);
  assert.equal(await status("/recording?from=2&to=1", once), 400);
  assert.equal(await status("/recording", once), 200);
  assert.equal(await status("/recording", once), 401);
});
