-- What rows rely on, by content, in a database of its own that is attached as `contents`.

-- Digests are asked for in no order: small pages make a miss cheap, and large ones keep the tree's inner pages few enough to
-- stay in the cache. The database is private and made again if anything goes wrong, so it has no journal.
-- `beginnings` has the first bytes of each digest, few enough to stay in the cache: what begins otherwise is new.
-- `held.planned`: how many rows rely on the content, are planned to be archived, and were not found again.
-- `held.leaving`: how many of those have a place that no new path has taken; -1: no path has the content any more, since an
-- earlier run.
-- `lent`: names in library/ on which another path relies than the one that they are of.
-- name: kCreateContents
PRAGMA contents.page_size = 8192;
PRAGMA contents.synchronous = OFF;
PRAGMA contents.journal_mode = OFF;
PRAGMA contents.cache_size = -8192;
CREATE TABLE contents.beginnings(digest PRIMARY KEY) WITHOUT ROWID;
INSERT INTO contents.beginnings SELECT DISTINCT digest FROM (
    SELECT substr(checksum, 1, 8) AS digest FROM files UNION ALL SELECT substr(checksum, 1, 8) FROM history
  ) ORDER BY digest;
CREATE TABLE contents.held(checksum, object, size, sha1, crc32c, class, planned, leaving, PRIMARY KEY(checksum, object))
  WITHOUT ROWID;
CREATE TABLE contents.lent(object PRIMARY KEY) WITHOUT ROWID;
INSERT OR IGNORE INTO contents.lent
  SELECT object FROM files WHERE object >= 'library/' AND object < 'library0'
  UNION
  SELECT object FROM history WHERE object >= 'library/' AND object < 'library0'

-- Sorted first, so that it is written from its beginning to its end.
-- name: kGather
INSERT INTO contents.held
  SELECT checksum, object, size, sha1, crc32c, class, 0, -min(archived) FROM (
    SELECT checksum, coalesce(object, 'library' || file_path) AS object, size, sha1, crc32c, class, archived FROM files
    UNION ALL
    SELECT checksum, coalesce(object, 'library' || file_path), size, sha1, crc32c, class, 1 FROM history
  ) GROUP BY checksum, object

-- name: kGatherWithPlan
INSERT INTO contents.held
  SELECT checksum, object, size, sha1, crc32c, class, sum(planned),
      CASE WHEN sum(planned) > 0 THEN sum(planned) ELSE -min(archived) END FROM (
    SELECT checksum, coalesce(object, 'library' || file_path) AS object, size, sha1, crc32c, class, archived,
      archived = 0 AND EXISTS (SELECT 1 FROM plan.archives a WHERE a.file_path = files.file_path) AS planned FROM files
    UNION ALL
    SELECT checksum, coalesce(object, 'library' || file_path), size, sha1, crc32c, class, 1, 0 FROM history
  ) GROUP BY checksum, object

-- name: kHasBeginning
SELECT 1 FROM contents.beginnings WHERE digest = substr(?1, 1, 8)

-- name: kAddBeginning
INSERT OR IGNORE INTO contents.beginnings VALUES(substr(?1, 1, 8))

-- An object of which the CRC32C is known comes first: another may have been taken over from version 2.0 and hold something
-- else.
-- name: kFindHeld
SELECT object, checksum, size, sha1, crc32c, class, leaving FROM contents.held WHERE checksum = ?1
  ORDER BY crc32c IS NULL, leaving DESC, object LIMIT 1

-- name: kIsHeld
SELECT 1 FROM contents.held WHERE checksum = ?1 AND object = ?2

-- name: kIsLent
SELECT 1 FROM contents.lent WHERE object = ?1

-- name: kHasOwnObject
SELECT 1 FROM files WHERE file_path = ?1 AND object IS NULL
UNION ALL
SELECT 1 FROM history WHERE file_path = ?1 AND object IS NULL LIMIT 1

-- name: kAddHeld
INSERT INTO contents.held VALUES(?2, ?1, ?3, ?5, ?6, ?8, 0, -?4) ON CONFLICT DO NOTHING

-- name: kCountPlanned
SELECT total(planned), total(leaving <> 0) FROM contents.held WHERE checksum = ?1

-- name: kFoundAgain
UPDATE contents.held SET planned = 0 WHERE checksum = ?1

-- name: kTakePlace
UPDATE contents.held SET leaving = max(leaving - 1, 0) WHERE checksum = ?1 AND object = (
  SELECT object FROM contents.held WHERE checksum = ?1 ORDER BY crc32c IS NULL, leaving DESC, object LIMIT 1)
