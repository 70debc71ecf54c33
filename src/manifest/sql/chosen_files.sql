-- Files that somebody wants back, in a database of its own.

-- name: kCreateChosen
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -8192;
PRAGMA temp_store = FILE;
CREATE TABLE wanted(path TEXT NOT NULL, sha1 BLOB, asset TEXT NOT NULL, sidecar INTEGER NOT NULL);
CREATE TABLE found(file_path TEXT, checksum, size, archived, sha1, crc32c, mtime, recheck, class, object TEXT)

-- name: kAddWanted
INSERT INTO wanted VALUES(?1, ?2, ?3, ?4)

-- name: kSortWanted
CREATE TABLE sorted AS SELECT path, sha1, asset, sidecar FROM wanted ORDER BY path, sha1 IS NULL, rowid

-- name: kSortedWanted
SELECT path, sha1, asset, sidecar FROM sorted ORDER BY rowid

-- name: kKeepFound
INSERT INTO found VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)

-- name: kIndexFound
CREATE INDEX found_by_path ON found(file_path)

-- name: kIsFound
SELECT 1 FROM found WHERE file_path = ?1

-- name: kFound
SELECT * FROM found ORDER BY rowid
