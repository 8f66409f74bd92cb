/**
 * Makes the npm package of `client`: `deno task pack [folder]` writes `earshot-<version>.tgz` into
 * the folder, `data` if none is given, and prints its path. Needs the program tar.
 */
import ts from "typescript";

const VERSION = "0.1.0";
const CLIENT = new URL("../client/", import.meta.url);

const options: ts.TranspileOptions = {
  compilerOptions: {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    strict: true,
    declaration: true,
  },
  reportDiagnostics: true,
};

/** What is published, in the words of npm. */
const MANIFEST = {
  name: "earshot",
  version: VERSION,
  description: "Publish calls to an Earshot server, and hear them",
  type: "module",
  license: "MIT",
  engines: { node: ">=20" },
  exports: {
    ".": { types: "./mod.d.ts", default: "./mod.js" },
    "./openai": { types: "./openai.d.ts", default: "./openai.js" },
  },
  bin: { earshot: "./cli.js" },
};

/** JavaScript or declarations that import their neighbours as they are called in the package. */
function compile(text: string, file: string, transpile: typeof ts.transpileModule): string {
  const { outputText, diagnostics = [] } = transpile(text, { ...options, fileName: file });
  if (diagnostics.length > 0) {
    const messages = diagnostics.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, "\n")
    );
    throw new Error(`Cannot pack ${file}: ${messages.join("; ")}`);
  }
  return outputText.replaceAll(/((?:from|import)[ (]"\.\/[\w]+)\.ts"/g, '$1.js"');
}

/** Writes the package and answers the path of its tarball. */
export async function pack(folder: string): Promise<string> {
  const work = await Deno.makeTempDir();
  try {
    const into = `${work}/package`;
    await Deno.mkdir(into);
    for await (const { name } of Deno.readDir(CLIENT)) {
      if (!name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(name, CLIENT));
      const base = `${into}/${name.slice(0, -3)}`;
      await Deno.writeTextFile(`${base}.js`, compile(text, name, ts.transpileModule));
      await Deno.writeTextFile(`${base}.d.ts`, compile(text, name, ts.transpileDeclaration));
    }
    await Deno.writeTextFile(`${into}/package.json`, JSON.stringify(MANIFEST, null, 2) + "\n");
    await Deno.copyFile(new URL("../LICENSE", import.meta.url), `${into}/LICENSE`);
    await Deno.mkdir(folder, { recursive: true });
    const tarball = `${folder}/earshot-${VERSION}.tgz`;
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-czf", tarball, "-C", work, "package"],
    }).output();
    if (!success) throw new Error(`Cannot pack: ${new TextDecoder().decode(stderr)}`);
    return tarball;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) console.log(await pack(Deno.args[0] ?? "data"));
