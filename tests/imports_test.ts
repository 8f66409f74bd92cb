import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/**
 * Which part may import which. A part is a folder, or a file at the top level. Packages are free, but
 * for the mixer, which is arithmetic and nothing else.
 */
const MAY_IMPORT: Record<string, string[]> = {
  "mixer": [],
  "ingest": ["mixer"],
  "recordings": ["mixer"],
  "archive": ["mixer", "recordings"],
  "calls": ["mixer", "recordings", "archive"],
  "events": ["mixer", "recordings", "calls"],
  "config": [],
  "config.ts": ["config"],
  "auth": ["config.ts"],
  "log.ts": ["auth"],
  "http_server.ts": ["mixer"],
  "webhooks": ["mixer", "events"],
  "routes": [
    "mixer",
    "ingest",
    "recordings",
    "archive",
    "calls",
    "events",
    "sessions",
    "auth",
    "config.ts",
    "log.ts",
  ],
  "sessions": ["mixer", "ingest", "calls", "events", "log.ts"],
  "call_log.ts": ["calls", "log.ts"],
  "metrics.ts": ["archive", "calls", "events", "recordings", "routes", "sessions"],
  "open_store.ts": ["mixer", "recordings", "config.ts", "log.ts"],
  "demo": ["mixer", "client"],
  "banner.ts": ["config.ts"],
  "client": [],
  "examples": ["client"],
  "static": [],
};

/** These build and use all the others. */
const MAY_IMPORT_ALL = ["main.ts", "server.ts", "scripts", "tests", "bench"];

interface Import {
  file: string;
  from: string;
  typeOnly: boolean;
}

/** Files by the ends of their names, relative to the root. */
async function* sources(ends = [".ts"], folder = ROOT): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".") || ["node_modules", "coverage", "data"].includes(entry.name)) {
      continue;
    }
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* sources(ends, url);
    else if (ends.some((end) => entry.name.endsWith(end))) yield pathOf(url);
  }
}

