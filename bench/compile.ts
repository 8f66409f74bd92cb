/**
 * Compiles the load generator.
 *
 * @param folder where the program goes
 * @returns its path
 * @throws when there is no C compiler, or it fails
 */
export async function compileGenerator(folder: string): Promise<string> {
  const sources = new URL("load/", import.meta.url).pathname;
  const files = Array.from(Deno.readDirSync(sources), ({ name }) => name)
    .filter((name) => name.endsWith(".c"))
    .map((name) => sources + name);
  const program = `${folder}/load`;
  const args = ["-O2", "-o", program, ...files, "-lm"];
  const { success, stderr } = await compile(args);
  if (success) return program;
  throw new Error(`Cannot compile the load generator: ${new TextDecoder().decode(stderr)}`);
}

async function compile(args: string[]): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command("cc", { args }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      "Cannot compile the load generator: there is no cc; install one with apt-get install gcc libc6-dev",
    );
  }
}
