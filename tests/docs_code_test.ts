/**
 * The code that documents show does what it says: every block of it is checked by the program it is
 * written for, and run where there is something to run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { loadConfig } from "../config.ts";
import { type Block, blocksOf, documents, readDocument, ROOT } from "./support/documents.ts";
import { testInstalled } from "./support/installed.ts";
import { run, testWith } from "./support/programs.ts";
import { bytesOf, noise } from "./routes/sounds.ts";
import { KEY, TestServer } from "./support/test_server.ts";

const CONFIG = new URL("deno.json", ROOT).pathname;

/** What blocks are written in, and in `text` what programs print. */
const LANGUAGES = [
  "dockerfile",
  "html",
  "ini",
  "json",
  "nginx",
  "python",
  "sh",
  "text",
  "ts",
  "xml",
  "yaml",
];

/** Commands that are not run here: they take a port, a root's rights or a registry, or do not end. */
const NOT_RUN = [
  /^deno task \w+/,
  /^KEY=\$\(openssl rand -hex 24\); echo "Your key/, // tests/server_test.ts starts it so
  /^EARSHOT_API_KEYS="acme:\$KEY" .* deno task start/,
  /^deno run .* examples\/agent\.ts/, // tests/examples/agents_test.ts
  /^python3 examples\/agent\.py/,
  /^npm install ws && node listen\.mjs/, // tests/examples/listen_test.ts
  /^deno run .* client\/cli\.ts/, // tests/client/package_test.ts
  /^npx --yes --package/,
  /^pip install/, // tests/client/python_test.ts
  /^deno compile/,
  /^useradd /,
  /^install -m 0600/,
  /^docker run/,
];

/** Settings that a shell block of docs/deploy.md shows as a file for the environment. */
const ENVIRONMENT = /^(?:# .*\n|\n|[A-Z][A-Z0-9_]*=.*\n)+$/;

async function blocksIn(language: string): Promise<Block[]> {
  const all = (await documents()).flatMap(blocksOf);
  const found = all.filter((block) => block.language === language);
  assert.ok(found.length > 0, `there is code in ${language}`);
  return found;
}

/** The only block of a document that has this in it. */
async function blockWith(name: string, part: string): Promise<Block> {
  const found = blocksOf(await readDocument(name)).filter(({ code }) => code.includes(part));
  assert.equal(found.length, 1, `${name} has one block with ${part}`);
  return found[0];
}

/** Puts a file into a new folder, which goes when this is disposed of. */
async function fileOf(name: string, text: string) {
  const folder = await Deno.makeTempDir({ prefix: "documented-" });
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, text);
  const remove = () => Deno.remove(folder, { recursive: true });
  return { folder, path, [Symbol.asyncDispose]: remove };
}

/** Code for users' machines, for the server of the test instead. */
function here(code: string, server: TestServer): string {
  return code.replaceAll(
    /https:\/\/earshot\.example\.com|http:\/\/127\.0\.0\.1:8000/g,
    server.origin,
  )
    .replaceAll("ws://127.0.0.1:8000", server.ws(""))
    .replaceAll(/YOUR_KEY|an-api-key-of-acme-1/g, KEY);
}

/** What the examples leave to their reader, for the types and to be run. */
const READERS_OWN = `
import type { publishSession as publish } from "earshot/openai";
declare global {
  var session: Parameters<typeof publish>[0];
  var microphone: Int16Array<ArrayBuffer>;
  var speech: Uint8Array<ArrayBuffer>;
  function play(samples: Int16Array, sampleRate: number): void;
}
`;

/** A module that imports the client by the names of its package. */
function withClient(code: string): string {
  return code
    .replaceAll('"earshot/openai"', `"${new URL("client/openai.ts", ROOT)}"`)
    .replaceAll('"earshot"', `"${new URL("client/mod.ts", ROOT)}"`);
}

function isModuleOfOurs({ code }: Block): boolean {
  return /from "\.\.?\//.test(code);
}

