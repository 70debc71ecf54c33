-- Rows between a manifest and another file, which is attached as `other`.

-- name: kRowCounts
SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM history), (SELECT count(*) FROM placed),
  (SELECT count(*) FROM runs)

-- What this run has written, and is not there.
-- name: kLostChange
SELECT file_path FROM plan.changes c WHERE NOT EXISTS (SELECT 1 FROM main.files f WHERE f.file_path = c.file_path)
  AND NOT EXISTS (SELECT 1 FROM main.history h WHERE h.file_path = c.file_path) LIMIT 1

-- What the other one calls its runs is translated to our numbers. Before that, who knows which commits is written down.
-- `known` has the runs whose commits we build on (side 0), and those that the other one builds on (side 1).
-- name: kWriteDownKnown
CREATE TEMP TABLE known(side INTEGER, number INTEGER, PRIMARY KEY(side, number)) WITHOUT ROWID;
INSERT INTO known SELECT 0, number FROM main.runs WHERE committed = 1

-- name: kMergeRuns
INSERT INTO main.runs(generation, run, started, committed)
  SELECT generation, run, started, committed FROM other.runs WHERE true
  ON CONFLICT(run) DO UPDATE SET generation = max(generation, excluded.generation),
    committed = max(committed, excluded.committed)
  WHERE excluded.generation > generation OR excluded.committed > committed

-- name: kTranslateRuns
CREATE TEMP TABLE theirs(number INTEGER PRIMARY KEY, ours INTEGER NOT NULL);
INSERT INTO theirs SELECT o.number, r.number FROM other.runs o JOIN main.runs r USING(run);
INSERT INTO known SELECT 1, t.ours FROM theirs t JOIN other.runs o USING(number) WHERE o.committed = 1;
CREATE TEMP VIEW their_files AS
  SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, t.ours AS since, class, object
  FROM other.files JOIN theirs t ON t.number = since;
CREATE TEMP VIEW their_history AS
  SELECT file_path, b.ours AS since, e.ours AS until, checksum, size, archived, sha1, crc32c, mtime, class, object
  FROM other.history JOIN theirs b ON b.number = since JOIN theirs e ON e.number = until

-- The paths of which the two have different states. A side that knows the other's state and has another one has moved on from
-- it: that one counts. Where neither knows the other's, what is there counts before what is gone, then the later mtime, then
-- the greater checksum, so that the order of merging does not matter.
-- name: kFindDisputes
CREATE TEMP TABLE disputes(file_path TEXT PRIMARY KEY NOT NULL, theirs_counts INTEGER, is_open INTEGER) WITHOUT ROWID;
INSERT INTO disputes
  SELECT file_path,
    CASE WHEN we_know AND NOT they_know THEN 0 WHEN they_know AND NOT we_know THEN 1 ELSE theirs_ranks_higher END,
    we_know = they_know AND NOT is_same
  FROM (
    SELECT file_path,
      (f.checksum, f.archived, coalesce(f.object, '')) IS (o.checksum, o.archived, coalesce(o.object, '')) AS is_same,
      EXISTS (SELECT 1 FROM known WHERE side = 0 AND number = o.since)
        OR EXISTS (SELECT 1 FROM main.history h WHERE h.file_path = o.file_path AND h.since = o.since
          AND (h.checksum, h.archived, coalesce(h.object, '')) IS (o.checksum, o.archived, coalesce(o.object, ''))) AS we_know,
      EXISTS (SELECT 1 FROM known WHERE side = 1 AND number = f.since)
        OR EXISTS (SELECT 1 FROM their_history h WHERE h.file_path = f.file_path AND h.since = f.since
          AND (h.checksum, h.archived, coalesce(h.object, '')) IS (f.checksum, f.archived, coalesce(f.object, ''))) AS they_know,
      (1 - o.archived, coalesce(o.mtime, 0), o.checksum, coalesce(o.object, ''), -p.generation, p.run)
        > (1 - f.archived, coalesce(f.mtime, 0), f.checksum, coalesce(f.object, ''), -r.generation, r.run)
        AS theirs_ranks_higher
    FROM main.files f JOIN their_files o USING(file_path)
      JOIN main.runs r ON r.number = f.since JOIN main.runs p ON p.number = o.since
    WHERE (f.since, f.checksum, f.archived, coalesce(f.object, '')) IS NOT
      (o.since, o.checksum, o.archived, coalesce(o.object, '')))

