-- What a run is about to do, in a database of its own that is attached as `plan` and never packed.

-- name: kCreatePlan
PRAGMA plan.synchronous = OFF;
PRAGMA plan.journal_mode = OFF;
CREATE TABLE plan.reads(file_path TEXT PRIMARY KEY NOT NULL, size INTEGER, mtime INTEGER, reason INTEGER) WITHOUT ROWID;
CREATE TABLE plan.archives(file_path TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
CREATE TABLE plan.unclaimed(object TEXT PRIMARY KEY NOT NULL, file_path, checksum, size, archived, sha1, crc32c, mtime,
  class, object_size, object_crc32c, recipients) WITHOUT ROWID;
CREATE INDEX plan.unclaimed_by_checksum ON unclaimed(checksum)

-- name: kAddRead
INSERT INTO plan.reads VALUES(?1, ?2, ?3, ?4)

-- name: kAddArchive
INSERT INTO plan.archives VALUES(?1)

-- ?1 and ?2 are the reasons for which a file is new here.
-- name: kNewReads
SELECT file_path, size, mtime, reason FROM plan.reads WHERE reason IN (?1, ?2) ORDER BY file_path

-- name: kKnownReads
SELECT file_path, size, mtime, reason FROM plan.reads WHERE reason NOT IN (?1, ?2) ORDER BY file_path

-- name: kDropRead
DELETE FROM plan.reads WHERE file_path = ?1

-- name: kDropReads
DELETE FROM plan.reads WHERE reason = ?1

-- name: kCountArchives
SELECT count(*) FROM plan.archives

-- name: kArchive
UPDATE main.paths SET gone = ?1 WHERE file_path IN (SELECT file_path FROM plan.archives) AND gone IS NULL

-- name: kAddUnclaimed
INSERT OR REPLACE INTO plan.unclaimed(file_path, checksum, size, archived, sha1, crc32c, mtime, class, object,
  object_size, object_crc32c, recipients) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: kUnclaimedWithSha256
SELECT @UNCLAIMED_RECORD@, object_size, object_crc32c, recipients FROM plan.unclaimed WHERE checksum = ?1 ORDER BY object LIMIT 1

-- name: kIsUnclaimed
SELECT 1 FROM plan.unclaimed WHERE object = ?1

-- name: kUnclaimed
SELECT @UNCLAIMED_RECORD@, object_size, object_crc32c, recipients FROM plan.unclaimed ORDER BY object