Deno.test("Documents have code in languages that are checked", async () => {
  const others = (await documents()).flatMap(blocksOf)
    .filter(({ language }) => !LANGUAGES.includes(language))
    .map(({ where, language }) => `${where}: ${language || "no language"}`);
  assert.deepEqual(others, []);
});

Deno.test("TypeScript in documents has types that are right", async () => {
  // Modules for folders of ours are run as such by docs_test.ts.
  const blocks = (await blocksIn("ts")).filter((block) => !isModuleOfOurs(block));
  await using own = await fileOf("readers_own.ts", withClient(READERS_OWN));
  const paths = await Promise.all(blocks.map(async ({ code, where }) => {
    const path = `${own.folder}/${where.replaceAll(/\W/g, "_")}.ts`;
    await Deno.writeTextFile(path, `${withClient(code)}\nexport {};\nimport "./readers_own.ts";\n`);
    return path;
  }));
  assert.ok(paths.length >= 4, `${paths.length} blocks`);
  await run(Deno.execPath(), ["check", "--quiet", "--config", CONFIG, ...paths]);
});

/** Runs TypeScript of a document, with what precedes and follows it. Answers what it printed. */
async function runTypeScript(block: Block, server: TestServer, before = "", after = "") {
  const code = `${before}\n${here(withClient(block.code), server)}\n${after}`;
  await using file = await fileOf("documented.ts", code);
  const args = ["run", "--quiet", "--no-check", "--allow-all", "--config", CONFIG, file.path];
  return new TextDecoder().decode(await run(Deno.execPath(), args));
}

Deno.test("docs/clients.md publishes a call in TypeScript", async () => {
  await using server = await TestServer.start();
  const block = await blockWith("docs/clients.md", "call.user.write(microphone)");
  const before = "globalThis.microphone = new Int16Array(1600).fill(5);" +
    "globalThis.speech = new Uint8Array(800).fill(0x2a);";
  // Its events may begin after so short a call: there are others, until one has been told of.
  const after = `earshot.on("call.ended", () => Deno.exit());
    for (;;) {
      const other = earshot.call();
      await other.started;
      await other.end();
    }`;
  const printed = await runTypeScript(block, server, before, after);
  assert.match(printed, /^http\S+\/live\/[\w-]+\/player$/m);
  const { body } = await server.api<{ calls: unknown[] }>("/calls?metadata.agent=a");
  assert.equal(body.calls.length, 1);
});

/** Until a call has had a listener, and a second of sound has been heard. */
async function heardFor(server: TestServer, callId: string): Promise<void> {
  await server.until(callId, ({ listeners }) => listeners === 1);
  await server.until(callId, ({ durationSeconds }) => durationSeconds > 1.5);
}

Deno.test("docs/clients.md and README.md listen in TypeScript", async () => {
  await using server = await TestServer.start();
  const media = { live: true, recording: true };
  const own = await server.agent({ callId: "CA100", media });
  const demo = await server.agent({ callId: "demo", media });
  for (const agent of [own, demo]) agent.bot(bytesOf(noise(8000, 3)));
  const listening = runTypeScript(
    await blockWith("docs/clients.md", "for await (const heard of earshot.listen("),
    server,
    "let heard = 0; globalThis.play = (samples, rate) => heard += samples.length / 2 / rate;",
    "console.log(heard);",
  );
  const hearing = runTypeScript(await blockWith("README.md", "new WebSocket("), server);
  const [heard, printed] = await Promise.all([
    listening,
    hearing,
    heardFor(server, "CA100").then(() => own.end()),
    heardFor(server, "demo").then(() => demo.end()),
  ]);
  assert.ok(Number(heard) >= 1, "a second of sound");
  const lines = printed.trim().split("\n");
  assert.deepEqual([lines[0], lines.at(-1)], ["8000", "1000"]);
  assert.ok(lines.some((line) => line.startsWith("Int16Array(400)")), "frames of 50 ms");
});

