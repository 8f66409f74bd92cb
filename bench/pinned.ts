/**
 * A command that runs on one core alone.
 *
 * @throws when there is no such core, or no program to choose it with
 */
export function pinned(
  core: number,
  program: string,
  args: string[],
  options: Omit<Deno.CommandOptions, "args">,
): Deno.ChildProcess {
  if (core >= navigator.hardwareConcurrency) {
    throw new Error(`Cannot measure: there is no core ${core}; two cores are needed`);
  }
  try {
    const words = ["-c", String(core), program, ...args];
    return new Deno.Command("taskset", { args: words, ...options }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      "Cannot measure: there is no taskset; install one with apt-get install util-linux",
    );
  }
}
