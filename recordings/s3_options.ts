import type { Clock } from "../mixer/clock.ts";
import type { S3Access } from "./s3_request.ts";

/** Where an `S3Store` keeps recordings, and how. */
export interface S3StoreOptions {
  readonly access: S3Access;
  /** What all keys begin with, without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly clock: Clock;
  /** A folder of this process alone for what is not in S3 yet; `null` for memory. */
  readonly spoolFolder: string | null;
  /** Most bytes of samples in the spool. */
  readonly spoolBytes: number;
  /** Uploads at the same time. @default {4} */
  readonly concurrency?: number;
  /** Bytes of a part; S3 takes no fewer than 5 MiB. @default {5_242_880} */
  readonly partBytes?: number;
  /** What a lost instance may cost of a recording, seconds. @default {60} */
  readonly checkpointSeconds?: number;
  /** How long a recording may be silent before another process finishes it, ms. @default {900_000} */
  readonly leaseMs?: number;
  /** Something an operator should know. Must not throw. */
  readonly onWarning?: (message: string) => void;
  /** Something an operator may like to know. Must not throw. */
  readonly onNotice?: (message: string) => void;
}

/** The options with their defaults. */
export function resolveS3Options(options: S3StoreOptions): Required<S3StoreOptions> {
  return {
    concurrency: 4,
    partBytes: 5 * 1024 * 1024,
    checkpointSeconds: 60,
    leaseMs: 15 * 60_000,
    onWarning: () => {},
    onNotice: () => {},
    ...options,
  };
}