testWith(["python3"], "Python in documents is Python, and imports what is there", async () => {
  const script = `
import ast, sys
for name in sys.argv[2:]:
    tree = compile(open(name).read(), name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module.startswith("earshot"): continue
        path = sys.argv[1] + "/" + node.module.replace(".", "/")
        try: source = open(path + ".py").read()
        except FileNotFoundError: source = open(path + "/__init__.py").read()
        names = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
        names |= {n.name for n in ast.walk(ast.parse(source)) if hasattr(n, "name")}
        for alias in node.names: assert alias.name in names, (name, alias.name)
`;
  const blocks = await blocksIn("python");
  await using first = await fileOf("0.py", blocks[0].code);
  const paths = await Promise.all(blocks.map(async ({ code }, index) => {
    await Deno.writeTextFile(`${first.folder}/${index}.py`, code);
    return `${first.folder}/${index}.py`;
  }));
  await run("python3", ["-c", script, new URL("clients/python", ROOT).pathname, ...paths]);
});

testInstalled("docs/clients.md publishes and listens in Python", async (folder) => {
  const python = `${folder}/venv/bin/python`;
  await run("python3", ["-m", "venv", `${folder}/venv`]);
  const source = new URL("clients/python", ROOT).pathname;
  await run("cp", ["-r", source, `${folder}/source`]);
  await run(python, ["-m", "pip", "--quiet", "install", `${folder}/source`]);
  await using server = await TestServer.start();
  const { code } = await blockWith("docs/clients.md", "async with earshot.call");
  const indented = here(code, server).replaceAll(/^(?=.)/gm, "    ");
  await using file = await fileOf(
    "documented.py",
    `import asyncio
async def main():
    pcm, lengths = bytes(1600), []
    def play(pcm, rate): lengths.append(len(pcm) / 4 / rate)
${indented}
    print(sum(lengths))
asyncio.run(main())
`,
  );
  const agent = await server.agent({ callId: "CA100", media: { live: true } });
  agent.bot(bytesOf(noise(8000, 3)));
  const [printed] = await Promise.all([
    run(python, [file.path]),
    heardFor(server, "CA100").then(() => agent.end()),
  ]);
  const [url, seconds] = new TextDecoder().decode(printed).trim().split("\n");
  assert.match(url, /\/live\/[\w-]+\/player/);
  assert.ok(Number(seconds) >= 1, `${seconds} s of sound`);
});

