-- Version 3.0, which had neither runs nor contents: its states were named by seconds, and each row told all of its content.

-- name: kSchemaOfVersion3
CREATE TABLE manifest_metadata(
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE files(
  file_path TEXT PRIMARY KEY NOT NULL,
  checksum  BLOB NOT NULL,
  size      INTEGER NOT NULL,
  archived  INTEGER NOT NULL DEFAULT 0,
  sha1      BLOB,
  crc32c    INTEGER,
  mtime     INTEGER,
  recheck   INTEGER NOT NULL DEFAULT 0,
  since     INTEGER NOT NULL,
  class     INTEGER,
  object    TEXT
) WITHOUT ROWID;
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
) WITHOUT ROWID

-- name: kSetVersion3Aside
ALTER TABLE files RENAME TO files_3;
ALTER TABLE history RENAME TO history_3;
ALTER TABLE manifest_metadata RENAME TO metadata_3

-- Seconds stand for generations, and number their runs: then a state keeps its name. None of them is called committed, since a
-- second does not tell which run's rows are all there. A name that a row tells is kept, although it may follow from its path.
-- A row that is archived has its last state in the history.
-- name: kTakeOverVersion3
INSERT INTO main.manifest_metadata SELECT key, value FROM main.metadata_3;
INSERT INTO main.runs(number, generation, run, started)
  SELECT s, s, 'at-' || s, s FROM (
    SELECT since AS s FROM files_3 UNION SELECT since FROM history_3 UNION SELECT until FROM history_3);
CREATE TEMP TABLE named(number INTEGER PRIMARY KEY, checksum, size, sha1, crc32c, class, object, name);
INSERT INTO named(checksum, size, sha1, crc32c, class, object, name)
  SELECT checksum, size, max(sha1), max(crc32c), max(class), max(object), name FROM (
    SELECT file_path, checksum, size, sha1, crc32c, class, object, coalesce(object, 'library' || file_path) AS name FROM files_3
    UNION ALL
    SELECT file_path, checksum, size, sha1, crc32c, class, object, coalesce(object, 'library' || file_path) FROM history_3
  ) GROUP BY checksum, name ORDER BY min(file_path);
CREATE INDEX named_by_name ON named(checksum, name);
INSERT INTO main.contents(number, checksum, size, sha1, crc32c, class, object)
  SELECT number, checksum, size, sha1, crc32c, class, object FROM named;
CREATE TEMP TABLE last_states(file_path PRIMARY KEY, since) WITHOUT ROWID;
INSERT INTO last_states
  SELECT file_path, max(h.since) FROM history_3 h JOIN files_3 f USING(file_path)
  WHERE f.archived = 1 AND h.archived = 0 AND h.until = f.since AND h.since < h.until
    AND (h.checksum, h.object) IS (f.checksum, f.object)
  GROUP BY file_path;
INSERT INTO main.paths(file_path, content, since, gone, mtime, recheck)
  SELECT f.file_path, n.number, coalesce(l.since, f.since), CASE f.archived WHEN 1 THEN f.since END, f.mtime, f.recheck
  FROM files_3 f JOIN named n ON n.checksum = f.checksum AND n.name = coalesce(f.object, 'library' || f.file_path)
    LEFT JOIN last_states l ON l.file_path = f.file_path
  ORDER BY f.file_path;
INSERT OR IGNORE INTO main.past(file_path, since, until, content, gone, mtime)
  SELECT h.file_path, h.since, h.until, n.number,
    EXISTS (SELECT 1 FROM history_3 g WHERE g.file_path = h.file_path AND g.since = h.until AND g.archived = 1), h.mtime
  FROM history_3 h JOIN named n ON n.checksum = h.checksum AND n.name = coalesce(h.object, 'library' || h.file_path)
  WHERE h.archived = 0
    AND NOT EXISTS (SELECT 1 FROM main.paths p WHERE p.file_path = h.file_path AND (p.since, p.gone, p.content)
      IS (h.since, h.until, n.number))
  ORDER BY h.file_path, h.since;
DROP TABLE named;
DROP TABLE last_states;
DROP TABLE files_3;
DROP TABLE history_3;
DROP TABLE metadata_3

-- name: kOddInVersion3
SELECT file_path FROM files_3 WHERE archived NOT IN (0, 1) LIMIT 1
