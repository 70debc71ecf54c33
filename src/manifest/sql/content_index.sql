-- What rows rely on, by content, in a database of its own that is attached as `held`.

-- Digests are asked for in no order: small pages make a miss cheap, and large ones keep the tree's inner pages few enough to
-- stay in the cache. The database is private and made again if anything goes wrong, so it has no journal.
-- `lent`: names in library/ that are written down, since another path relies on them than the one that they are of. That of an
-- encrypted object is always written down, and is of no path.
-- name: kCreateHeld
PRAGMA held.page_size = 8192;
PRAGMA held.synchronous = OFF;
PRAGMA held.journal_mode = OFF;
PRAGMA held.cache_size = -4096;
CREATE TABLE held.lent(object PRIMARY KEY) WITHOUT ROWID;
INSERT OR IGNORE INTO held.lent
  SELECT object FROM main.contents WHERE object >= 'library/' AND object < 'library0'
    AND NOT EXISTS (SELECT 1 FROM main.encrypted WHERE content = number) ORDER BY object

-- How many there are, or a little more, and how many the plan may add.
-- name: kContents
SELECT coalesce(max(number), 0) FROM main.contents

-- name: kContentsWithPlan
SELECT coalesce(max(number), 0) + (SELECT count(*) FROM plan.reads) FROM main.contents

-- name: kDigests
SELECT checksum FROM main.contents

-- `planned`: how many rows rely on the content, are planned to be archived, and were not found again.
-- `leaving`: how many of those have a place that no new path has taken; -1: no path has the content any more, since an earlier
-- run.
-- name: kGather
CREATE TABLE held.held(number INTEGER PRIMARY KEY, checksum, object, planned, leaving);
INSERT INTO held.held
  SELECT number, checksum, coalesce(object, 'library' || file_path), 0, -is_gone FROM (
    SELECT content, min(is_gone) AS is_gone, file_path FROM (
      SELECT content, gone IS NOT NULL AS is_gone, file_path FROM main.paths
      UNION ALL
      SELECT content, 1, file_path FROM main.past
    ) GROUP BY content
  ) JOIN main.contents ON number = content;
CREATE INDEX held.held_by_checksum ON held(checksum)

-- name: kGatherWithPlan
CREATE TABLE held.held(number INTEGER PRIMARY KEY, checksum, object, planned, leaving);
INSERT INTO held.held
  SELECT number, checksum, coalesce(object, 'library' || file_path), planned,
      CASE WHEN planned > 0 THEN planned ELSE -is_gone END FROM (
    SELECT content, min(is_gone) AS is_gone, sum(is_planned) AS planned, file_path FROM (
      SELECT content, gone IS NOT NULL AS is_gone,
        gone IS NULL AND EXISTS (SELECT 1 FROM plan.archives a WHERE a.file_path = p.file_path) AS is_planned, file_path
      FROM main.paths p
      UNION ALL
      SELECT content, 1, 0, file_path FROM main.past
    ) GROUP BY content
  ) JOIN main.contents ON number = content;
CREATE INDEX held.held_by_checksum ON held(checksum)

-- An object of which the CRC32C is known comes first: another may have been taken over from version 2.0 and hold something
-- else.
-- name: kFindHeld
SELECT h.object, c.checksum, size, sha1, crc32c, class, leaving
  FROM held.held h JOIN main.contents c USING(number) WHERE h.checksum = ?1
  ORDER BY crc32c IS NULL, leaving DESC, h.object LIMIT 1

-- name: kNumberOf
SELECT number FROM held.held WHERE checksum = ?1 AND object = ?2 LIMIT 1

-- name: kIsLent
SELECT 1 FROM held.lent WHERE object = ?1

-- name: kHasOwnObject
SELECT 1 FROM (
  SELECT content FROM main.paths WHERE file_path = ?1 UNION ALL SELECT content FROM main.past WHERE file_path = ?1
) CROSS JOIN main.contents ON number = content WHERE coalesce(object, 'library' || ?1) = 'library' || ?1 LIMIT 1

-- name: kAddHeld
INSERT INTO held.held VALUES(?1, ?2, ?3, 0, -?4)
  ON CONFLICT(number) DO UPDATE SET leaving = max(leaving, 0) WHERE excluded.leaving = 0

-- name: kAddLent
INSERT OR IGNORE INTO held.lent VALUES(?1)

-- name: kCountPlanned
SELECT total(planned), total(leaving <> 0) FROM held.held WHERE checksum = ?1

-- name: kFoundAgain
UPDATE held.held SET planned = 0 WHERE checksum = ?1

-- name: kTakePlace
UPDATE held.held SET leaving = max(leaving - 1, 0) WHERE number = (
  SELECT number FROM held.held h JOIN main.contents c USING(number) WHERE h.checksum = ?1
  ORDER BY crc32c IS NULL, leaving DESC, h.object LIMIT 1)
