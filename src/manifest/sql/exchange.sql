-- Rows between a manifest and another file, which is attached as `other`.

-- name: kRowCounts
SELECT (SELECT count(*) FROM main.paths), (SELECT count(*) FROM main.past), (SELECT count(*) FROM main.placements),
  (SELECT count(*) FROM main.runs), (SELECT count(*) FROM main.contents), (SELECT count(*) FROM main.encrypted)

-- A path without its content would be no file of any list.
-- name: kLostContent
SELECT file_path FROM (
  SELECT file_path, content FROM main.paths UNION ALL SELECT file_path, content FROM main.past
  UNION ALL SELECT file_path, content FROM main.placements
) LEFT JOIN main.contents ON number = content WHERE number IS NULL LIMIT 1

-- What this run has written, and is not there.
-- name: kLostChange
SELECT file_path FROM changed_paths c WHERE NOT EXISTS (SELECT 1 FROM main.paths f WHERE f.file_path = c.file_path)
  AND NOT EXISTS (SELECT 1 FROM main.past h WHERE h.file_path = c.file_path) LIMIT 1

-- What is written from now on is noted, whoever writes it, in a database of its own that is attached as `changes`. It has a
-- journal: a merge that fails is taken back, and what was noted before must be there afterwards. `saved`: a checkpoint has it.
-- name: kTrackChanges
PRAGMA changes.synchronous = OFF;
PRAGMA changes.journal_mode = TRUNCATE;
CREATE TABLE changes.changed_paths(file_path TEXT PRIMARY KEY NOT NULL, saved INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE changes.changed_contents(number INTEGER PRIMARY KEY, saved INTEGER NOT NULL DEFAULT 0);
CREATE TABLE changes.changed_runs(number INTEGER PRIMARY KEY);
CREATE TABLE changes.dropped_from(name TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
CREATE TEMP TRIGGER path_dropped AFTER DELETE ON main.paths BEGIN
  INSERT OR IGNORE INTO dropped_from VALUES('paths');
END;
CREATE TEMP TRIGGER past_dropped AFTER DELETE ON main.past BEGIN
  INSERT OR IGNORE INTO dropped_from VALUES('past');
END;
CREATE TEMP TRIGGER content_dropped AFTER DELETE ON main.contents BEGIN
  INSERT OR IGNORE INTO dropped_from VALUES('contents');
END;
CREATE TEMP TRIGGER path_added AFTER INSERT ON main.paths BEGIN
  INSERT INTO changed_paths(file_path) VALUES(new.file_path) ON CONFLICT(file_path) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER path_changed AFTER UPDATE ON main.paths BEGIN
  INSERT INTO changed_paths(file_path) VALUES(new.file_path) ON CONFLICT(file_path) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER past_added AFTER INSERT ON main.past BEGIN
  INSERT INTO changed_paths(file_path) VALUES(new.file_path) ON CONFLICT(file_path) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER past_changed AFTER UPDATE ON main.past BEGIN
  INSERT INTO changed_paths(file_path) VALUES(new.file_path) ON CONFLICT(file_path) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER content_added AFTER INSERT ON main.contents BEGIN
  INSERT INTO changed_contents(number) VALUES(new.number) ON CONFLICT(number) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER content_changed AFTER UPDATE ON main.contents BEGIN
  INSERT INTO changed_contents(number) VALUES(new.number) ON CONFLICT(number) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER content_found_encrypted AFTER INSERT ON main.encrypted BEGIN
  INSERT INTO changed_contents(number) VALUES(new.content) ON CONFLICT(number) DO UPDATE SET saved = 0;
END;
CREATE TEMP TRIGGER run_added AFTER INSERT ON main.runs BEGIN
  INSERT INTO changed_runs(number) VALUES(new.number) ON CONFLICT(number) DO NOTHING;
END;
CREATE TEMP TRIGGER run_changed AFTER UPDATE ON main.runs BEGIN
  INSERT INTO changed_runs(number) VALUES(new.number) ON CONFLICT(number) DO NOTHING;
END

-- What was written and then dropped on purpose.
-- name: kForgetDropped
DELETE FROM changed_paths WHERE NOT EXISTS (SELECT 1 FROM main.paths p WHERE p.file_path = changed_paths.file_path)
  AND NOT EXISTS (SELECT 1 FROM main.past p WHERE p.file_path = changed_paths.file_path)

-- name: kAnyDropped
SELECT 1 FROM dropped_from LIMIT 1

-- name: kAnyUnsaved
SELECT 1 FROM changed_paths WHERE saved = 0 UNION ALL SELECT 1 FROM changed_contents WHERE saved = 0 LIMIT 1

-- name: kMarkSaved
UPDATE changed_paths SET saved = 1 WHERE saved = 0;
UPDATE changed_contents SET saved = 1 WHERE saved = 0

-- name: kChangedRows
SELECT (SELECT count(*) FROM changed_paths) + (SELECT count(*) FROM changed_contents)

-- What the other one calls its runs and contents is translated to our numbers. Before that, who knows which commits is written
-- down. `known` has the runs whose commits we build on (side 0), and those that the other one builds on (side 1).
-- name: kWriteDownKnown
CREATE TEMP TABLE known(side INTEGER, number INTEGER, PRIMARY KEY(side, number)) WITHOUT ROWID;
INSERT INTO known SELECT 0, number FROM main.runs WHERE committed = 1

-- name: kMergeRuns
INSERT INTO main.runs(generation, run, started, committed)
  SELECT generation, run, started, committed FROM other.runs WHERE true
  ON CONFLICT(run) DO UPDATE SET generation = max(generation, excluded.generation),
    committed = max(committed, excluded.committed)
  WHERE excluded.generation > generation OR excluded.committed > committed

-- A content is the same where the SHA-256 and the object's name are. Only those of ours are looked at that have the SHA-256 of
-- one of the other's: of these, and of all of the other's, it takes a path to know a name that is not written down.
-- name: kTranslate
CREATE TEMP TABLE their_runs(number INTEGER PRIMARY KEY, ours INTEGER NOT NULL);
INSERT INTO their_runs SELECT o.number, r.number FROM other.runs o JOIN main.runs r USING(run);
INSERT INTO known SELECT 1, t.ours FROM their_runs t JOIN other.runs o USING(number) WHERE o.committed = 1;
CREATE TEMP TABLE their_digests(checksum PRIMARY KEY) WITHOUT ROWID;
INSERT INTO their_digests SELECT DISTINCT checksum FROM other.contents ORDER BY checksum;
CREATE TEMP TABLE our_candidates(number INTEGER PRIMARY KEY, checksum, name);
INSERT INTO our_candidates
  SELECT number, c.checksum, object FROM main.contents c CROSS JOIN their_digests d WHERE d.checksum = c.checksum;
UPDATE our_candidates SET name = 'library' || home.file_path FROM (
    SELECT p.content, p.file_path FROM main.paths p CROSS JOIN our_candidates c WHERE c.number = p.content AND c.name IS NULL
    UNION ALL
    SELECT p.content, p.file_path FROM main.past p CROSS JOIN our_candidates c WHERE c.number = p.content AND c.name IS NULL
    UNION ALL
    SELECT p.content, p.file_path FROM main.placements p CROSS JOIN our_candidates c WHERE c.number = p.content AND c.name IS NULL
  ) home WHERE home.content = our_candidates.number AND our_candidates.name IS NULL;
CREATE INDEX our_candidates_by_name ON our_candidates(checksum, name);
CREATE TEMP TABLE their_homes(content INTEGER PRIMARY KEY, file_path) WITHOUT ROWID;
INSERT OR IGNORE INTO their_homes
  SELECT content, file_path FROM other.paths UNION ALL SELECT content, file_path FROM other.past
  UNION ALL SELECT content, file_path FROM other.placements;
CREATE TEMP TABLE their_contents(number INTEGER PRIMARY KEY, ours INTEGER, is_new INTEGER NOT NULL DEFAULT 0);
INSERT INTO their_contents(number, ours)
  SELECT o.number, (SELECT c.number FROM our_candidates c WHERE c.checksum = o.checksum
      AND c.name = coalesce(o.object, 'library' || h.file_path))
  FROM other.contents o JOIN their_homes h ON h.content = o.number;
CREATE TEMP TABLE new_contents(nth INTEGER PRIMARY KEY, number INTEGER NOT NULL);
INSERT INTO new_contents(number) SELECT number FROM their_contents WHERE ours IS NULL ORDER BY number;
UPDATE their_contents SET is_new = 1,
    ours = n.nth + (SELECT coalesce(max(number), 0) FROM main.contents)
  FROM new_contents n WHERE n.number = their_contents.number;
CREATE TEMP VIEW their_paths AS
  SELECT file_path, c.ours AS content, b.ours AS since, e.ours AS gone, mtime, recheck, coalesce(e.ours, b.ours) AS at,
    checksum, coalesce(object, 'library' || file_path) AS name
  FROM other.paths p JOIN their_contents c ON c.number = p.content JOIN other.contents o ON o.number = p.content
    JOIN their_runs b ON b.number = since LEFT JOIN their_runs e ON e.number = gone;
CREATE TEMP VIEW their_past AS
  SELECT file_path, b.ours AS since, e.ours AS until, c.ours AS content, gone, mtime
  FROM other.past p JOIN their_contents c ON c.number = p.content JOIN their_runs b ON b.number = since
    JOIN their_runs e ON e.number = until;
CREATE TEMP VIEW our_paths AS
  SELECT file_path, content, since, gone, mtime, recheck, coalesce(gone, since) AS at, checksum,
    coalesce(object, 'library' || file_path) AS name
  FROM main.paths JOIN main.contents ON number = content

-- name: kMergeContents
INSERT INTO main.contents(number, checksum, size, sha1, crc32c, class, object)
  SELECT t.ours, checksum, size, sha1, crc32c, class, object FROM other.contents JOIN their_contents t USING(number)
  WHERE t.is_new

-- name: kMergeEncrypted
INSERT INTO main.recipients(keys)
  SELECT DISTINCT keys FROM other.recipients WHERE keys NOT IN (SELECT keys FROM main.recipients);
INSERT OR IGNORE INTO main.encrypted(content, size, crc32c, recipients)
  SELECT t.ours, size, crc32c,
    coalesce((SELECT m.number FROM other.recipients o JOIN main.recipients m USING(keys) WHERE o.number = e.recipients), 0)
  FROM other.encrypted e JOIN their_contents t ON t.number = content

-- name: kLearnContents
UPDATE main.contents SET sha1 = coalesce(contents.sha1, o.sha1), crc32c = coalesce(contents.crc32c, o.crc32c),
    class = coalesce(contents.class, o.class), object = coalesce(contents.object, o.object)
  FROM other.contents o JOIN their_contents t USING(number)
  WHERE contents.number = t.ours AND NOT t.is_new AND (contents.sha1, contents.crc32c, contents.class, contents.object)
    IS NOT (coalesce(contents.sha1, o.sha1), coalesce(contents.crc32c, o.crc32c), coalesce(contents.class, o.class),
      coalesce(contents.object, o.object))

-- The paths of which the two have different states. A side that knows the other's state and has another one has moved on from
-- it: that one counts. Where neither knows the other's, what is there counts before what is gone, then the later mtime, then
-- the greater checksum, so that the order of merging does not matter. A state begins `at` a run: when the path was found gone,
-- or when the content was found there.
-- name: kFindDisputes
CREATE TEMP TABLE disputes(file_path TEXT PRIMARY KEY NOT NULL, theirs_counts INTEGER, is_open INTEGER) WITHOUT ROWID;
INSERT INTO disputes
  SELECT file_path,
    CASE WHEN we_know AND NOT they_know THEN 0 WHEN they_know AND NOT we_know THEN 1 ELSE theirs_ranks_higher END,
    we_know = they_know AND NOT is_same
  FROM (
    SELECT file_path,
      (f.content, f.gone IS NULL) IS (o.content, o.gone IS NULL) AS is_same,
      EXISTS (SELECT 1 FROM known WHERE side = 0 AND number = o.at)
        OR EXISTS (SELECT 1 FROM main.past h WHERE h.file_path = o.file_path AND h.content = o.content
          AND CASE WHEN o.gone IS NULL THEN h.since ELSE h.until * h.gone END = o.at)
        OR (o.gone IS NULL AND f.gone IS NOT NULL AND (f.content, f.since) IS (o.content, o.since)) AS we_know,
      EXISTS (SELECT 1 FROM known WHERE side = 1 AND number = f.at)
        OR EXISTS (SELECT 1 FROM their_past h WHERE h.file_path = f.file_path AND h.content = f.content
          AND CASE WHEN f.gone IS NULL THEN h.since ELSE h.until * h.gone END = f.at)
        OR (f.gone IS NULL AND o.gone IS NOT NULL AND (f.content, f.since) IS (o.content, o.since)) AS they_know,
      (o.gone IS NULL, coalesce(o.mtime, 0), o.checksum, o.name, -p.generation, p.run)
        > (f.gone IS NULL, coalesce(f.mtime, 0), f.checksum, f.name, -r.generation, r.run)
        AS theirs_ranks_higher
    FROM their_paths o CROSS JOIN our_paths f USING(file_path)
      JOIN main.runs r ON r.number = f.at JOIN main.runs p ON p.number = o.at
    WHERE (f.at, f.content, f.gone IS NULL) IS NOT (o.at, o.content, o.gone IS NULL))

-- name: kMergePast
INSERT OR IGNORE INTO main.past(file_path, since, until, content, gone, mtime)
  SELECT file_path, since, until, content, gone, mtime FROM their_past

-- The state that does not count stays in the past, with its content, where neither side had it there.
-- name: kKeepOurs
INSERT OR IGNORE INTO main.past(file_path, since, until, content, gone, mtime)
  SELECT f.file_path, f.since, coalesce(f.gone, o.at), f.content, f.gone IS NOT NULL, f.mtime
  FROM disputes d CROSS JOIN main.paths f USING(file_path) CROSS JOIN their_paths o USING(file_path)
  WHERE d.is_open AND d.theirs_counts

-- name: kKeepTheirs
INSERT OR IGNORE INTO main.past(file_path, since, until, content, gone, mtime)
  SELECT o.file_path, o.since, coalesce(o.gone, f.at), o.content, o.gone IS NOT NULL, o.mtime
  FROM disputes d CROSS JOIN our_paths f USING(file_path) CROSS JOIN their_paths o USING(file_path)
  WHERE d.is_open AND NOT d.theirs_counts

-- A file about which two runs disagreed is read again by the next one.
-- name: kTakeTheirs
INSERT INTO main.paths(file_path, content, since, gone, mtime, recheck)
  SELECT o.file_path, o.content, o.since, o.gone, o.mtime, max(o.recheck, d.is_open AND o.gone IS NULL)
  FROM disputes d CROSS JOIN their_paths o USING(file_path) WHERE d.theirs_counts
  ON CONFLICT(file_path) DO UPDATE SET content = excluded.content, since = excluded.since, gone = excluded.gone,
    mtime = excluded.mtime, recheck = excluded.recheck

-- name: kRecheckOurs
UPDATE main.paths SET recheck = 1 WHERE recheck = 0 AND gone IS NULL
  AND file_path IN (SELECT file_path FROM disputes WHERE is_open AND NOT theirs_counts)

-- Paths that we do not have; and of the same state, the later time of the file.
-- name: kAddTheirs
INSERT INTO main.paths(file_path, content, since, gone, mtime, recheck)
  SELECT file_path, content, since, gone, mtime, recheck FROM their_paths WHERE true
  ON CONFLICT(file_path) DO UPDATE SET mtime = excluded.mtime, recheck = excluded.recheck
  WHERE (excluded.content, coalesce(excluded.gone, excluded.since), excluded.gone IS NULL)
      IS (content, coalesce(gone, since), gone IS NULL)
    AND (coalesce(excluded.mtime, 0), excluded.recheck) > (coalesce(mtime, 0), recheck)

-- name: kEndMerge
DROP VIEW their_paths;
DROP VIEW their_past;
DROP VIEW our_paths;
DROP TABLE their_runs;
DROP TABLE their_digests;
DROP TABLE our_candidates;
DROP TABLE their_homes;
DROP TABLE their_contents;
DROP TABLE new_contents;
DROP TABLE known;
DROP TABLE disputes

-- Rows that were written, with all of the past of their paths, and each content that a row of these points at: so they can be
-- merged into any other manifest. ?1: 1 for those alone that no checkpoint has yet.
-- name: kExtractPaths
INSERT INTO main.paths SELECT p.* FROM changes.changed_paths c CROSS JOIN source.paths p
  WHERE p.file_path = c.file_path AND NOT (?1 AND c.saved)

-- name: kExtractPast
INSERT INTO main.past SELECT p.* FROM changes.changed_paths c CROSS JOIN source.past p
  WHERE p.file_path = c.file_path AND NOT (?1 AND c.saved)

-- name: kExtractContents
INSERT INTO main.contents SELECT c.* FROM (
    SELECT content AS number FROM main.paths UNION SELECT content FROM main.past UNION SELECT content FROM main.placements
    UNION SELECT number FROM changes.changed_contents WHERE NOT (?1 AND saved)
  ) n CROSS JOIN source.contents c WHERE c.number = n.number

-- name: kExtractEncrypted
INSERT INTO main.encrypted SELECT e.* FROM main.contents c CROSS JOIN source.encrypted e ON e.content = c.number;
INSERT OR IGNORE INTO main.recipients
  SELECT r.* FROM (SELECT DISTINCT recipients FROM main.encrypted) e CROSS JOIN source.recipients r ON r.number = e.recipients

-- What a checkpoint builds on is not called committed in it: it lacks the rest of that.
-- name: kExtractRunsOfCheckpoint
INSERT INTO main.runs SELECT number, generation, run, started, 0 FROM source.runs

-- name: kExtractRest
INSERT INTO main.runs SELECT r.* FROM (
    SELECT number FROM changes.changed_runs
    UNION SELECT since FROM main.paths UNION SELECT gone FROM main.paths
    UNION SELECT since FROM main.past UNION SELECT until FROM main.past
  ) n CROSS JOIN source.runs r WHERE r.number = n.number;
INSERT OR REPLACE INTO main.manifest_metadata SELECT key, value FROM source.manifest_metadata

-- name: kExtractPlacements
INSERT INTO main.placements SELECT * FROM source.placements

-- A delta, which is attached as `delta`, on the full manifest that it was extracted from.
-- name: kApplyDelta
INSERT OR REPLACE INTO main.contents SELECT * FROM delta.contents;
INSERT OR REPLACE INTO main.encrypted SELECT * FROM delta.encrypted;
INSERT OR REPLACE INTO main.recipients SELECT * FROM delta.recipients;
INSERT OR REPLACE INTO main.runs SELECT * FROM delta.runs;
INSERT OR REPLACE INTO main.paths SELECT * FROM delta.paths;
INSERT OR REPLACE INTO main.past SELECT * FROM delta.past;
DELETE FROM main.placements;
INSERT INTO main.placements SELECT * FROM delta.placements;
INSERT OR REPLACE INTO main.manifest_metadata SELECT key, value FROM delta.manifest_metadata;
DELETE FROM main.manifest_metadata WHERE key IN ('base', 'base_sha256', 'sent_before')

-- A delta without what it lies on is a part of a manifest.
-- name: kCommittedToNothing
UPDATE main.runs SET committed = 0