-- name: kMergeHistory
INSERT OR IGNORE INTO main.history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object FROM their_history

-- The state that does not count stays in history, with its content, where neither side had it there.
-- name: kKeepOurs
INSERT OR IGNORE INTO main.history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT f.file_path, f.since, o.since, f.checksum, f.size, f.archived, f.sha1, f.crc32c, f.mtime, f.class, f.object
  FROM disputes d JOIN main.files f USING(file_path) JOIN their_files o USING(file_path)
  WHERE d.is_open AND d.theirs_counts

-- name: kKeepTheirs
INSERT OR IGNORE INTO main.history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT o.file_path, o.since, f.since, o.checksum, o.size, o.archived, o.sha1, o.crc32c, o.mtime, o.class, o.object
  FROM disputes d JOIN main.files f USING(file_path) JOIN their_files o USING(file_path)
  WHERE d.is_open AND NOT d.theirs_counts

-- A file about which two runs disagreed is read again by the next one.
-- name: kTakeTheirs
INSERT INTO main.files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object)
  SELECT o.file_path, o.checksum, o.size, o.archived, o.sha1, o.crc32c, o.mtime,
    max(o.recheck, d.is_open AND NOT o.archived), o.since, o.class, o.object
  FROM disputes d JOIN their_files o USING(file_path) WHERE d.theirs_counts
  ON CONFLICT(file_path) DO UPDATE SET checksum = excluded.checksum, size = excluded.size, archived = excluded.archived,
    sha1 = excluded.sha1, crc32c = excluded.crc32c, mtime = excluded.mtime, recheck = excluded.recheck,
    since = excluded.since, class = excluded.class, object = excluded.object

-- name: kRecheckOurs
UPDATE main.files SET recheck = 1 WHERE recheck = 0 AND archived = 0
  AND file_path IN (SELECT file_path FROM disputes WHERE is_open AND NOT theirs_counts)

-- Paths that we do not have; and of the same state, the later time of the file.
-- name: kAddTheirs
INSERT INTO main.files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object)
  SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object FROM their_files WHERE true
  ON CONFLICT(file_path) DO UPDATE SET sha1 = coalesce(sha1, excluded.sha1), crc32c = coalesce(crc32c, excluded.crc32c),
    mtime = excluded.mtime, recheck = excluded.recheck
  WHERE (excluded.since, excluded.checksum, excluded.archived, coalesce(excluded.object, ''))
      IS (since, checksum, archived, coalesce(object, ''))
    AND (coalesce(excluded.mtime, 0), excluded.recheck) > (coalesce(mtime, 0), recheck)

-- name: kEndMerge
DROP VIEW their_files;
DROP VIEW their_history;
DROP TABLE theirs;
DROP TABLE known;
DROP TABLE disputes

-- The rows that were written. What a checkpoint builds on is not called committed in it: it lacks the rest of that.
-- name: kExtractRows
INSERT INTO main.runs SELECT number, generation, run, started, 0 FROM source.runs;
INSERT INTO main.files SELECT * FROM source.files WHERE file_path IN (SELECT file_path FROM plan.changes)

-- Of their history, what the run ?1 has ended or kept aside: so that the checkpoint knows what it has moved on from.
-- name: kExtractHistory
INSERT INTO main.history SELECT * FROM source.history
  WHERE until = ?1 AND file_path IN (SELECT file_path FROM plan.changes)
