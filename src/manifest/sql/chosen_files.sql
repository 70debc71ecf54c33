-- Files that somebody wants back, in a database of its own; the manifest is attached to it as `m`: its tables have
-- no namesakes here.

-- name: kCreateChosen
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -8192;
PRAGMA temp_store = FILE;
CREATE TABLE wanted(path TEXT NOT NULL, sha1 BLOB, asset TEXT NOT NULL, sidecar INTEGER NOT NULL);
CREATE TABLE found(file_path TEXT, checksum, size, archived, sha1, crc32c, mtime, recheck, since, class, object TEXT)

-- name: kAddWanted
INSERT INTO wanted VALUES(?1, ?2, ?3, ?4)

-- name: kSortWanted
CREATE TABLE sorted AS SELECT path, sha1, asset, sidecar FROM wanted ORDER BY path, sha1 IS NULL, rowid

-- name: kSortedWanted
SELECT path, sha1, asset, sidecar FROM sorted WHERE rowid = ?1

-- name: kIndexChosenSha1
CREATE INDEX IF NOT EXISTS m.files_by_sha1 ON files(sha1);
CREATE INDEX IF NOT EXISTS m.history_by_sha1 ON history(sha1)

-- Any row whose object holds a content: one of that instant first, where the file itself had it.
-- name: kChosenWithSha1
SELECT @PAST_RECORD@ FROM (
  SELECT *, since <= ?2 AND archived = 0 AS then_there FROM (
    SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, since, class, object FROM files WHERE sha1 = ?1)
  UNION ALL
  SELECT *, since <= ?2 AND archived = 0 FROM (
    SELECT file_path, checksum, size, archived, sha1, crc32c, mtime, since, class, object FROM history WHERE sha1 = ?1)
) ORDER BY then_there DESC, since DESC, file_path LIMIT 1

-- The content of ?2 that began at ?3 becomes the content of ?1.
-- name: kKeepFound
INSERT INTO found SELECT ?1, checksum, size, 0, sha1, crc32c, mtime, 0, since, class,
  CASE WHEN object IS NULL AND file_path = ?1 THEN NULL ELSE coalesce(object, 'library' || file_path) END
FROM (
  SELECT * FROM (
    SELECT file_path, checksum, size, sha1, crc32c, mtime, since, class, object FROM files WHERE file_path = ?2
    UNION ALL
    SELECT file_path, checksum, size, sha1, crc32c, mtime, since, class, object FROM history WHERE file_path = ?2
  ) WHERE since = ?3 AND checksum = ?4 LIMIT 1)

-- name: kIndexFound
CREATE INDEX found_by_path ON found(file_path)

-- name: kIsFound
SELECT 1 FROM found WHERE file_path = ?1

-- name: kFound
SELECT * FROM found ORDER BY rowid
