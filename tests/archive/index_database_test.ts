import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { CallIndex } from "../../archive/call_index.ts";
import { openIndexDatabase } from "../../archive/index_database.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { anEndedCall } from "./support.ts";

/** Runs `body` with a state folder that is not there yet. */
async function withFolder(body: (folder: string, path: string) => void): Promise<void> {
  const parent = await Deno.makeTempDir({ prefix: "earshot-" });
  try {
    body(`${parent}/a/state`, `${parent}/a/state/calls.sqlite`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

function open(folder: string) {
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  const database = openIndexDatabase(folder, onWarning);
  const index = new CallIndex({
    database,
    clock: new ManualClock(),
    endedCallsKept: 10,
    onWarning,
  });
  return { index, database, warnings };
}

/** An index of one call, closed as it should be. */
function makeIndex(folder: string): void {
  const { index, warnings } = open(folder);
  index.put(anEndedCall());
  index.close();
  assert.deepEqual(warnings, []);
}

function names(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

Deno.test("openIndexDatabase() finds again what was closed, and what a killed process left", () =>
  withFolder((folder, path) => {
    makeIndex(folder);
    assert.deepEqual(names(folder), ["calls.sqlite", "calls.sqlite-journal"]);
    const { index, database, warnings } = open(folder);
    assert.deepEqual(index.get("CA1"), anEndedCall());
    index.put(anEndedCall({ id: "CA2" }));
    // As a kill leaves it: nothing was said to the database any more.
    const copy = `${folder}/copy`;
    Deno.mkdirSync(copy);
    Deno.copyFileSync(path, `${copy}/calls.sqlite`);
    database.close();
    const killed = open(copy);
    assert.deepEqual(killed.index.get("CA2"), anEndedCall({ id: "CA2" }));
    killed.index.close();
    assert.deepEqual([...warnings, ...killed.warnings], []);
  }));

Deno.test("openIndexDatabase() sets aside what is damaged, and what is something else", () =>
  withFolder((folder, path) => {
    makeIndex(folder);
    const sound = Deno.readFileSync(path);
    const change = (sql: string) => {
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
    };
    const wrongs: [string, () => void][] = [
      ["text", () => Deno.writeTextFileSync(path, "not a database ".repeat(1000))],
      ["a cut", () => Deno.truncateSync(path, 5000)],
      [
        "a broken first page",
        () => Deno.writeFileSync(path, sound.map((b, i) => i < 100 ? b : 255 - b)),
      ],
      ["another program's", () => change("PRAGMA application_id = 1")],
      ["another version's", () => change("PRAGMA user_version = 99")],
      // It says so itself: it was not closed.
      ["a broken page in the middle", () => {
        change("PRAGMA user_version = -1");
        const bytes = Deno.readFileSync(path);
        Deno.writeFileSync(path, bytes.fill(0xa5, bytes.length - 8192));
      }],
    ];
    for (const [what, spoil] of wrongs) {
      Deno.writeFileSync(path, sound);
      spoil();
      const { index, warnings } = open(folder);
      assert.equal(warnings.length, 1, what);
      assert.match(warnings[0], /^Cannot use .*calls.sqlite: .*; it is now calls.sqlite.damaged/);
      assert.equal(index.get("CA1"), undefined, what);
      index.put(anEndedCall({ id: "CA2" }));
      index.close();
      const again = open(folder);
      assert.equal(again.index.get("CA2")?.id, "CA2", what);
      again.index.close();
      assert.deepEqual(again.warnings, []);
      assert.deepEqual(names(folder), [
        "calls.sqlite",
        "calls.sqlite-journal",
        "calls.sqlite.damaged",
      ]);
    }
  }));

Deno.test("openIndexDatabase() leaves alone a file that another process uses", () =>
  withFolder((folder) => {
    const first = open(folder);
    first.index.put(anEndedCall());
    const second = open(folder);
    assert.equal(second.warnings.length, 1);
    assert.match(second.warnings[0], /another process uses it; give each its own EARSHOT_STATE/);
    second.index.put(anEndedCall({ id: "CA2" }));
    assert.equal(second.index.get("CA2")?.id, "CA2");
    second.index.close();
    first.index.close();
    const third = open(folder);
    assert.deepEqual([third.index.get("CA1")?.id, third.index.get("CA2")], ["CA1", undefined]);
    third.index.close();
  }));

Deno.test("openIndexDatabase() works in memory where it cannot write", () =>
  withFolder((folder) => {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/file`, "");
    const { index, warnings } = open(`${folder}/file`);
    assert.match(warnings.join(), /let EARSHOT_STATE name a folder that can be written\. Until/);
    index.put(anEndedCall());
    assert.equal(index.get("CA1")?.id, "CA1");
    index.close();
  }));

Deno.test("CallIndex goes on in memory when it meets damage, which the next start sets aside", () =>
  withFolder((folder, path) => {
    const { index, warnings } = open(folder);
    const metadata = { n: "x".repeat(200) };
    for (let n = 0; n < 200; n++) {
      index.put(anEndedCall({ id: `CA${n}`, recording: "complete", metadata }));
    }
    index.close();
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.fill(0xa5, 4096 * 16));
    const damaged = open(folder);
    for (let n = 0; n < 200; n++) damaged.index.get(`CA${n}`);
    assert.match(damaged.warnings.join(), /^Cannot use the list of calls any more: .* in memory/);
    assert.equal(damaged.index.isStale, true);
    damaged.index.put(anEndedCall({ id: "again" }));
    assert.equal(damaged.index.get("again")?.id, "again");
    damaged.index.close();
    const again = open(folder);
    assert.match(again.warnings.join(), /calls.sqlite.damaged/);
    again.index.close();
    assert.deepEqual([warnings.length, damaged.warnings.length, again.warnings.length], [0, 1, 1]);
  }));
