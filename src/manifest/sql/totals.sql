-- Sums over all rows.

-- The last column: the object's name is not written down. Then one path alone has it, and it is counted here.
-- name: kPathsAndContents
SELECT gone IS NOT NULL, size, class, object IS NULL FROM main.paths JOIN main.contents ON number = content

-- How many earlier versions there are, and how many files a restore places.
-- name: kVersionsAndPlacements
SELECT
  (SELECT count(*) FROM main.past h JOIN main.contents c ON c.number = h.content WHERE checksum IS NOT
    (SELECT checksum FROM files f WHERE f.file_path = h.file_path)),
  (SELECT count(*) FROM main.placements)

-- The other objects, each once, with the best that is said of it: that it is in the library (0), was archived (1), or is an
-- earlier version (2), as StoredKind numbers them. Few have a name that is written down, and those are found without a look at
-- each path's content.
-- name: kOtherObjects
SELECT kind, size, class FROM (
  SELECT content, min(kind) AS kind FROM (
    SELECT content, gone IS NOT NULL AS kind FROM main.paths
    WHERE content IN (SELECT number FROM main.contents WHERE object IS NOT NULL)
    UNION ALL
    SELECT content, 2 FROM main.past h JOIN main.contents ON number = content
    WHERE object IS NOT NULL
      OR NOT EXISTS (SELECT 1 FROM main.paths p WHERE p.file_path = h.file_path AND p.content = h.content)
  ) GROUP BY content
) JOIN main.contents ON number = content
