-- The rows of the manifest. @RECORD@ stands for the columns of a record in the table files, @PAST_RECORD@ for the same in
-- history, which has no column `recheck`.

-- name: kRecords
SELECT @RECORD@ FROM files ORDER BY file_path

-- A restore must not take files from a path's future: rows that began later are looked up in history.
-- name: kRecordsAt
SELECT @RECORD@ FROM files WHERE since <= ?1 AND archived = 0
UNION ALL
SELECT @PAST_RECORD@ FROM history WHERE since <= ?1 AND until > ?1 AND archived = 0
ORDER BY 1, since DESC, checksum DESC, object DESC

-- name: kRecordAt
SELECT @RECORD@ FROM files WHERE file_path = ?1 AND since <= ?2 AND archived = 0
UNION ALL
SELECT @PAST_RECORD@ FROM history WHERE file_path = ?1 AND since <= ?2 AND until > ?2 AND archived = 0
ORDER BY since DESC, checksum DESC, object DESC LIMIT 1

-- name: kRecord
SELECT @RECORD@ FROM files WHERE file_path = ?1

-- name: kFileWithSha1
SELECT @RECORD@ FROM files WHERE sha1 = ?1 ORDER BY archived LIMIT 1

-- name: kPastWithSha1
SELECT @PAST_RECORD@ FROM history WHERE sha1 = ?1 LIMIT 1

-- The states of each path in the order of time. The newest one, which still lasts, has the largest number for its end.
-- name: kStates
SELECT @RECORD@, 9223372036854775807 AS until FROM files
UNION ALL
SELECT @PAST_RECORD@, until FROM history
ORDER BY 1, since, until

-- name: kStatesOfPath
SELECT @RECORD@, 9223372036854775807 AS until FROM files WHERE file_path = ?1
UNION ALL
SELECT @PAST_RECORD@, until FROM history WHERE file_path = ?1
ORDER BY 1, since, until

-- name: kStatesWithSha256
SELECT @RECORD@, 9223372036854775807 AS until FROM files WHERE checksum = ?1
UNION ALL
SELECT @PAST_RECORD@, until FROM history WHERE checksum = ?1
ORDER BY 1, since, until

-- name: kStatesWithSha1
SELECT @RECORD@, 9223372036854775807 AS until FROM files WHERE sha1 = ?1
UNION ALL
SELECT @PAST_RECORD@, until FROM history WHERE sha1 = ?1
ORDER BY 1, since, until

-- name: kStoredContents
SELECT name, min(file_path), checksum, size, sha1, crc32c, class FROM (
  SELECT coalesce(object, 'library' || file_path) AS name, file_path, checksum, size, sha1, crc32c, class FROM files
  UNION ALL
  SELECT coalesce(object, 'library' || file_path), file_path, checksum, size, sha1, crc32c, class FROM history
) GROUP BY name ORDER BY name

-- name: kRecordRow
INSERT INTO files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object)
  VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT(file_path) DO UPDATE SET checksum = ?2, size = ?3, archived = ?4, sha1 = ?5, crc32c = ?6, mtime = ?7,
    recheck = ?8, since = ?9, class = ?10, object = ?11

-- name: kRowToHistory
INSERT OR REPLACE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT file_path, since, ?2, checksum, size, archived, sha1, crc32c, mtime, class, object FROM files
  WHERE file_path = ?1 AND since < ?2

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
