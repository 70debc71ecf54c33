-- The rows of the manifest. @RECORD@ stands for the columns of a record in the view files, @PAST_RECORD@ for the same in
-- history and placed, which have neither `archived` nor `recheck`. @SINCE@ and @UNTIL@ are the runs of
-- a state.

-- name: kRecords
SELECT @RECORD@ FROM files ORDER BY file_path

-- name: kRecord
SELECT @RECORD@ FROM files WHERE file_path = ?1

-- name: kFileWithSha1
SELECT @RECORD@ FROM files WHERE sha1 = ?1 ORDER BY archived LIMIT 1

-- name: kPastWithSha1
SELECT @PAST_RECORD@ FROM history WHERE sha1 = ?1 LIMIT 1

-- The states of each path, in no order of their own. The newest has no end, and what the audit has placed no beginning. The last
-- column tells whether the path was gone after the state.
-- name: kStates
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL, 0 FROM files JOIN runs b ON b.number = since
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@, then_gone FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until
UNION ALL
SELECT @PAST_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM placed
ORDER BY 1

-- name: kStatesOfPath
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL, 0 FROM files JOIN runs b ON b.number = since WHERE file_path = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@, then_gone FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until
  WHERE file_path = ?1
UNION ALL
SELECT @PAST_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM placed WHERE file_path = ?1
ORDER BY 1

-- name: kStatesWithSha256
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL, 0 FROM files JOIN runs b ON b.number = since WHERE checksum = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@, then_gone FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until
  WHERE checksum = ?1
UNION ALL
SELECT @PAST_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM placed WHERE checksum = ?1
ORDER BY 1

-- name: kStatesWithSha1
SELECT @RECORD@, @SINCE@, NULL, NULL, NULL, 0 FROM files JOIN runs b ON b.number = since WHERE sha1 = ?1
UNION ALL
SELECT @PAST_RECORD@, @SINCE@, @UNTIL@, then_gone FROM history JOIN runs b ON b.number = since JOIN runs e ON e.number = until
  WHERE sha1 = ?1
UNION ALL
SELECT @PAST_RECORD@, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM placed WHERE sha1 = ?1
ORDER BY 1

-- name: kStoredContents
SELECT name, min(file_path), checksum, s.size, sha1, s.crc32c, class, e.size, e.crc32c FROM (
  SELECT coalesce(object, 'library' || file_path) AS name, file_path, checksum, size, sha1, crc32c, class, content FROM files
  UNION ALL
  SELECT coalesce(object, 'library' || file_path), file_path, checksum, size, sha1, crc32c, class, content FROM history
  UNION ALL
  SELECT coalesce(object, 'library' || file_path), file_path, checksum, size, sha1, crc32c, class, content FROM placed
) s LEFT JOIN main.encrypted e USING(content) GROUP BY name ORDER BY name

-- How many objects are encrypted to each set of recipients.
-- name: kRecipients
SELECT keys, (SELECT count(*) FROM main.encrypted WHERE recipients = number) FROM main.recipients ORDER BY keys

-- name: kAddRecipients
INSERT INTO main.recipients(keys) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM main.recipients WHERE keys = ?1)

-- name: kAddEncrypted
INSERT INTO main.encrypted(content, size, crc32c, recipients)
  SELECT ?1, ?2, ?3, number FROM main.recipients WHERE keys = ?4 LIMIT 1 ON CONFLICT(content) DO NOTHING

-- A content that the path has, or had, in the object ?3.
-- name: kContentOfPath
SELECT number FROM (
  SELECT content FROM main.paths WHERE file_path = ?1
  UNION ALL SELECT content FROM main.past WHERE file_path = ?1
  UNION ALL SELECT content FROM main.placements WHERE file_path = ?1
) CROSS JOIN main.contents ON number = content WHERE checksum = ?2 AND coalesce(object, 'library' || ?1) = ?3 LIMIT 1

-- name: kAddContent
INSERT INTO main.contents(checksum, size, sha1, crc32c, class, object) VALUES(?2, ?3, ?5, ?6, ?9, ?10)

-- name: kNameContent
UPDATE main.contents SET object = ?2 WHERE number = ?1 AND object IS NULL

