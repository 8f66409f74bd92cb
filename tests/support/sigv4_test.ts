import assert from "node:assert/strict";
import { isSigned } from "./sigv4.ts";

// The examples of the Amazon S3 API Reference.
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const HOST = "examplebucket.s3.amazonaws.com";

Deno.test("isSigned() takes Amazon's example of a signed header, and no other", () => {
  const request = {
    method: "GET",
    url: "/test.txt",
    headers: {
      host: HOST,
      range: "bytes=0-9",
      "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-amz-date": "20130524T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},` +
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," +
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
  };
  assert.ok(isSigned(request, SECRET));
  assert.ok(!isSigned(request, "another"));
  assert.ok(!isSigned({ ...request, url: "/test2.txt" }, SECRET));
  assert.ok(!isSigned({ ...request, method: "PUT" }, SECRET));
});

Deno.test("isSigned() takes Amazon's example of a signed URL, and no other", () => {
  const url = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
    `&X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}&X-Amz-Date=20130524T000000Z` +
    "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  const request = { method: "GET", url, headers: { host: HOST } };
  assert.ok(isSigned(request, SECRET));
  assert.ok(!isSigned({ ...request, url: url.replace("86400", "86401") }, SECRET));
});
