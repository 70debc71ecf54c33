-- Rows between a manifest and another file.

-- History first, while both sides' rows are as they were. Of two states of one path, the one that began later stays; equal
-- instants are decided by the rest of the row, so that the order of merging does not matter.
-- name: kMergeOther
INSERT OR IGNORE INTO history SELECT * FROM other.history;
INSERT OR IGNORE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT o.file_path, o.since, max(f.since, o.since + 1), o.checksum, o.size, o.archived, o.sha1, o.crc32c, o.mtime, o.class,
    o.object
  FROM other.files o JOIN files f USING(file_path)
  WHERE (o.checksum, o.archived, coalesce(o.object, '')) IS NOT (f.checksum, f.archived, coalesce(f.object, ''))
    AND (o.since, o.checksum, o.archived, coalesce(o.object, ''), coalesce(o.mtime, 0), o.recheck)
      < (f.since, f.checksum, f.archived, coalesce(f.object, ''), coalesce(f.mtime, 0), f.recheck);
INSERT OR IGNORE INTO history(file_path, since, until, checksum, size, archived, sha1, crc32c, mtime, class, object)
  SELECT f.file_path, f.since, max(o.since, f.since + 1), f.checksum, f.size, f.archived, f.sha1, f.crc32c, f.mtime, f.class,
    f.object
  FROM other.files o JOIN files f USING(file_path)
  WHERE (o.checksum, o.archived, coalesce(o.object, '')) IS NOT (f.checksum, f.archived, coalesce(f.object, ''))
    AND (o.since, o.checksum, o.archived, coalesce(o.object, ''), coalesce(o.mtime, 0), o.recheck)
      > (f.since, f.checksum, f.archived, coalesce(f.object, ''), coalesce(f.mtime, 0), f.recheck);
INSERT INTO files(file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object)
  SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object FROM other.files WHERE true
  ON CONFLICT(file_path) DO UPDATE SET checksum = excluded.checksum, size = excluded.size, archived = excluded.archived,
    sha1 = excluded.sha1, crc32c = excluded.crc32c, mtime = excluded.mtime, recheck = excluded.recheck,
    since = excluded.since, class = excluded.class, object = excluded.object
  WHERE (excluded.since, excluded.checksum, excluded.archived, coalesce(excluded.object, ''), coalesce(excluded.mtime, 0),
      excluded.recheck)
    > (files.since, files.checksum, files.archived, coalesce(files.object, ''), coalesce(files.mtime, 0), files.recheck)

-- Of history, only content that was kept aside: the rest follows from the rows.
-- name: kExtractChanges
INSERT INTO main.files SELECT * FROM source.files WHERE file_path IN (SELECT file_path FROM plan.changes);
INSERT INTO main.history SELECT * FROM source.history
  WHERE since = until AND file_path IN (SELECT file_path FROM plan.changes)
