-- The manifest, version 3.0 (docs/formats/manifest-schema.md). Paths are bytes in TEXT columns, always bound
-- as TEXT: with SQLite's BINARY collation their order is the byte order in which the library is walked.

-- name: kSchema
CREATE TABLE manifest_metadata(
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- One row for each path that ever was in the library, in its newest state.
CREATE TABLE files(
  file_path TEXT PRIMARY KEY NOT NULL,    -- below the media root, with a leading slash
  checksum  BLOB NOT NULL,                -- SHA-256
  size      INTEGER NOT NULL,             -- bytes
  archived  INTEGER NOT NULL DEFAULT 0,   -- 1: gone from the library, kept in the store
  sha1      BLOB,                         -- Immich's own checksum; NULL: not known, as in what a manifest of version 2.0 recorded,
                                          -- until the file has been read once
  crc32c    INTEGER,                      -- the store's checksum, as a signed 32-bit number: four bytes a row; NULL: not known
  mtime     INTEGER,                      -- nanoseconds since 1970; NULL: not known
  recheck   INTEGER NOT NULL DEFAULT 0,   -- read the file again: 1: its mtime was too young to be trusted; 2: it held other
                                          -- bytes than these, unexplained
  since     INTEGER NOT NULL,             -- when this state began, seconds since 1970
  class     INTEGER,                      -- the object's storage class: 0 STANDARD, 1 ARCHIVE, 2 NEARLINE, 3 COLDLINE (the
                                          -- two that most objects have take no byte); NULL: unknown, or the store has none
  object    TEXT                          -- the object's name; NULL: 'library' || file_path
) WITHOUT ROWID;

-- Each earlier interval of a path's life: it was so from `since` until before `until`.
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