-- What is known of it better now. A name that is written down stays: a path may rely on it that it does not follow from.
-- name: kContentAgain
UPDATE main.contents SET size = ?3, sha1 = coalesce(?5, sha1), crc32c = coalesce(?6, crc32c), class = coalesce(?9, class),
    object = coalesce(object, ?10)
  WHERE number = ?1 AND (size, sha1, crc32c, class, object)
    IS NOT (?3, coalesce(?5, sha1), coalesce(?6, crc32c), coalesce(?9, class), coalesce(object, ?10))

-- name: kRecordState
INSERT INTO main.paths(file_path, content, since, gone, mtime, recheck) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT(file_path) DO UPDATE SET content = ?2, since = ?3, gone = ?4, mtime = ?5, recheck = ?6

-- The state stays, with what is known of it better now.
-- name: kRecordAgain
UPDATE main.paths SET mtime = ?2, recheck = ?3 WHERE file_path = ?1

-- The end of a state that the path was left in: it is gone from the run ?2 on.
-- name: kRecordGone
UPDATE main.paths SET gone = ?2, mtime = ?3, recheck = ?4 WHERE file_path = ?1

-- A state that the same run began is no past.
-- name: kRowToPast
INSERT OR REPLACE INTO main.past(file_path, since, until, content, gone, mtime)
  SELECT file_path, since, coalesce(gone, ?2), content, gone IS NOT NULL, mtime FROM main.paths
  WHERE file_path = ?1 AND since <> coalesce(gone, ?2)

-- name: kUpdateMtime
UPDATE main.paths SET mtime = ?2, recheck = ?3 WHERE file_path = ?1

-- name: kRecordAside
INSERT OR REPLACE INTO main.past(file_path, since, until, content, gone, mtime) VALUES(?1, ?3, ?3, ?2, 0, ?4)

-- name: kMarkSuspect
UPDATE main.paths SET recheck = ?2, mtime = ?3 WHERE file_path = ?1

-- name: kBeginForgetting
CREATE TEMP TABLE IF NOT EXISTS forgotten(number INTEGER PRIMARY KEY);
DELETE FROM forgotten

-- name: kFindForgotten
INSERT INTO forgotten
  SELECT number FROM main.contents WHERE object = ?1
  UNION
  SELECT number FROM main.contents WHERE object IS NULL AND ?1 GLOB 'library/*' AND number IN (
    SELECT content FROM main.paths WHERE file_path = substr(?1, length('library') + 1)
    UNION
    SELECT content FROM main.past WHERE file_path = substr(?1, length('library') + 1))

-- name: kForgetPaths
DELETE FROM main.paths WHERE content IN (SELECT number FROM forgotten)

-- name: kForgetPast
DELETE FROM main.past WHERE content IN (SELECT number FROM forgotten)

-- name: kForgetPlacements
DELETE FROM main.placements WHERE content IN (SELECT number FROM forgotten)

-- name: kForgetEncrypted
DELETE FROM main.encrypted WHERE content IN (SELECT number FROM forgotten)

-- name: kForgetContents
DELETE FROM main.contents WHERE number IN (SELECT number FROM forgotten)

-- The newest commit that this manifest builds on, itself. In one of version 3.0, nothing is called committed.
-- name: kCommittedBy
SELECT generation, run, started, committed FROM runs
  WHERE committed = 1 OR NOT EXISTS (SELECT 1 FROM runs WHERE committed = 1)
  ORDER BY generation DESC, number DESC LIMIT 1

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

-- name: kDropMetadata
DELETE FROM manifest_metadata WHERE key = ?1

-- name: kHasMetadata
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'manifest_metadata'

-- name: kIndexChecksums
CREATE INDEX contents_by_checksum ON contents(checksum);
CREATE INDEX IF NOT EXISTS paths_by_content ON paths(content);
CREATE INDEX IF NOT EXISTS past_by_content ON past(content)

-- name: kIndexSha1
CREATE INDEX contents_by_sha1 ON contents(sha1);
CREATE INDEX IF NOT EXISTS paths_by_content ON paths(content);
CREATE INDEX IF NOT EXISTS past_by_content ON past(content)

-- name: kDropIndexes
DROP INDEX IF EXISTS contents_by_checksum;
DROP INDEX IF EXISTS contents_by_sha1;
DROP INDEX IF EXISTS paths_by_content;
DROP INDEX IF EXISTS past_by_content
