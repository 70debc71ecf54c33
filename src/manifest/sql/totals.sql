-- Sums over all rows.

-- name: kCounts
SELECT count(*) FILTER (WHERE archived = 0), total(size) FILTER (WHERE archived = 0),
  count(*) FILTER (WHERE archived = 1), total(size) FILTER (WHERE archived = 1),
  (SELECT count(*) FROM main.past h JOIN main.contents c ON c.number = h.content WHERE checksum IS NOT
    (SELECT checksum FROM files f WHERE f.file_path = h.file_path)),
  (SELECT count(*) FROM main.placements)
FROM files

-- Objects whose name is not written down, each once: one path alone has its content, so nothing has to be sorted.
-- name: kUnnamedObjects
SELECT gone IS NOT NULL, size, class FROM main.paths JOIN main.contents ON number = content WHERE object IS NULL

-- All others, each once, with the best that is said of it: that it is in the library (0), was archived (1), or is an earlier
-- version (2), as StoredKind numbers them.
-- name: kOtherObjects
SELECT kind, size, class FROM (
  SELECT content, min(kind) AS kind FROM (
    SELECT content, gone IS NOT NULL AS kind FROM main.paths JOIN main.contents ON number = content WHERE object IS NOT NULL
    UNION ALL
    SELECT content, 2 FROM main.past h JOIN main.contents ON number = content
    WHERE object IS NOT NULL
      OR NOT EXISTS (SELECT 1 FROM main.paths p WHERE p.file_path = h.file_path AND p.content = h.content)
  ) GROUP BY content
) JOIN main.contents ON number = content
