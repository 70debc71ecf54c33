-- Sums over all rows.

-- name: kCounts
SELECT count(*) FILTER (WHERE archived = 0), total(size) FILTER (WHERE archived = 0),
  count(*) FILTER (WHERE archived = 1), total(size) FILTER (WHERE archived = 1),
  (SELECT count(*) FROM history h WHERE archived = 0 AND checksum IS NOT
    (SELECT checksum FROM files f WHERE f.file_path = h.file_path)),
  (SELECT count(*) FROM placed)
FROM files

-- name: kOwnObjects
SELECT archived <> 0, size, class FROM files WHERE object IS NULL

-- Objects that are named by other rows than that of the path which they have their name from, each once, with the best that is
-- said of it: that it is in the library (0), was archived (1), or is an earlier version (2), as StoredKind numbers them. What
-- history says of a path's own object is left out where the path's row names that too, which knows better.
-- name: kNamedObjects
SELECT name, min(kind), size, class FROM (
  SELECT object AS name, archived <> 0 AS kind, size, class FROM files WHERE object IS NOT NULL
  UNION ALL
  SELECT coalesce(object, 'library' || file_path), 2, size, class FROM history h WHERE NOT (object IS NULL
    AND EXISTS (SELECT 1 FROM files f WHERE f.file_path = h.file_path AND f.object IS NULL))
) GROUP BY name

-- name: kOwnObjectNamed
SELECT archived <> 0, size, class FROM files
  WHERE file_path = substr(?1, length('library') + 1) AND object IS NULL AND ?1 = 'library' || file_path
