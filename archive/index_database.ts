import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./index_schema.ts";

const FILE = "calls.sqlite";
/** How long a process that is just ending may keep the file, ms. */
const LOCK_PATIENCE_MS = 2000;

/** Codes of SQLite: the file is broken, or none of its own. */
const DAMAGED = [11, 26];
const LOCKED = [5, 6];

/**
 * Opens the database of a call index, `calls.sqlite` in a folder, for this process alone; without a
 * folder, one in memory. A file that is damaged or something else is set aside and begun anew. Where
 * that cannot be, because another process has the file or the folder cannot be written, the answer is
 * one in memory: calls go on, and the index is built from the recordings at the next start.
 *
 * What is written is left to the operating system, because waiting for a disk would hold up the audio:
 * it outlives the process, and whether it has outlived the machine is checked at the next opening.
 *
 * @param onWarning is told what was done instead of opening the file as it is
 */
export function openIndexDatabase(
  folder: string | undefined,
  onWarning: (message: string) => void,
): DatabaseSync {
  if (folder === undefined) return inMemory();
  const path = `${folder}/${FILE}`;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    try {
      return openFile(path);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      Deno.renameSync(path, `${path}.damaged`);
      removeIfThere(`${path}-journal`);
      onWarning(
        `Cannot use ${path}: ${messageOf(error)}; it is now ${FILE}.damaged, ` +
          "and the list of calls is made anew from the recordings",
      );
      return openFile(path);
    }
  } catch (error) {
    const reason = isLocked(error)
      ? "another process uses it; give each its own EARSHOT_STATE"
      : `${messageOf(error)}; let EARSHOT_STATE name a folder that can be written`;
    onWarning(`Cannot use ${path}: ${reason}. Until the next start the list is kept in memory`);
    return inMemory();
  }
}

/** Closes the database and notes in it, when all of it is on the disk, that it is sound. */
export function closeIndexDatabase(database: DatabaseSync): void {
  try {
    markSafely(database, SCHEMA_VERSION);
  } finally {
    database.close();
  }
}

/** Whether an error says that the database is broken. */
export function isDamaged(error: unknown): boolean {
  return error instanceof UnusableIndexError || DAMAGED.includes(codeOf(error));
}

/** A file that SQLite can read, but is no index as this version writes it. */
class UnusableIndexError extends Error {
  override readonly name = "UnusableIndexError";
}

function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${LOCK_PATIENCE_MS}`);
    // Alone: without shared memory, and with nothing to ask the file system between transactions.
    database.prepare("PRAGMA locking_mode = EXCLUSIVE").get();
    database.prepare("PRAGMA journal_mode = TRUNCATE").get();
    database.prepare("BEGIN IMMEDIATE").run();
    if (database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined) {
      database.exec(SCHEMA);
    } else {
      checkFile(database);
    }
    database.exec("COMMIT");
    // Negative: until it is closed, it may not have reached the disk.
    markSafely(database, -SCHEMA_VERSION);
    return prepared(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkFile(database: DatabaseSync): void {
  if (pragma(database, "application_id") !== APPLICATION_ID) {
    throw new UnusableIndexError("it is no call index");
  }
  const version = Number(pragma(database, "user_version"));
  if (Math.abs(version) !== SCHEMA_VERSION) {
    throw new UnusableIndexError("it is a call index of another version");
  }
  if (version > 0) return;
  if (pragma(database, "integrity_check(1)") !== "ok") {
    throw new UnusableIndexError("it is damaged");
  }
}

function inMemory(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec(SCHEMA);
  return prepared(database);
}

function prepared(database: DatabaseSync): DatabaseSync {
  database.exec(`
    PRAGMA synchronous = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000; -- KB
    -- What was deleted is overwritten: metadata is personal.
    PRAGMA secure_delete = ON;
  `);
  return database;
}

function markSafely(database: DatabaseSync, version: number): void {
  database.exec(`PRAGMA synchronous = FULL; PRAGMA user_version = ${version}`);
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isLocked(error: unknown): boolean {
  return LOCKED.includes(codeOf(error));
}

/** SQLite's primary result code, or -1 of an error that is not SQLite's. */
function codeOf(error: unknown): number {
  const isCoded = error instanceof Error && "errcode" in error && typeof error.errcode === "number";
  return isCoded ? Number(error.errcode) & 0xff : -1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
