import { run } from "./programs.ts";

/** A file system of its own with little room. */
export interface SmallDisk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  /** Fills it so that `leftBytes` are free, a multiple of 4096, or frees what filled it. */
  fill(leftBytes: number): Promise<void>;
  free(): Promise<void>;
}

/**
 * Mounts a file system of `bytes`, or answers what is missing for that: only root may mount, and not
 * in every container.
 */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | string> {
  if (Deno.build.os !== "linux") return "needs Linux, for a small file system of its own";
  const path = await Deno.makeTempDir({ prefix: "small-disk-" });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]);
  } catch {
    await Deno.remove(path);
    return "needs the right to mount a small file system: run it as root";
  }
  const ballast = `${path}/ballast`;
  return {
    path,
    async fill(leftBytes) {
      using file = await Deno.open(ballast, { write: true, create: true, truncate: true });
      const page = new Uint8Array(4096);
      let filled = 0;
      try {
        for (;; filled += page.length) await file.write(page);
      } catch {
        // It is full to the last page.
      }
      await file.truncate(Math.max(0, filled - leftBytes));
    },
    free: () => Deno.remove(ballast),
    async [Symbol.asyncDispose]() {
      await run("umount", ["--lazy", path]);
      await Deno.remove(path);
    },
  };
}
