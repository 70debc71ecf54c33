-- What a manifest contradicts of one that it says it builds on, which is attached as `earlier`. Each statement gives paths.

-- name: kViewEarlier
CREATE TEMP VIEW IF NOT EXISTS earlier_files AS
  SELECT file_path, checksum, size, gone IS NOT NULL AS archived, sha1, crc32c, mtime, recheck,
    coalesce(object, 'library' || file_path) AS object
  FROM earlier.paths JOIN earlier.contents ON number = content;
CREATE TEMP VIEW IF NOT EXISTS earlier_states AS
  SELECT file_path, checksum, size, sha1, crc32c, object, archived = 0 AS is_there FROM earlier_files
  UNION ALL
  SELECT file_path, checksum, size, sha1, crc32c, coalesce(object, 'library' || file_path), 0
  FROM earlier.past JOIN earlier.contents ON number = content

-- A manifest keeps every content of those that it builds on, and where a restore point rests on one of these (?1), the paths
-- that had it then. What was not known then may be known now.
-- name: kLostStates
WITH lost AS MATERIALIZED (
  SELECT e.file_path, e.checksum, e.size, e.sha1, e.crc32c, e.object, e.is_there FROM earlier_states e
  WHERE NOT EXISTS (SELECT 1 FROM files c WHERE c.file_path = e.file_path AND c.checksum = e.checksum
      AND c.size = e.size AND coalesce(c.object, 'library' || c.file_path) = e.object
      AND (e.sha1 IS NULL OR c.sha1 IS e.sha1) AND (e.crc32c IS NULL OR c.crc32c IS e.crc32c))
    AND NOT EXISTS (SELECT 1 FROM history c WHERE c.file_path = e.file_path AND c.checksum = e.checksum
      AND c.size = e.size AND coalesce(c.object, 'library' || c.file_path) = e.object
      AND (e.sha1 IS NULL OR c.sha1 IS e.sha1) AND (e.crc32c IS NULL OR c.crc32c IS e.crc32c))),
kept AS MATERIALIZED (
  SELECT c.checksum, c.size, c.sha1, c.crc32c, coalesce(c.object, 'library' || c.file_path) AS object
  FROM (
    SELECT checksum, size, sha1, crc32c, object, file_path FROM files
    UNION ALL
    SELECT checksum, size, sha1, crc32c, object, file_path FROM history
  ) c WHERE c.checksum IN (SELECT checksum FROM lost))
SELECT file_path FROM lost e WHERE (?1 AND is_there) OR NOT EXISTS (SELECT 1 FROM kept c
  WHERE c.checksum = e.checksum AND c.size = e.size AND c.object = e.object
    AND (e.sha1 IS NULL OR c.sha1 IS e.sha1) AND (e.crc32c IS NULL OR c.crc32c IS e.crc32c))

-- A file whose size and time are as they were is not read, and so no run records other content for it. Those that are to be
-- read in any case do not count.
-- name: kRewritten
SELECT e.file_path FROM earlier_files e JOIN files c USING(file_path)
  WHERE c.checksum <> e.checksum AND c.size = e.size AND c.mtime = e.mtime
    AND c.archived = 0 AND e.archived = 0 AND c.recheck = 0 AND e.recheck = 0

-- The same content in another object, of which nothing earlier says that it holds that content.
-- name: kRepointed
WITH moved AS MATERIALIZED (
    SELECT e.file_path, c.checksum, coalesce(c.object, 'library' || c.file_path) AS object
    FROM earlier_files e JOIN files c USING(file_path)
    WHERE c.checksum = e.checksum AND coalesce(c.object, 'library' || c.file_path) <> e.object)
SELECT file_path FROM moved WHERE (checksum, object) NOT IN (
    SELECT checksum, object FROM earlier_states WHERE checksum IN (SELECT checksum FROM moved))

-- Rows that say different things of one object: it can hold one content alone.
-- name: kDisputedObjects
SELECT max(file_path) FROM (
  SELECT file_path, content FROM main.paths
  UNION ALL SELECT file_path, content FROM main.past
  UNION ALL SELECT file_path, content FROM main.placements
) JOIN main.contents ON number = content
GROUP BY coalesce(object, 'library' || file_path) HAVING min(checksum) <> max(checksum)
