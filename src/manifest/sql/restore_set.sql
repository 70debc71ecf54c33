-- What a restore of a point brings, and where, as views: what everything that says so reads.

-- A path that the audit placed content at has that content, whatever its row says.
-- name: kRestoreSet
CREATE TEMP VIEW IF NOT EXISTS restore_set AS
SELECT @RECORD@ FROM files
  WHERE archived = 0 AND NOT EXISTS (SELECT 1 FROM main.placements p WHERE p.file_path = files.file_path)
UNION ALL
SELECT @PAST_RECORD@ FROM placed

-- The library's own bytes, at the library's own paths.
-- name: kLibrarySet
CREATE TEMP VIEW IF NOT EXISTS library_set AS SELECT @RECORD@ FROM files WHERE archived = 0

-- By the history in a newer manifest, where the point's own is gone: the states of one generation. Of several, which runs that
-- did not know of each other may leave, the one of the latest.
-- name: kGenerationSet
CREATE TEMP VIEW IF NOT EXISTS generation_set_:GENERATION: AS
SELECT @RECORD@ FROM (
  SELECT s.*, row_number() OVER (PARTITION BY file_path ORDER BY g DESC, mtime DESC, checksum DESC, object DESC) AS nth
  FROM (
    SELECT @RECORD@, b.generation AS g FROM files JOIN main.runs b ON b.number = since
    UNION ALL
    SELECT @PAST_RECORD@, b.generation
      FROM history JOIN main.runs b ON b.number = since JOIN main.runs e ON e.number = until
      WHERE since <> until AND e.generation > :GENERATION:
  ) s WHERE g <= :GENERATION:
) WHERE nth = 1 AND archived = 0

-- name: kSelectRecords
SELECT @RECORD@ FROM

-- name: kPlacedRecords
SELECT @PAST_RECORD@ FROM placed ORDER BY file_path

-- What the audit places at the moment.
-- name: kBeginPlacing
CREATE TEMP TABLE IF NOT EXISTS placing(file_path TEXT PRIMARY KEY NOT NULL, content INTEGER NOT NULL, mtime INTEGER)
  WITHOUT ROWID;
DELETE FROM placing

-- name: kPlace
INSERT OR REPLACE INTO placing VALUES(?1, ?2, ?3)

-- name: kPlacesTheSame
SELECT NOT EXISTS (SELECT * FROM placing EXCEPT SELECT * FROM main.placements)
  AND NOT EXISTS (SELECT * FROM main.placements EXCEPT SELECT * FROM placing)

-- name: kTakePlaced
DELETE FROM main.placements;
INSERT INTO main.placements SELECT * FROM placing

-- name: kAnyPlaced
SELECT 1 FROM main.placements LIMIT 1
