-- Which earlier states no kept restore point has, and leaving them out.

-- name: kBeginFold
CREATE TEMP TABLE kept_generations(generation INTEGER PRIMARY KEY)

-- name: kKeepGeneration
INSERT OR IGNORE INTO kept_generations VALUES(?1)

-- The states in which no kept generation lies. One without length is content that is kept for reference only; where it has no
-- other row, that one stays below. CROSS JOIN: read row by row, and never by an index that SQLite makes of all of them.
-- name: kFindFoldable
CREATE TEMP TABLE foldable(file_path, since, until, content, is_newest, generation);
INSERT INTO foldable
  SELECT file_path, since, until, content, 0, e.generation
  FROM main.past CROSS JOIN main.runs b ON b.number = since CROSS JOIN main.runs e ON e.number = until
  WHERE NOT EXISTS (SELECT 1 FROM kept_generations k WHERE k.generation >= b.generation AND k.generation < e.generation)
  UNION ALL
  SELECT file_path, since, gone, content, 1, e.generation
  FROM main.paths CROSS JOIN main.runs b ON b.number = since CROSS JOIN main.runs e ON e.number = gone
  WHERE NOT EXISTS (SELECT 1 FROM kept_generations k WHERE k.generation >= b.generation AND k.generation < e.generation)

-- Each content keeps a row: if no other does, the latest of those that would go.
-- name: kSpareLastRows
CREATE TEMP TABLE rows_left(content INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
INSERT INTO rows_left SELECT content, 0 FROM (SELECT DISTINCT content FROM foldable);
UPDATE rows_left SET rows = all_rows.n - gone_rows.n
  FROM (SELECT content, count(*) AS n FROM (
      SELECT p.content FROM main.paths p JOIN rows_left USING(content)
      UNION ALL SELECT p.content FROM main.past p JOIN rows_left USING(content)
    ) GROUP BY content) all_rows
  JOIN (SELECT content, count(*) AS n FROM foldable GROUP BY content) gone_rows USING(content)
  WHERE rows_left.content = all_rows.content;
CREATE INDEX foldable_by_content ON foldable(content, generation, since, is_newest);
DELETE FROM foldable WHERE rowid IN (
  SELECT (SELECT f.rowid FROM foldable f WHERE f.content = l.content ORDER BY generation DESC, since DESC, is_newest DESC, rowid
    LIMIT 1)
  FROM rows_left l WHERE l.rows = 0)

-- name: kFoldPast
DELETE FROM main.past WHERE (file_path, since, until, content) IN (
  SELECT file_path, since, until, content FROM foldable WHERE NOT is_newest)

-- name: kFoldPaths
DELETE FROM main.paths WHERE gone IS NOT NULL AND file_path IN (SELECT file_path FROM foldable WHERE is_newest)

-- name: kEndFold
DROP TABLE foldable;
DROP TABLE rows_left;
DROP TABLE kept_generations