async function importsOf(file: string): Promise<Import[]> {
  const text = await Deno.readTextFile(new URL(file, ROOT));
  const pattern = /^(?:import|export)\s+(type\s)?[^;"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm;
  return Array.from(text.matchAll(pattern), ([, type, named, bare]) => ({
    file,
    from: named ?? bare,
    typeOnly: type !== undefined,
  }));
}

/** A file as seen from the root. */
function pathOf(url: URL): string {
  return url.pathname.slice(ROOT.pathname.length);
}

/** What one module takes of another one; `*` for all of it. */
interface Use {
  from: string;
  name: string;
}

/** Everything a module of ours takes of others of ours: by import, export, import() and JSDoc. */
function usesOf(file: string, text: string): Use[] {
  const uses: Use[] = [];
  const use = (from: string, names: string[]) => {
    const target = pathOf(new URL(from, new URL(file, ROOT)));
    for (const name of names) uses.push({ from: target, name });
  };
  const statement = /^(?:import|export)\s+(?:type\s+)?(\*[^"]*?|\{[^}]*\})\s*from\s+"(\.[^"]+)"/gm;
  for (const [, names, from] of text.matchAll(statement)) use(from, namesIn(names));
  for (const [, from] of text.matchAll(/^import\s+"(\.[^"]+)"/gm)) use(from, ["*"]);
  for (const [, from, name = "*"] of text.matchAll(/\bimport\(\s*"(\.[^"]+)"\s*\)(?:\.(\w+))?/g)) {
    use(from, [name]);
  }
  return uses;
}

/** The names in the braces of an import or export, as the module that exports them has them. */
function namesIn(braces: string): string[] {
  if (braces.startsWith("*")) return ["*"];
  const names = braces.slice(1, -1).split(",").map((name) => name.trim());
  return names.filter((name) => name !== "").map((name) =>
    name.replace(/^type\s+/, "").replace(/\s+as\s.*$/, "")
  );
}

/** What a module exports by declaration; types apart, because they belong to what uses them. */
function exportsOf(text: string): { name: string; isType: boolean }[] {
  const declaration =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(function\*?|class|const|let|interface|type|enum)\s+(\w+)/gm;
  return Array.from(text.matchAll(declaration), ([, kind, name]) => ({
    name,
    isType: kind === "interface" || kind === "type",
  }));
}

/** All modules of ours by their path, with their text. */
async function modules(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const file of sources([".ts", ".js", ".mjs"])) {
    found.set(file, await Deno.readTextFile(new URL(file, ROOT)));
  }
  return found;
}

function partOf(path: string): string {
  return path.split("/")[0];
}

Deno.test("Every part imports only the parts it may", async () => {
  const wrong: string[] = [];
  let count = 0;
  for await (const file of sources()) {
    const part = partOf(file);
    if (MAY_IMPORT_ALL.includes(part)) continue;
    const allowed = MAY_IMPORT[part];
    assert.ok(allowed !== undefined, `${file} is in a part that this test does not know`);
    for (const { from } of await importsOf(file)) {
      count++;
      const isLocal = from.startsWith(".");
      const target = isLocal
        ? partOf(new URL(from, new URL(file, ROOT)).pathname.slice(ROOT.pathname.length))
        : undefined;
      const isFine = target === undefined
        ? part !== "mixer"
        : target === part || allowed.includes(target);
      if (!isFine) wrong.push(`${file} imports ${from}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 100, "the test reads the imports");
});

Deno.test("docs/architecture.md has the same table of who may import whom", async () => {
  const text = await Deno.readTextFile(new URL("docs/architecture.md", ROOT));
  const [section] = text.split("## Folders, and who may import whom")[1].split("\n## ");
  const names = (cell: string) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name);
  const rows = Array.from(section.matchAll(/^\| (`[^|]+)\|[^|]+\|([^|]+)\|$/gm));
  const documented = rows.filter(([, parts]) => names(parts).length === 1)
    .map(([, part, allowed]) => [names(part)[0], names(allowed).sort()]);
  const tested = Object.entries(MAY_IMPORT).map(([part, allowed]) => [part, [...allowed].sort()]);
  assert.deepEqual(documented.sort(), tested.sort());
});

/** The first way found that leads from a file back to itself. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const way: string[] = [];
  const follow = (file: string): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    way.push(file);
    for (const target of imports.get(file) ?? []) {
      const circle = follow(target);
      if (circle.length > 0) return circle;
    }
    way.pop();
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = follow(file);
    if (circle.length > 0) return circle;
  }
  return [];
}

Deno.test("No file imports itself by way of others, not even for a type", async () => {
  const graph = new Map<string, string[]>();
  for (const [file, text] of await modules()) {
    graph.set(file, usesOf(file, text).map(({ from }) => from));
  }
  assert.ok([...graph.values()].flat().length > 1000, "the test reads the imports");
  assert.deepEqual(findCircle(graph), []);
  const circle = new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", ["d"]], ["d", ["b"]]]);
  assert.deepEqual(findCircle(circle), ["b", "c", "d", "b"], "it would be found");
});

Deno.test("auth takes only types of the configuration", async () => {
  for await (const file of sources()) {
    if (partOf(file) !== "auth") continue;
    for (const { from, typeOnly } of await importsOf(file)) {
      if (from.endsWith("/config.ts")) assert.ok(typeOnly, `${file} imports values of ${from}`);
    }
  }
});

Deno.test("The mixer knows no platform, and audio code no time of its own", async () => {
  const wrong: string[] = [];
  for await (const file of sources()) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    if (partOf(file) === "mixer" && /\bDeno\./.test(text)) wrong.push(`${file}: Deno`);
    const isTimed = [
      "mixer",
      "archive",
      "calls",
      "recordings",
      "ingest",
      "events",
      "sessions",
      "webhooks",
    ]
      .includes(
        partOf(file),
      );
    if (!isTimed || file === "mixer/clock.ts") continue;
    if (/\bDate\.now\(|\bperformance\.now\(|(?<![.\w])set(Timeout|Interval)\(/.test(text)) {
      wrong.push(`${file}: time`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("The load generator's files include each other in no circle", async () => {
  const graph = new Map<string, string[]>();
  for await (const file of sources([".c", ".h"])) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    // A header and what implements it are one.
    const unit = file.replace(/\.[ch]$/, "");
    const included = Array.from(text.matchAll(/^#include "(\w+)\.h"/gm), ([, name]) => name);
    const units = included.map((name) => pathOf(new URL(name, new URL(file, ROOT))));
    graph.set(unit, [...graph.get(unit) ?? [], ...units.filter((other) => other !== unit)]);
  }
  assert.ok(graph.size > 5, "the test reads the files");
  assert.deepEqual(findCircle(graph), []);
});

Deno.test("Nothing is exported that only tests use, or nobody", async () => {
  const files = await modules();
  const used = new Map<string, Set<string>>();
  for (const [file, text] of files) {
    if (partOf(file) === "tests") continue;
    for (const { from, name } of usesOf(file, text)) {
      if (!used.has(from)) used.set(from, new Set());
      used.get(from)!.add(name);
    }
  }
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  // A reader of the documents writes modules, too.
  const documented = new Set<string>();
  for await (const file of sources([".md"])) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    for (const { name } of usesOf(file, text)) documented.add(name);
  }
  const forOthers = Object.values<string>(exports).map((path) => path.replace("./", ""));
  const wrong: string[] = [];
  let count = 0;
  for (const [file, text] of files) {
    // What is a program is started, by tests as well.
    if (partOf(file) === "tests" || text.includes("import.meta.main")) continue;
    const uses = used.get(file) ?? new Set();
    if (uses.has("*") || forOthers.includes(file)) continue;
    for (const { name, isType } of exportsOf(text)) {
      count++;
      const isOfAnother = isType && text.split(new RegExp(`\\b${name}\\b`)).length > 2;
      const isUsed = uses.has(name) || documented.has(name) || isOfAnother;
      if (!isUsed) wrong.push(`${file} exports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 500, `the test reads the exports, found ${count}`);
});
