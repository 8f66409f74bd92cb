/** What `PRAGMA application_id` says of a call index ("Ears"). */
export const APPLICATION_ID = 0x45617273;

/** Counts the changes of the schema. An index of another version is built anew from the recordings. */
export const SCHEMA_VERSION = 1;

/** The tables of a call index. Times are wall times, ms since the Unix epoch. */
export const SCHEMA = `
  CREATE TABLE call (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    announcedAt REAL NOT NULL,
    startedAt REAL NOT NULL,
    endedAt REAL NOT NULL,
    sampleRate INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    reason TEXT NOT NULL,
    media TEXT,              -- JSON
    metadata TEXT NOT NULL,  -- JSON
    recording TEXT,
    bytes INTEGER,
    sha256 TEXT,
    kept INTEGER NOT NULL
      GENERATED ALWAYS AS (recording IS NOT NULL AND recording <> 'deleted') VIRTUAL
  ) STRICT;
  CREATE INDEX callByPlace ON call (organisation, announcedAt, id, startedAt);
  CREATE INDEX keptByAge ON call (endedAt) WHERE kept = 1;
  CREATE INDEX keptByOrganisation ON call (organisation, endedAt) WHERE kept = 1;
  CREATE INDEX unsettled ON call (organisation, id) WHERE recording = 'recording';
  CREATE INDEX otherByOrganisation ON call (organisation, endedAt) WHERE kept = 0;

  -- What calls are filtered by, see index_terms.ts.
  CREATE TABLE term (
    term INTEGER NOT NULL,
    announcedAt REAL NOT NULL,
    id TEXT NOT NULL,
    startedAt REAL NOT NULL,
    PRIMARY KEY (term, announcedAt, id)
  ) STRICT, WITHOUT ROWID;

  -- Tombstones of the store whose call is forgotten: not to be described again at every start.
  CREATE TABLE tombstone (
    id TEXT NOT NULL,
    organisation TEXT NOT NULL,
    PRIMARY KEY (id, organisation)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE usage (
    organisation TEXT PRIMARY KEY,
    recordings INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    others INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER callAdded AFTER INSERT ON call BEGIN
    INSERT INTO usage
      VALUES (NEW.organisation, NEW.kept, NEW.kept * coalesce(NEW.bytes, 0), 1 - NEW.kept)
      ON CONFLICT DO UPDATE SET recordings = recordings + excluded.recordings,
        bytes = bytes + excluded.bytes, others = others + excluded.others;
  END;
  CREATE TRIGGER callRemoved AFTER DELETE ON call BEGIN
    UPDATE usage SET recordings = recordings - OLD.kept,
      bytes = bytes - OLD.kept * coalesce(OLD.bytes, 0), others = others - (1 - OLD.kept)
      WHERE organisation = OLD.organisation;
  END;

  PRAGMA application_id = ${APPLICATION_ID};
`;
