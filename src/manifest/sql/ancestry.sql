-- What a manifest (main) contradicts of one that it says it builds on, which is attached as `earlier`. Each statement gives
-- paths.

-- A manifest keeps every state of those that it builds on, as a row or as history. What was not known then may be known now.
-- name: kLostStates
SELECT e.file_path FROM (
    SELECT file_path, checksum, size, sha1, crc32c, coalesce(object, 'library' || file_path) AS object FROM earlier.files
    UNION ALL
    SELECT file_path, checksum, size, sha1, crc32c, coalesce(object, 'library' || file_path) FROM earlier.history
  ) e
  WHERE NOT EXISTS (SELECT 1 FROM main.files c WHERE c.file_path = e.file_path AND c.checksum = e.checksum
      AND c.size = e.size AND coalesce(c.object, 'library' || c.file_path) = e.object
      AND (e.sha1 IS NULL OR c.sha1 IS e.sha1) AND (e.crc32c IS NULL OR c.crc32c IS e.crc32c))
    AND NOT EXISTS (SELECT 1 FROM main.history c WHERE c.file_path = e.file_path AND c.checksum = e.checksum
      AND c.size = e.size AND coalesce(c.object, 'library' || c.file_path) = e.object
      AND (e.sha1 IS NULL OR c.sha1 IS e.sha1) AND (e.crc32c IS NULL OR c.crc32c IS e.crc32c))

-- A file whose size and time are as they were is not read, and so no run records other content for it. Those that are to be
-- read in any case do not count.
-- name: kRewritten
SELECT e.file_path FROM earlier.files e JOIN main.files c USING(file_path)
  WHERE c.checksum <> e.checksum AND c.size = e.size AND c.mtime = e.mtime
    AND c.archived = 0 AND e.archived = 0 AND c.recheck = 0 AND e.recheck = 0

-- The same content in another object, of which nothing earlier says that it holds that content.
-- name: kRepointed
WITH moved AS MATERIALIZED (
    SELECT e.file_path, c.checksum, coalesce(c.object, 'library' || c.file_path) AS object
    FROM earlier.files e JOIN main.files c USING(file_path)
    WHERE c.checksum = e.checksum AND c.object IS NOT e.object
      AND coalesce(c.object, 'library' || c.file_path) <> coalesce(e.object, 'library' || e.file_path))
SELECT file_path FROM moved WHERE (checksum, object) NOT IN (
    SELECT checksum, coalesce(object, 'library' || file_path) FROM earlier.files
      WHERE checksum IN (SELECT checksum FROM moved)
    UNION ALL
    SELECT checksum, coalesce(object, 'library' || file_path) FROM earlier.history
      WHERE checksum IN (SELECT checksum FROM moved))

-- Rows that say different things of one object: it can hold one content alone. Each object is in `named` as often as something
-- else is said of it; what a path's row says of the path's own object is compared with that.
-- name: kDisputedObjects
WITH named AS MATERIALIZED (
    SELECT object, checksum, file_path FROM main.files WHERE object IS NOT NULL
    UNION ALL
    SELECT coalesce(object, 'library' || file_path), checksum, file_path FROM main.history
    UNION ALL
    SELECT object, checksum, file_path FROM main.placed)
SELECT max(file_path) FROM named GROUP BY object HAVING min(checksum) <> max(checksum)
UNION ALL
SELECT n.file_path FROM named n JOIN main.files f ON f.file_path = substr(n.object, length('library') + 1)
  WHERE f.object IS NULL AND n.object = 'library' || f.file_path AND f.checksum <> n.checksum
