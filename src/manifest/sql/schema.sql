-- The manifest, version 5.0 (docs/formats/manifest-schema.md). Paths are bytes in TEXT columns, always bound as TEXT: with
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

-- What is stored: one row for each object.
CREATE TABLE contents(
  number   INTEGER PRIMARY KEY,           -- what the other tables call it, in this manifest alone
  checksum BLOB NOT NULL,                 -- SHA-256
  size     INTEGER NOT NULL,              -- bytes
  sha1     BLOB,                          -- Immich's own checksum; NULL: not known, as in what a manifest of version 2.0
                                          -- recorded, until the file has been read once
  crc32c   INTEGER,                       -- the store's checksum, as a signed 32-bit number: four bytes a row; NULL: not known
  class    INTEGER,                       -- the object's storage class: 0 STANDARD, 1 ARCHIVE, 2 NEARLINE, 3 COLDLINE (the
                                          -- two that most objects have take no byte); NULL: unknown, or the store has none
  object   TEXT                           -- the object's name; NULL: 'library' || the one path that has this content
);

-- Of a content that is stored encrypted, what the store confirmed. contents.size and contents.crc32c are those of the plain
-- content.
CREATE TABLE encrypted(
  content    INTEGER PRIMARY KEY,         -- contents.number
  size       INTEGER NOT NULL,            -- bytes of the object
  crc32c     INTEGER NOT NULL,            -- of the object, as a signed 32-bit number
  recipients INTEGER NOT NULL             -- recipients.number: who can decrypt it
);
CREATE TABLE recipients(
  number INTEGER PRIMARY KEY,
  keys   TEXT NOT NULL                    -- public keys, sorted, one a line
);

-- One row for each path that ever was in the library, in its newest state.
CREATE TABLE paths(
  file_path TEXT PRIMARY KEY NOT NULL,    -- below the media root, with a leading slash
  content   INTEGER NOT NULL,             -- contents.number
  since     INTEGER NOT NULL,             -- runs.number of the run that found this content at the path
  gone      INTEGER,                      -- runs.number of the run that found the path gone; NULL: it is there
  mtime     INTEGER,                      -- nanoseconds since 1970; NULL: not known
  recheck   INTEGER NOT NULL DEFAULT 0    -- read the file again: 1: its mtime was too young to be trusted, or two runs
                                          -- disagreed; 2: it held other bytes than these, unexplained
) WITHOUT ROWID;

-- Each earlier state of a path: from the run `since` until the run `until` recorded something else.
CREATE TABLE past(
  file_path TEXT NOT NULL,
  since     INTEGER NOT NULL,
  until     INTEGER NOT NULL,
  content   INTEGER NOT NULL,             -- contents.number
  gone      INTEGER NOT NULL,             -- 1: the path was gone from then on, until its next state
  mtime     INTEGER,
  PRIMARY KEY(file_path, since, until, content)
) WITHOUT ROWID;

-- What a restore puts at a path although the row of that path is gone, absent or something else: content that the dump of the
-- audit names there. It is that dump's whose name is the metadata `placed_for`.
CREATE TABLE placements(
  file_path TEXT PRIMARY KEY NOT NULL,
  content   INTEGER NOT NULL,             -- contents.number
  mtime     INTEGER
) WITHOUT ROWID;

-- For people: the three tables above with what each content is.
CREATE VIEW files AS
  SELECT file_path, checksum, size, gone IS NOT NULL AS archived, sha1, crc32c, mtime, recheck,
    coalesce(gone, since) AS since, class, object
  FROM paths JOIN contents ON number = content;

CREATE VIEW history AS
  SELECT file_path, since, until, checksum, size, sha1, crc32c, mtime, class, object
  FROM past JOIN contents ON number = content
  UNION ALL
  SELECT file_path, since, gone, checksum, size, sha1, crc32c, mtime, class, object
  FROM paths JOIN contents ON number = content WHERE gone <> since;

CREATE VIEW placed AS
  SELECT file_path, checksum, size, sha1, crc32c, mtime, class, coalesce(object, 'library' || file_path) AS object
  FROM placements JOIN contents ON number = content;

-- The same for this program, which runs no view of a file: any file may be a stranger's. A path whose content is missing stays
-- in them, so that whoever reads it finds out.
-- name: kViews
CREATE TEMP VIEW files AS
  SELECT file_path, checksum, size, gone IS NOT NULL AS archived, sha1, crc32c, mtime, recheck,
    coalesce(gone, since) AS since, class, object, content
  FROM main.paths LEFT JOIN main.contents ON number = content;
CREATE TEMP VIEW history AS
  SELECT file_path, since, until, checksum, size, sha1, crc32c, mtime, class, object, content, gone AS then_gone
  FROM main.past LEFT JOIN main.contents ON number = content
  UNION ALL
  SELECT file_path, since, gone, checksum, size, sha1, crc32c, mtime, class, object, content, 1
  FROM main.paths LEFT JOIN main.contents ON number = content WHERE gone <> since;
CREATE TEMP VIEW placed AS
  SELECT file_path, checksum, size, sha1, crc32c, mtime, class, object, content
  FROM main.placements LEFT JOIN main.contents ON number = content
