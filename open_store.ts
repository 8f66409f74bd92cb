import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./mixer/clock.ts";
import { FileStore } from "./recordings/file.ts";
import { MemoryStore } from "./recordings/memory.ts";
import { S3Store } from "./recordings/s3_store.ts";
import type { RecordingRef, RecordingStore } from "./recordings/store.ts";

/** What a store of recordings is given beside its configuration. */
export interface OpenStoreOptions {
  clock: Clock;
  log: Log;
  /** Is told which recording was pushed out of a full memory. */
  onEvict(ref: RecordingRef): void;
}

const MB = 1024 * 1024;
/** What may wait for S3 where nothing else is said, MB. */
const SPOOL_MB = { file: 4096, memory: 256 };

/** The store of recordings that the configuration asks for. */
export async function openStore(
  config: Config,
  { clock, log, onEvict }: OpenStoreOptions,
): Promise<RecordingStore> {
  const { recordings, recordingsMemoryMb } = config;
  const onWarning = (message: string) => log.warn(message);
  if (recordings.kind === "memory") {
    return new MemoryStore({ limitBytes: recordingsMemoryMb * MB, onEvict });
  }
  if (recordings.kind === "file") return await FileStore.open(recordings.folder, { onWarning });
  const { s3, state, spoolMb = SPOOL_MB[state.kind], uploads } = config;
  if (s3 === undefined) throw new TypeError("Cannot open recordings: S3 has no credentials");
  return await S3Store.open({
    access: {
      ...s3,
      bucket: recordings.bucket,
      secretAccessKey: s3.secretAccessKey.reveal(),
      sessionToken: s3.sessionToken?.reveal(),
    },
    prefix: recordings.prefix,
    clock,
    spoolFolder: state.kind === "file" ? `${state.folder}/spool` : null,
    spoolBytes: spoolMb * MB,
    concurrency: uploads,
    onWarning,
    onNotice: (message) => log.info(message),
  });
}
