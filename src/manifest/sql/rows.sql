-- The rows of the manifest. @RECORD@ stands for the columns of a record in the table files, @PAST_RECORD@ for the same in
-- history, which has no column `recheck`. @SINCE@ and @UNTIL@ are the runs of a state.

-- name: kRecords
SELECT @RECORD@ FROM files ORDER BY file_path

-- name: kRecord
SELECT @RECORD@ FROM files WHERE file_path = ?1

-- name: kFileWithSha1
SELECT @RECORD@ FROM files WHERE sha1 = ?1 ORDER BY archived LIMIT 1

-- name: kPastWithSha1
SELECT @PAST_RECORD@ FROM history WHERE sha1 = ?1 LIMIT 1

-- The states of each path, in no order of their own. The newest has no end, and what the audit has placed no beginning.
-- name: kStates
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL FROM files JOIN runs b ON b.number = since
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@ FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until
UNION ALL
SELECT @PLACED_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL FROM placed
ORDER BY 1

-- name: kStatesOfPath
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL FROM files JOIN runs b ON b.number = since WHERE file_path = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@ FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until WHERE file_path = ?1
UNION ALL
SELECT @PLACED_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL FROM placed WHERE file_path = ?1
ORDER BY 1

-- name: kStatesWithSha256
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL FROM files JOIN runs b ON b.number = since WHERE checksum = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@ FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until WHERE checksum = ?1
UNION ALL
SELECT @PLACED_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL FROM placed WHERE checksum = ?1
ORDER BY 1

-- name: kStatesWithSha1
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL FROM files JOIN runs b ON b.number = since WHERE sha1 = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@ FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until WHERE sha1 = ?1
UNION ALL
SELECT @PLACED_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL FROM placed WHERE sha1 = ?1
ORDER BY 1

-- name: kStoredContents
SELECT name, min(file_path), checksum, size, sha1, crc32c, class FROM (
  SELECT coalesce(object, 'library' || file_path) AS name, file_path, checksum, size, sha1, crc32c, class FROM files
  UNION ALL
  SELECT coalesce(object, 'library' || file_path), file_path, checksum, size, sha1, crc32c, class FROM history
  UNION ALL
  SELECT object, file_path, checksum, size, sha1, crc32c, class FROM placed
) GROUP BY name ORDER BY name

-- name: kRecordState
INSERT INTO files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, class, object, since)
  VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT(file_path) DO UPDATE SET checksum = ?2, size = ?3, archived = ?4, sha1 = ?5, crc32c = ?6, mtime = ?7,
    recheck = ?8, class = ?9, object = ?10, since = ?11

-- The state stays, with what is known of it better now.
-- name: kRecordAgain
UPDATE files SET checksum = ?2, size = ?3, archived = ?4, sha1 = ?5, crc32c = ?6, mtime = ?7, recheck = ?8, class = ?9,
  object = ?10 WHERE file_path = ?1

-- name: kRowToHistory
INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT file_path, since, ?2, checksum, size, archived, sha1, crc32c, mtime, class, object FROM files
  WHERE file_path = ?1 AND since <> ?2

-- name: kUpdateMtime
UPDATE files SET mtime = ?2, recheck = ?3 WHERE file_path = ?1

-- name: kRecordAside
INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  VALUES(?1, ?8, ?8, ?2, ?3, ?4, ?5, ?6, ?7, ?9, ?10)

-- name: kMarkSuspect
UPDATE files SET recheck = ?2, mtime = ?3 WHERE file_path = ?1

-- name: kForgetInFiles
DELETE FROM files WHERE coalesce(object, 'library' || file_path) = ?1

-- name: kForgetInHistory
DELETE FROM history WHERE coalesce(object, 'library' || file_path) = ?1

-- The newest commit that this manifest builds on, itself. In one of version 3.0, nothing is called committed.
-- name: kCommittedBy
SELECT generation, run, started, committed FROM runs
  WHERE committed = 1 OR NOT EXISTS (SELECT 1 FROM runs WHERE committed = 1)
  ORDER BY generation DESC, number DESC LIMIT 1

-- name: kForgetInPlaced
DELETE FROM placed WHERE object = ?1

-- name: kBeginRun
INSERT INTO runs(generation, run, started) VALUES(?1, ?2, ?3)
  ON CONFLICT(run) DO UPDATE SET generation = ?1, started = ?3

-- name: kRunNumber
SELECT number FROM runs WHERE run = ?1

-- name: kCommitRun
UPDATE runs SET generation = ?2, committed = 1 WHERE number = ?1

-- name: kMetadata
SELECT value FROM manifest_metadata WHERE key = ?1

-- name: kSetMetadata
INSERT INTO manifest_metadata VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2

-- name: kHasTables
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('files', 'manifest_metadata')

-- name: kIndexChecksums
CREATE INDEX files_by_checksum ON files(checksum);
CREATE INDEX history_by_checksum ON history(checksum)

-- name: kIndexSha1
CREATE INDEX IF NOT EXISTS files_by_sha1 ON files(sha1);
CREATE INDEX IF NOT EXISTS history_by_sha1 ON history(sha1)

-- name: kDropIndexes
DROP INDEX IF EXISTS files_by_checksum;
DROP INDEX IF EXISTS history_by_checksum;
DROP INDEX IF EXISTS files_by_sha1;
DROP INDEX IF EXISTS history_by_sha1

-- A manifest of version 3.0 named states by seconds. They stand for generations, and number their runs: then no row changes.
-- None of them is called committed, since a second does not tell which run's rows are all there.
-- name: kTakeOverSeconds
CREATE TABLE runs(number INTEGER PRIMARY KEY, generation INTEGER NOT NULL, run TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL, committed INTEGER NOT NULL DEFAULT 0);
INSERT INTO runs(number, generation, run, started)
  SELECT s, s, 'at-' || s, s FROM (
    SELECT since AS s FROM files UNION SELECT since FROM history UNION SELECT until FROM history);
CREATE TABLE placed(file_path TEXT PRIMARY KEY NOT NULL, checksum BLOB NOT NULL, size INTEGER NOT NULL, sha1 BLOB,
  crc32c INTEGER, mtime INTEGER, class INTEGER, object TEXT NOT NULL) WITHOUT ROWID
