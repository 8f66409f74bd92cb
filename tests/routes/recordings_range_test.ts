import assert from "node:assert/strict";
import { Hono } from "hono";
import { ApiError } from "../../routes/api_error.ts";
import {
  answerCondition,
  isRangeCurrent,
  type Validators,
} from "../../routes/recordings_conditions.ts";
import { rangeOf } from "../../routes/recordings_range.ts";
import { seededRandom } from "../support/random.ts";

Deno.test("rangeOf() takes one range of bytes, as RFC 9110 means it", () => {
  const cases: [string | undefined, ReturnType<typeof rangeOf>][] = [
    [undefined, null],
    ["", null],
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=0-99", { start: 0, end: 100 }],
    ["bytes=0-100", { start: 0, end: 100 }],
    ["bytes=90-", { start: 90, end: 100 }],
    ["BYTES= 7-8 ", { start: 7, end: 9 }],
    ["bytes=-1", { start: 99, end: 100 }],
    ["bytes=-100", { start: 0, end: 100 }],
    ["bytes=-99999999999999999999", { start: 0, end: 100 }],
    ["bytes=1-99999999999999999999", { start: 1, end: 100 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=100-200", "unsatisfiable"],
    ["bytes=99999999999999999999-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    // Several, another unit, and what is no range: the whole.
    ["bytes=0-1,5-6", null],
    ["bytes=5-6,", null],
    ["bytes=6-5", null],
    ["bytes=-", null],
    ["bytes=a-b", null],
    ["bytes=1", null],
    ["bytes 0-1", null],
    ["bytes=0x1-0x2", null],
    ["samples=0-1", null],
  ];
  for (const [header, range] of cases) assert.deepEqual(rangeOf(header, 100), range, header);
});

Deno.test("rangeOf() answers bytes that are there, whatever it is asked (seed 41)", () => {
  const random = seededRandom(41);
  const characters = "bytes=0123456789-, \t";
  for (let round = 0; round < 1000; round++) {
    const tail = Array.from(
      { length: Math.floor(random() * 12) },
      () => characters[Math.floor(random() * characters.length)],
    ).join("");
    const length = 1 + Math.floor(random() * 2000);
    const range = rangeOf(`bytes=${tail}`, length);
    if (range === null || range === "unsatisfiable") continue;
    assert.ok(0 <= range.start && range.start < range.end && range.end <= length, tail);
  }
});

const MODIFIED = "Thu, 01 Jan 2026 00:00:10 GMT";
const BEFORE = "Thu, 01 Jan 2026 00:00:09 GMT";
const AFTER = "Thu, 01 Jan 2026 00:00:11 GMT";
/** A fraction of a second that no header can tell. */
const VALIDATORS = { etag: '"a-1"', modifiedAt: Date.parse(MODIFIED) + 700 };

/** What a route that looks at the conditions answers. */
async function statusOf(headers: Record<string, string>, validators: Validators): Promise<number> {
  const app = new Hono()
    .get("/", (c) => answerCondition(c, validators, "no-store") ?? c.text("all of it"))
    .onError((error, c) => c.body(null, error instanceof ApiError ? error.status : 500));
  return (await app.request("/", { headers })).status;
}

Deno.test("answerCondition() answers 304, 412 or nothing", async () => {
  const cases: [Record<string, string>, 200 | 304 | 412][] = [
    [{}, 200],
    [{ "If-None-Match": '"a-1"' }, 304],
    [{ "If-None-Match": 'W/"a-1"' }, 304],
    [{ "If-None-Match": '"b", "a-1"' }, 304],
    [{ "If-None-Match": "*" }, 304],
    [{ "If-None-Match": '"a"' }, 200],
    [{ "If-Modified-Since": MODIFIED }, 304],
    [{ "If-Modified-Since": AFTER }, 304],
    [{ "If-Modified-Since": BEFORE }, 200],
    [{ "If-Modified-Since": "yesterday" }, 200],
    // A tag is the better witness.
    [{ "If-None-Match": '"b"', "If-Modified-Since": AFTER }, 200],
    [{ "If-Match": '"a-1"' }, 200],
    [{ "If-Match": "*" }, 200],
    [{ "If-Match": '"b"' }, 412],
    [{ "If-Match": 'W/"a-1"' }, 412],
    [{ "If-Unmodified-Since": MODIFIED }, 200],
    [{ "If-Unmodified-Since": BEFORE }, 412],
    [{ "If-Unmodified-Since": "soon" }, 200],
    [{ "If-Match": '"a-1"', "If-Unmodified-Since": BEFORE }, 200],
  ];
  for (const [headers, status] of cases) {
    assert.equal(await statusOf(headers, VALIDATORS), status, JSON.stringify(headers));
  }
  const growing = { etag: '"a-1"' };
  for (const name of ["If-Modified-Since", "If-Unmodified-Since"]) {
    assert.equal(await statusOf({ [name]: MODIFIED }, growing), 200);
  }
});

Deno.test("isRangeCurrent() wants exactly what the client has a part of", () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, true],
    ['"a-1"', true],
    ['"a-2"', false],
    ['W/"a-1"', false],
    [MODIFIED, true],
    [BEFORE, false],
    [AFTER, false],
    ["never", false],
  ];
  for (const [value, isCurrent] of cases) {
    const headers = new Headers(value === undefined ? {} : { "If-Range": value });
    assert.equal(isRangeCurrent(headers, VALIDATORS), isCurrent, value);
  }
  const growing = { etag: '"a-1"' };
  assert.equal(isRangeCurrent(new Headers({ "If-Range": MODIFIED }), growing), false);
});
