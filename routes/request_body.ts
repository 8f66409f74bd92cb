import type { Context } from "hono";
import { type Clock, settlesWithin } from "../mixer/clock.ts";
import { ApiError } from "./api_error.ts";

/** Longest body of a request: the longest metadata, with every character escaped, has 440 KB. */
const MAX_BODY_BYTES = 512 * 1024;
/** How deep its JSON may nest. */
const MAX_DEPTH = 64;
/** How long nothing of it may come, ms. */
const MAX_STALL_MS = 15_000;

/**
 * Reads a request's body whole, counting its bytes as they come: its length is told in HTTP/1.1 alone,
 * and not always there. The handlers then read it as usual.
 *
 * @throws {ApiError} 400 when it nests too deep, 408 when it stalls, 413 when it is too long
 */
export async function readBody(c: Context, clock: Clock): Promise<void> {
  const { method, body, url } = c.req.raw;
  if (body === null || method === "GET" || method === "HEAD") return;
  if (Number(c.req.header("content-length") ?? 0) > MAX_BODY_BYTES) throw tooBig();
  const bytes = await read(body, clock);
  if (nestsDeeper(bytes, MAX_DEPTH)) {
    throw new ApiError(400, "bad_request", `A request body takes JSON nested ${MAX_DEPTH} deep`);
  }
  const { headers } = c.req.raw;
  c.req.raw = new Request(url, { method, headers, ...(bytes.length > 0 && { body: bytes }) });
}

async function read(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const reading = reader.read();
    if (!await settlesWithin(clock, MAX_STALL_MS, reading)) {
      giveUp(reader);
      throw new ApiError(408, "body_stalled", `Nothing came for ${MAX_STALL_MS / 1000} s`);
    }
    const { done, value } = await reading;
    if (done) break;
    length += value.length;
    if (length > MAX_BODY_BYTES) {
      giveUp(reader);
      throw tooBig();
    }
    pieces.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Whoever sends on is not waited for. */
function giveUp(reader: ReadableStreamDefaultReader): void {
  reader.cancel().catch(() => {});
}

function tooBig(): ApiError {
  const message = `A request body takes at most ${MAX_BODY_BYTES} bytes; send less metadata`;
  return new ApiError(413, "too_big", message);
}

/** Whether JSON has more than `most` arrays and objects in one another. */
function nestsDeeper(json: Uint8Array, most: number): boolean {
  const [quote, backslash, array, object, arrayEnd, objectEnd] = new TextEncoder().encode(
    '"\\[{]}',
  );
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json[at];
    if (code === quote) isText = !isText;
    else if (isText) at += code === backslash ? 1 : 0;
    else if (code === arrayEnd || code === objectEnd) depth--;
    else if ((code === array || code === object) && ++depth > most) return true;
  }
  return false;
}
