-- The manifest, version 4.0 (docs/formats/manifest-schema.md). Paths are bytes in TEXT columns, always bound as TEXT: with
-- SQLite's BINARY collation their order is the byte order in which the library is walked.

-- name: kSchema
CREATE TABLE manifest_metadata(
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The runs that recorded what the other tables hold. A state is named by generation and run, and never by a time.
CREATE TABLE runs(
  number     INTEGER PRIMARY KEY,         -- what the other tables call it, in this manifest alone
  generation INTEGER NOT NULL,            -- 1 + the highest of the commits that its own commit builds on
  run        TEXT NOT NULL UNIQUE,        -- its id, as below runs/
  started    INTEGER NOT NULL,            -- seconds since 1970, for people
  committed  INTEGER NOT NULL DEFAULT 0   -- 1: this manifest builds on the run's commit, and so on all that it recorded
);

-- One row for each path that ever was in the library, in its newest state.
CREATE TABLE files(
  file_path TEXT PRIMARY KEY NOT NULL,    -- below the media root, with a leading slash
  checksum  BLOB NOT NULL,                -- SHA-256
  size      INTEGER NOT NULL,             -- bytes
  archived  INTEGER NOT NULL DEFAULT 0,   -- 1: gone from the library, kept in the store
  sha1      BLOB,                         -- Immich's own checksum; NULL: not known, as in what a manifest of version 2.0
                                          -- recorded, until the file has been read once
  crc32c    INTEGER,                      -- the store's checksum, as a signed 32-bit number: four bytes a row; NULL: not known
  mtime     INTEGER,                      -- nanoseconds since 1970; NULL: not known
  recheck   INTEGER NOT NULL DEFAULT 0,   -- read the file again: 1: its mtime was too young to be trusted, or two runs
                                          -- disagreed; 2: it held other bytes than these, unexplained
  since     INTEGER NOT NULL,             -- runs.number of the run that recorded this state
  class     INTEGER,                      -- the object's storage class: 0 STANDARD, 1 ARCHIVE, 2 NEARLINE, 3 COLDLINE (the
                                          -- two that most objects have take no byte); NULL: unknown, or the store has none
  object    TEXT                          -- the object's name; NULL: 'library' || file_path
) WITHOUT ROWID;

-- Each earlier state of a path: from the run `since` until the run `until` recorded another one.
CREATE TABLE history(
  file_path TEXT NOT NULL,
  since     INTEGER NOT NULL,
  until     INTEGER NOT NULL,
  checksum  BLOB NOT NULL,
  size      INTEGER NOT NULL,
  archived  INTEGER NOT NULL,
  sha1      BLOB,
  crc32c    INTEGER,
  mtime     INTEGER,
  class     INTEGER,
  object    TEXT,
  PRIMARY KEY(file_path, since, until, checksum)
) WITHOUT ROWID;

-- What a restore puts at a path although the row of that path is archived, absent or something else: content that the dump
-- of the audit names there. It is that dump's whose name is the metadata `placed_for`.
CREATE TABLE placed(
  file_path TEXT PRIMARY KEY NOT NULL,
  checksum  BLOB NOT NULL,
  size      INTEGER NOT NULL,
  sha1      BLOB,
  crc32c    INTEGER,
  mtime     INTEGER,
  class     INTEGER,
  object    TEXT NOT NULL
) WITHOUT ROWID;