/** Runs a shell script; a request that is refused fails it. */
async function runShell(script: string, cwd: string): Promise<string> {
  // Events never end: they are read for a moment.
  const prelude = `set -euo pipefail
curl() {
  case "$*" in
    *--fail*) command curl -sS "$@";;
    *" -N "*|"-N "*) command curl --fail-with-body -sS --max-time 2 "$@" || test $? = 28;;
    *) command curl --fail-with-body -sS "$@";;
  esac
}
`;
  const child = new Deno.Command("bash", {
    args: ["-c", prelude + script],
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${script}\n${printed}\n${errors}`);
  return printed;
}

/** The commands of a shell block, each in one line. */
function commandsIn(code: string): string[] {
  const lines = code.replaceAll("\\\n", " ").split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

function isRun(command: string): boolean {
  return !NOT_RUN.some((pattern) => pattern.test(command));
}

Deno.test("Shell in documents is shell, and names tasks and files that are there", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
  for (const { code, where } of await blocksIn("sh")) {
    await run("bash", ["-n"], new TextEncoder().encode(code));
    for (const [, task] of code.matchAll(/deno task ([\w:]+)/g)) {
      assert.ok(task in tasks, `${where}: deno task ${task}`);
    }
    for (
      const [, path] of code.matchAll(/(?:deno run|python3|deno compile) (?:-\S+ )*([\w/]+\.\w+)/g)
    ) {
      await Deno.stat(new URL(path, ROOT));
    }
  }
});

Deno.test("Shell in documents is run by a test, or named here with those that are not", async () => {
  const missed: string[] = [];
  const run = [/\bcurl /, /sha256sum/, /^(export )?KEY=/, /^echo /, /^cd data/];
  for (const { code, where } of await blocksIn("sh")) {
    if (ENVIRONMENT.test(code)) continue;
    for (const command of commandsIn(code)) {
      if (!isRun(command) || run.some((pattern) => pattern.test(command))) continue;
      missed.push(`${where}: ${command}`);
    }
  }
  assert.deepEqual(missed, []);
});

/** A recorded call that has ended. */
async function record(server: TestServer, callId: string): Promise<void> {
  const agent = await server.agent({ callId, media: { live: true, recording: true } });
  agent.bot(bytesOf(noise(8000, 3)));
  await server.until(callId, ({ durationSeconds }) => durationSeconds > 1.1);
  agent.end("hangup");
  await server.until(callId, ({ recording }) => recording?.state === "complete");
}

testWith(["curl"], "README.md gets a recording and a link with curl", async () => {
  await using server = await TestServer.start();
  await record(server, "demo");
  await using folder = await fileOf("empty", "");
  const { code } = await blockWith("README.md", "curl ");
  const printed = await runShell(here(code, server), folder.folder);
  assert.match(printed, /"playerUrl":".*\/live\/demo\/player\?token=/);
  const saved = Array.from(Deno.readDirSync(folder.folder), ({ name }) => name).sort();
  assert.equal(saved.length, 2);
  assert.match(saved[0], /demo.*\.wav$/);
});

testWith(
  ["curl", "openssl"],
  "docs/protocol.md's requests are answered as it says, one after the other",
  async () => {
    await using server = await TestServer.start();
    await using folder = await fileOf("empty", "");
    const blocks = blocksOf(await readDocument("docs/protocol.md"));
    let settings = "";
    let answers = 0;
    for (const [index, { code, where, language }] of blocks.entries()) {
      if (language !== "sh") continue;
      // The call's recording is there once it has ended; a token is for one that is kept.
      if (code.includes("/recording")) await record(server, "CA100");
      const printed = await runShell(`${settings}\n${here(code, server)}`, folder.folder);
      if (code.startsWith("export ")) settings += here(code, server);
      if (code.includes("whsec_")) assert.match(printed, /^whsec_[A-Za-z0-9+/]{43}=$/m);
      if (code.includes("/events")) assert.match(printed, /^event: hello$/m);
      const answer = blocks[index + 1];
      if (answer?.language !== "json" || code.includes("/events") || !/\$API/.test(code)) continue;
      answers++;
      const [shown, got] = [answer.code, printed].map((text) =>
        Object.keys(JSON.parse(text)).sort()
      );
      assert.deepEqual(got, shown, where);
    }
    assert.ok(answers >= 3, `${answers} answers are compared`);
  },
);

testWith(
  ["python3"],
  "docs/recordings.md verifies a recording as it lies on the disk",
  async () => {
    await using folder = await fileOf("empty", "");
    await using server = await TestServer.start({
      env: { EARSHOT_RECORDINGS: `file:${folder.folder}/data/recordings` },
    });
    await record(server, "CA100");
    const { code } = await blockWith("docs/recordings.md", "sha256sum");
    assert.equal(await runShell(code, folder.folder), "CA100.wav: OK\n");
  },
);

testWith(["openssl"], "docs/deploy.md makes a key, and its settings are taken", async () => {
  const { code } = await blockWith("docs/deploy.md", "for EARSHOT_API_KEYS");
  const printed = await runShell(code, "/tmp");
  const [, keys] = /^for EARSHOT_API_KEYS: (\S+)$/m.exec(printed)!;
  const load = (env: Record<string, string>) => loadConfig((name) => env[name]);
  assert.equal(load({ EARSHOT_API_KEYS: keys }).apiKeys?.length, 1);
  const blocks = blocksOf(await readDocument("docs/deploy.md"))
    .filter(({ language, code }) => language === "sh" && ENVIRONMENT.test(code));
  assert.equal(blocks.length, 2);
  // One file, and one place for recordings each.
  for (const part of blocks.flatMap(({ code }) => code.split("\n\n"))) {
    const lines = part.split("\n").filter((line) => line.includes("=") && !line.startsWith("#"));
    const settings = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    // Three dots stand for what nobody else may know.
    for (const [name, value] of Object.entries(settings)) {
      settings[name] = value.replace("…", "abc");
    }
    load({ EARSHOT_API_KEYS: keys, ...settings });
  }
});

testWith(["python3"], "XML and HTML in documents are well-formed", async () => {
  const script = "import sys, xml.etree.ElementTree as tree; tree.fromstring(sys.stdin.read())";
  for (const block of [...await blocksIn("xml"), ...await blocksIn("html")]) {
    // In HTML an & needs no escape there.
    const code = block.language === "html" ? block.code.replaceAll("&", "&amp;") : block.code;
    await run("python3", ["-c", script], new TextEncoder().encode(code));
  }
});

testWith(["nginx", "openssl"], "docs/deploy.md has a configuration that nginx takes", async () => {
  await using file = await fileOf("nginx.conf", "");
  const { folder, path } = file;
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1"];
  await run("openssl", [...request, "-keyout", `${folder}/key`, "-out", `${folder}/cert`]);
  const { code } = await blockWith("docs/deploy.md", "limit_conn_zone");
  const settings = code
    .replace(/(ssl_certificate ).*;/, `$1${folder}/cert;`)
    .replace(/(ssl_certificate_key ).*;/, `$1${folder}/key;`)
    .replace("/var/log/nginx", folder);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  const whole = `pid ${folder}/pid; events {} http { ${paths} ${settings} }`;
  await Deno.writeTextFile(path, whole);
  await run("nginx", ["-t", "-e", "stderr", "-p", folder, "-c", path]);
});

testWith(["caddy"], "docs/deploy.md has a configuration that Caddy takes", async () => {
  const { code } = await blockWith("docs/deploy.md", "reverse_proxy");
  await using file = await fileOf("Caddyfile", code);
  const env = { HOME: file.folder, XDG_DATA_HOME: file.folder, XDG_CONFIG_HOME: file.folder };
  const args = ["validate", "--adapter", "caddyfile", "--config", file.path];
  const { success, stderr } = await new Deno.Command("caddy", { args, env }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

testWith(["promtool"], "docs/deploy.md has a configuration that Prometheus takes", async () => {
  const [{ code }] = await blocksIn("yaml");
  await using file = await fileOf("prometheus.yml", code);
  await run("promtool", ["check", "config", file.path]);
});

testWith(["systemd-analyze"], "docs/deploy.md has a unit that systemd takes", async () => {
  const { code } = await blockWith("docs/deploy.md", "[Unit]");
  const unit = code.replaceAll("/usr/local/bin/deno", Deno.execPath());
  await using file = await fileOf("earshot.service", unit);
  await run("systemd-analyze", ["verify", file.path]);
});

/** The rights that a command gives, with the folder of recordings and state in place of any. */
function rightsIn(command: string, folder: string): string[] {
  return Array.from(
    command.replaceAll(folder, "FOLDER").matchAll(
      /--allow-(?:net|env=[^\s",]+(?:,[^\s",]+)*|(?:read|write)=[^\s",]+(?:,[^\s",]+)*)/g,
    ),
    ([right]) => right,
  ).sort();
}

Deno.test("docs/deploy.md gives a unit and a container the rights that the task start has", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
  const started = rightsIn(tasks.start.command.replaceAll(/\$\([^)]*\)/g, "FOLDER"), "FOLDER");
  const { code: unit } = await blockWith("docs/deploy.md", "[Unit]");
  const [, command] = /^ExecStart=(.*)$/m.exec(unit)!;
  const { code: image } = await blockWith("docs/deploy.md", "FROM denoland/deno");
  const words: string[] = JSON.parse(/^CMD (.*)$/m.exec(image)![1]);
  assert.equal(started.length, 4);
  assert.deepEqual(rightsIn(command, "/var/lib/earshot"), started);
  assert.deepEqual(rightsIn(words.join(" "), "/data"), started);
  assert.match(image, new RegExp(`FROM denoland/deno:${Deno.version.deno}\n`));
});
