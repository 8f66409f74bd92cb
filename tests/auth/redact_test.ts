import assert from "node:assert/strict";
import fc from "fast-check";
import { redactUrl } from "../../auth/redact.ts";
import { growth } from "../support/growth.ts";

Deno.test("redactUrl() hides the values of parameters that are credentials", () => {
  const cases = [
    ["/live/CA1/ws?token=abc", "/live/CA1/ws?token=…"],
    ["/live/CA1/ws?channels=2&token=abc&track=user", "/live/CA1/ws?channels=2&token=…&track=user"],
    ["https://a.example/x?api_key=abc#top", "https://a.example/x?api_key=…#top"],
    ["/x?key=a&access_token=b&signature=c&from=7", "/x?key=…&access_token=…&signature=…&from=7"],
    [
      "/x?X-Amz-Signature=a&X-API-Key=b&sig=c&client_secret=d",
      "/x?X-Amz-Signature=…&X-API-Key=…&sig=…&client_secret=…",
    ],
    ["/x?TOKEN=abc&Token=def", "/x?TOKEN=…&Token=…"],
    ["/x#access_token=abc&state=1", "/x#access_token=…&state=1"],
    ["token=abc&from=1", "token=…&from=1"],
    ["/x?token=", "/x?token="],
    ["/x?token", "/x?token"],
    ["/x?token=a=b?c;d", "/x?token=…"],
    ["/x?token=a?key=b&from=1", "/x?token=…&from=1"],
    ["/calls?metadata.from=%2B49123&limit=1", "/calls?metadata.from=…&limit=1"],
    ["wss://user:pass@a.example/x?token=abc", "wss://…@a.example/x?token=…"],
    ["https://user@a.example", "https://…@a.example"],
    ["https://us@er:p@ss@a.example/", "https://…@a.example/"],
  ];
  for (const [url, redacted] of cases) assert.equal(redactUrl(url), redacted);
});

Deno.test("redactUrl() leaves alone what is no secret", () => {
  for (
    const url of [
      "",
      "/",
      "/calls?state=active&limit=10&before=CA1",
      "https://a.example:8000/live/CA1/player?track=user",
      "/live/token/ws?from=-5",
      "/mail/a@b.example?to=c@d.example",
    ]
  ) assert.equal(redactUrl(url), url);
});

Deno.test("redactUrl() sees through escapes and through URLs within URLs", () => {
  for (
    const url of [
      "/x?%74oken=hunter2",
      "/x?t%6Fk%65n=hunter2",
      "/x?%zz%74oken=hunter2",
      "/x?next=/y?token=hunter2",
      "/x?next=%2Fy%3Ftoken%3Dhunter2",
      "/x?next=%2Fy%3fa%3d1%26token%3dhunter2",
      "/x?a;token=hunter2",
      "/x??token=hunter2",
      "/x?&&token=hunter2",
      "/x?my+token=hunter2",
      "/x?token[]=hunter2",
      "https:\\\\user:hunter2@a.example/",
    ]
  ) assert(!redactUrl(url).includes("hunter2"), redactUrl(url));
});

Deno.test("redactUrl() never throws and never shows what a server would read as token", () => {
  const piece = fc.constantFrom(
    "?",
    "&",
    "#",
    "=",
    ";",
    "%",
    "%3F",
    "%26",
    "%74oken",
    "token",
    "//",
    "@",
    ":",
    "x",
    "+",
    "\ud800",
  );
  const property = fc.property(
    fc.array(piece, { maxLength: 20 }),
    fc.array(piece, { maxLength: 6 }),
    (before, after) => {
      const url = `/x${before.join("")}&token=hunter2${after.join("")}`;
      const redacted = redactUrl(url);
      const query = url.slice(url.indexOf("?") + 1).split("#")[0];
      const credential = url.includes("?") ? new URLSearchParams(query).get("token") : null;
      if (credential?.startsWith("hunter2")) {
        assert(
          !redacted.includes("hunter2"),
          `${url} -> ${redacted}`,
        );
      }
    },
  );
  fc.assert(property, { seed: 20_260_101, numRuns: 5000 });
});

Deno.test("redactUrl() cuts what is too long and reads what is hostile in linear time", () => {
  assert.equal(redactUrl(`/${"a".repeat(8191)}`).length, 8192);
  assert.equal(redactUrl(`/${"a".repeat(8192)}`), `/${"a".repeat(8191)}…`);
  assert(!redactUrl(`/?token=${"hunter2".repeat(10_000)}`).includes("hunter2"));
  for (const part of ["?", "?a", "%3F", "&token=", "//", "@", "%", "//a@"]) {
    const [half, whole] = [500_000, 1_000_000].map((length) => part.repeat(length / part.length));
    const ratio = growth(() => redactUrl(half), () => redactUrl(whole), 3.2);
    assert(ratio <= 3.2, `${part}: twice the length takes ${ratio} times as long`);
  }
});
