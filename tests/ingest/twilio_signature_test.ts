import assert from "node:assert/strict";
import { verifyTwilioSignature } from "../../ingest/twilio_signature.ts";
import { run, testWith } from "../support/programs.ts";

const authToken = "0123456789abcdef0123456789abcdef";
const url = "wss://voice.example.com/ingest/twilio";

const SIGN = `
import base64, hashlib, hmac, sys
mac = hmac.new(sys.argv[1].encode(), sys.argv[2].encode(), hashlib.sha1)
print(base64.b64encode(mac.digest()).decode(), end="")
`;

async function sign(text: string, key = authToken): Promise<string> {
  return new TextDecoder().decode(await run("python3", ["-c", SIGN, key, text]));
}

Deno.test("verifyTwilioSignature() agrees with the example Twilio publishes for its libraries", () => {
  const example = {
    authToken: "12345",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    params: {
      To: "+18005551212",
      Digits: "1234",
      CallSid: "CA1234567890ABCDE",
      From: "+14158675309",
      Caller: "+14158675309",
    },
    signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
  };
  assert.equal(verifyTwilioSignature(example), true);
  assert.equal(
    verifyTwilioSignature({ ...example, params: { ...example.params, Digits: "1235" } }),
    false,
  );
});

testWith(
  ["python3"],
  "verifyTwilioSignature() accepts what Python signed for this URL",
  async () => {
    const urls = [url, `${url}?a=1&b=%20x`, "wss://voice.example.com", "wss://[::1]:8443/x/?q#f"];
    for (const url of urls) {
      assert.equal(
        verifyTwilioSignature({ authToken, url, signature: await sign(url) }),
        true,
        url,
      );
    }
  },
);

testWith(
  ["python3"],
  "verifyTwilioSignature() accepts a last slash and the port, there or not",
  async () => {
    const spellings = [
      "wss://voice.example.com/ingest/twilio",
      "wss://voice.example.com/ingest/twilio/",
      "wss://voice.example.com:443/ingest/twilio",
      "wss://voice.example.com:443/ingest/twilio/",
    ];
    for (const signed of spellings) {
      const signature = await sign(signed);
      for (const url of spellings) {
        assert.equal(
          verifyTwilioSignature({ authToken, url, signature }),
          true,
          `${signed} ${url}`,
        );
      }
    }
  },
);

testWith(["python3"], "verifyTwilioSignature() refuses another URL, key or header", async () => {
  const signature = await sign(url);
  const refuses = (input: Partial<Parameters<typeof verifyTwilioSignature>[0]>) =>
    assert.equal(verifyTwilioSignature({ authToken, url, signature, ...input }), false);
  for (
    const other of [
      "https://voice.example.com/ingest/twilio",
      "wss://voice.example.org/ingest/twilio",
      "wss://voice.example.com:8443/ingest/twilio",
      "wss://voice.example.com/ingest/twilio//",
      "wss://voice.example.com/ingest/twilio?a=1",
      "wss://voice.example.com/ingest/pcm",
      "",
    ]
  ) refuses({ url: other });
  refuses({ authToken: authToken.replace("0", "1") });
  refuses({ params: { a: "1" } });
  for (
    const other of [null, "", signature.slice(0, -1), `${signature}=`, signature.toLowerCase()]
  ) {
    refuses({ signature: other });
  }
  refuses({ signature: "é".repeat(14) });
});

testWith(["python3"], "verifyTwilioSignature() verifies nothing with an empty token", async () => {
  const signature = await sign(url, "");
  assert.equal(verifyTwilioSignature({ authToken: "", url, signature }), false);
});
