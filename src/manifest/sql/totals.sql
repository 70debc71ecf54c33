-- Sums over all rows.

-- name: kCounts
SELECT count(*) FILTER (WHERE archived = 0), total(size) FILTER (WHERE archived = 0),
  count(*) FILTER (WHERE archived = 1), total(size) FILTER (WHERE archived = 1),
  (SELECT count(*) FROM main.past h JOIN main.contents c ON c.number = h.content WHERE checksum IS NOT
    (SELECT checksum FROM files f WHERE f.file_path = h.file_path)),
  (SELECT count(*) FROM main.placements)
FROM files

-- Each object once, with the best that is said of it: that it is in the library (0), was archived (1), or is an earlier version
-- (2), as StoredKind numbers them.
-- name: kStoredObjects
SELECT kind, size, class FROM (
  SELECT content, min(kind) AS kind FROM (
    SELECT content, gone IS NOT NULL AS kind FROM main.paths UNION ALL SELECT content, 2 FROM main.past
  ) GROUP BY content
) JOIN main.contents ON number = content
