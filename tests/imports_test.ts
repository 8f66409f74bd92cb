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

async function* sources(folder = ROOT, ending = ".ts"): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".") || ["node_modules", "coverage", "data"].includes(entry.name)) {
      continue;
    }
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* sources(url, ending);
    else if (entry.name.endsWith(ending)) yield url.pathname.slice(ROOT.pathname.length);
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
  const imports = new Map<string, string[]>();
  for (const ending of [".ts", ".js", ".mjs"]) {
    for await (const file of sources(ROOT, ending)) {
      const local = (await importsOf(file)).map(({ from }) => from)
        .filter((from) => from.startsWith("."));
      const path = (from: string) => new URL(from, new URL(file, ROOT)).pathname;
      imports.set(file, local.map((from) => path(from).slice(ROOT.pathname.length)));
    }
  }
  assert.ok(imports.size > 400, `the test reads the files, found ${imports.size}`);
  assert.deepEqual(findCircle(imports), []);
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
