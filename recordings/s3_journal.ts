import { z } from "zod";

/**
 * How far the upload of an unfinished recording is, kept beside it: all that another process needs to
 * finish what this one could not. Nothing else of S3 has to be listed for it.
 */
export interface UploadJournal {
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /** Of the upload in parts, once there is one: when the head is a whole part. */
  uploadId?: string;
  /** ETags of the parts that are uploaded, from part 2 on. Part 1 comes last: it says the length. */
  etags: string[];
  /** Whether the tail goes on where the parts end. */
  hasTail: boolean;
}

const journal = z.object({
  partBytes: z.number().int().min(1),
  uploadId: z.string().exactOptional(),
  etags: z.array(z.string()),
  hasTail: z.boolean(),
});

/** A journal as it is kept. */
export function encodeJournal(value: UploadJournal): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** What a journal says, or `null` when it is none. */
export function parseJournal(bytes: Uint8Array): UploadJournal | null {
  try {
    return journal.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
