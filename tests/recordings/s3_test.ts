import type { S3Store } from "../../recordings/s3_store.ts";
import type { RecordingStore } from "../../recordings/store.ts";
import { S3Bench, settled } from "./s3_support.ts";
import { testStoreContract } from "./store_contract.ts";

testStoreContract("S3Store with a spool in a folder", async (test) => {
  await using bench = await S3Bench.start();
  await test(await bench.open());
});

testStoreContract("S3Store with a spool in memory", async (test) => {
  await using bench = await S3Bench.start();
  await test(await bench.open({ spoolFolder: null }));
});

testStoreContract("S3Store whose recordings are in S3", async (test) => {
  await using bench = await S3Bench.start();
  await test(withoutSpool(await bench.open()));
});

/** The same store, but that the end of a recording waits until it has left the spool. */
function withoutSpool(store: S3Store): RecordingStore {
  return {
    async create(info) {
      const writer = await store.create(info);
      let hasEnded = false;
      return {
        append: (pcm, peaks) => writer.append(pcm, peaks),
        skip: (samples) => writer.skip(samples),
        update: (info) => writer.update(info),
        async finish(info) {
          await writer.finish(info);
          if (!hasEnded) await settled(store, info);
          hasEnded = true;
        },
      };
    },
    open: (ref) => store.open(ref),
    describe: (ref) => store.describe(ref),
    names: () => store.names(),
    delete: (ref) => store.delete(ref),
  };
}
