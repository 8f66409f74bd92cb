import type { Clock } from "../mixer/clock.ts";
import { S3Error } from "./s3_error.ts";
import { type S3Access, type S3Answer, S3Sender } from "./s3_request.ts";

/** An object of a listing. */
export interface ListedObject {
  readonly key: string;
  /** How long ago it was written, ms, by S3's own clock. */
  readonly ageMs: number;
}

/** Tries of what a person waits for. */
const TRIES = 3;
/** For 1 MiB, which is what a reader is given at a time; 5 MiB when a recording is recovered. */
const READ_TIMEOUT_MS = 30_000;
/** For a part of 5 MiB: some 90 kB/s must come through. */
const PART_TIMEOUT_MS = 60_000;

/** The objects of one bucket: the few calls of S3 that recordings need, which every server has. */
export class S3Bucket {
  readonly #sender: S3Sender;

  constructor(access: S3Access, clock: Clock) {
    this.#sender = new S3Sender(access, clock);
  }

  /** Ends every call, those to come included. */
  close(): void {
    this.#sender.close();
  }

  /**
   * The bytes from `start` up to `end` (exclusive) of an object, fewer where it ends, or `null` when
   * there is no such object.
   *
   * @throws {S3Error}
   */
  async get(
    key: string,
    start = 0,
    end?: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    if (end !== undefined && end <= start) return new Uint8Array(0);
    const isWhole = start === 0 && end === undefined;
    const range = `bytes=${start}-${end === undefined ? "" : end - 1}`;
    const action = "read an object";
    const answer = await this.#sender.send({
      method: "GET",
      action,
      key,
      tries: TRIES,
      timeoutMs: READ_TIMEOUT_MS,
      ...(!isWhole && { headers: { range } }),
      ...(signal !== undefined && { signal }),
    });
    if (answer.status === 404) return null;
    if (answer.status === 416) return new Uint8Array(0);
    if (answer.status !== (isWhole ? 200 : 206)) throw unproven(answer, action);
    return withETag(answer, action).bytes;
  }

  /** How many bytes an object has and how old it is, or `null` when there is none. @throws {S3Error} */
  async stat(key: string): Promise<{ bytes: number; ageMs: number } | null> {
    const action = "look for an object";
    const answer = await this.#sender.send({ method: "HEAD", action, key, tries: TRIES });
    if (answer.status === 404) return null;
    const { headers } = withETag(answer, action);
    const modified = headers.get("last-modified") ?? "";
    return { bytes: Number(headers.get("content-length")), ageMs: ageMs(headers, modified) };
  }

  /** Writes an object, in place of one that is there. @throws {S3Error} */
  async put(key: string, body: Uint8Array<ArrayBuffer>, contentType: string): Promise<void> {
    const action = "write an object";
    const answer = await this.#sender.send({
      method: "PUT",
      action,
      key,
      body,
      headers: { "content-type": contentType },
      timeoutMs: PART_TIMEOUT_MS,
    });
    withETag(mustBeThere(answer, action), action);
  }

  /** Removes an object; that there is none is fine. @throws {S3Error} */
  async delete(key: string): Promise<void> {
    const action = "delete an object";
    const answer = await this.#sender.send({ method: "DELETE", action, key });
    if (answer.status === 404 || answer.bytes.length === 0) return;
    throw unproven(answer, action);
  }

  /** All objects whose key begins with `prefix`, in the order of their keys, by pages. @throws {S3Error} */
  async *list(prefix: string): AsyncGenerator<ListedObject[]> {
    let token: string | undefined;
    do {
      const action = "list objects";
      const answer = await this.#sender.send({
        method: "GET",
        action,
        key: "",
        query: {
          "list-type": "2",
          prefix,
          ...(token !== undefined && { "continuation-token": token }),
        },
        tries: TRIES,
      });
      const text = textOf(mustBeThere(answer, action));
      if (!text.includes("<ListBucketResult")) throw unproven(answer, action);
      yield Array.from(text.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, entry]) => ({
        key: element(entry, "Key") ?? "",
        ageMs: ageMs(answer.headers, element(entry, "LastModified") ?? ""),
      }));
      token = element(text, "NextContinuationToken");
    } while (token !== undefined);
  }

  /** Begins an upload in parts and answers its id. @throws {S3Error} */
  async createUpload(key: string, contentType: string): Promise<string> {
    const action = "begin an upload";
    const answer = await this.#sender.send({
      method: "POST",
      action,
      key,
      query: { uploads: "" },
      headers: { "content-type": contentType },
    });
    const uploadId = element(textOf(mustBeThere(answer, action)), "UploadId");
    if (uploadId === undefined) throw unproven(answer, action);
    return uploadId;
  }

  /** Uploads a part, which may be done again, and answers its ETag. @throws {S3Error} */
  async putPart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    const action = "upload a part";
    const answer = await this.#sender.send({
      method: "PUT",
      action,
      key,
      query: { partNumber: String(partNumber), uploadId },
      body,
      timeoutMs: PART_TIMEOUT_MS,
    });
    return withETag(mustBeThere(answer, action), action).headers.get("etag")!;
  }

  /** Makes an object of the parts, whose ETags are given in their order. @throws {S3Error} */
  async completeUpload(key: string, uploadId: string, etags: readonly string[]): Promise<void> {
    const action = "complete an upload";
    const parts = etags.map((etag, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`
    );
    const xml = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const answer = await this.#sender.send({
      method: "POST",
      action,
      key,
      query: { uploadId },
      headers: { "content-type": "application/xml" },
      body: new TextEncoder().encode(xml),
      timeoutMs: PART_TIMEOUT_MS,
    });
    // S3 may send its 200 before it knows, and an error behind it.
    const text = textOf(mustBeThere(answer, action));
    if (text.includes("<Error>")) throw S3Error.of(action, answer.status, text);
    if (!text.includes("<CompleteMultipartUploadResult")) throw unproven(answer, action);
  }

  /** Drops the parts of an upload; that there is none, or no such call, is fine. @throws {S3Error} */
  async abortUpload(key: string, uploadId: string): Promise<void> {
    try {
      const query = { uploadId };
      await this.#sender.send({ method: "DELETE", action: "drop an upload", key, query });
    } catch (error) {
      if (!(error instanceof S3Error) || error.problem !== "invalid") throw error;
    }
  }

  /** A URL under which anyone can download an object for a while, as a file of this name. */
  downloadUrl(key: string, fileName: string, expiresSeconds: number): Promise<string> {
    // Without a blank: signers and servers disagree on how one is written in a query.
    const disposition = `attachment;filename="${fileName.replace(/[^A-Za-z0-9._-]/g, "_")}"`;
    const query = { "response-content-disposition": disposition };
    return this.#sender.signedUrl(key, query, expiresSeconds);
  }
}

/**
 * What looks like success and is none: whatever stands in front of S3 may answer in its place. Taken for
 * success it would cost the recording, whose copy here is removed then.
 */
function unproven({ status }: S3Answer, action: string): S3Error {
  return new S3Error("away", action, "an answer that is not S3's", status);
}

/** S3 names what it has and what it took by an ETag. */
function withETag(answer: S3Answer, action: string): S3Answer {
  if (answer.headers.get("etag") === null) throw unproven(answer, action);
  return answer;
}

function mustBeThere(answer: S3Answer, action: string): S3Answer {
  if (answer.status < 300) return answer;
  throw S3Error.of(action, answer.status, textOf(answer));
}

function textOf(answer: S3Answer): string {
  return new TextDecoder().decode(answer.bytes);
}

/** The text of an element. Keys of ours have nothing escaped in them; those of others are skipped. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** From S3's own two times, so that this machine's clock does not matter. */
function ageMs(headers: Headers, modified: string): number {
  const age = Date.parse(headers.get("date") ?? "") - Date.parse(modified);
  return Number.isNaN(age) ? 0 : Math.max(0, age);
}
