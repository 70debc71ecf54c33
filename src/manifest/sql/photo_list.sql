-- The photos of a restore point, in a database of their own.

-- name: kCreatePhotoList
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -8192;
PRAGMA temp_store = FILE;
PRAGMA application_id = 0x69627068;
CREATE TABLE about(version INTEGER NOT NULL, store TEXT NOT NULL, restore_point TEXT NOT NULL, not_shown INTEGER NOT NULL, obstacle TEXT);
CREATE TABLE note(text TEXT NOT NULL);
CREATE TABLE user(id BLOB NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE album(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL, owner TEXT NOT NULL, deleted INTEGER NOT NULL);
CREATE TABLE photo(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, owner BLOB NOT NULL, file_name TEXT NOT NULL, taken INTEGER, trashed INTEGER NOT NULL, path TEXT NOT NULL, whole INTEGER NOT NULL DEFAULT 1, video BLOB);
CREATE TABLE photo_file(photo INTEGER NOT NULL, part INTEGER NOT NULL, path TEXT NOT NULL, state INTEGER NOT NULL, file_path TEXT, checksum, size, archived, sha1, crc32c, mtime, recheck, class, object TEXT);
CREATE TABLE album_photo(album INTEGER NOT NULL, photo INTEGER NOT NULL, PRIMARY KEY(album, photo)) WITHOUT ROWID

-- name: kAddPhotoUser
INSERT INTO user VALUES(?1, ?2, ?3)

-- name: kAddPhotoAlbum
INSERT OR IGNORE INTO album VALUES(NULL, ?1, ?2, ?3, ?4, ?5)

-- name: kAddPhoto
INSERT OR IGNORE INTO photo VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)

-- name: kAddPhotoFile
INSERT INTO photo_file(photo, part, path, state) SELECT number, ?2, ?3, ?4 FROM photo WHERE id = ?1

-- name: kIndexPhotoVideos
CREATE INDEX photo_by_video ON photo(video) WHERE video IS NOT NULL

-- name: kAddToLivePhoto
INSERT INTO photo_file(photo, part, path, state) SELECT number, ?2, ?3, ?4 FROM photo WHERE video = ?1

-- name: kAddAlbumPhoto
INSERT OR IGNORE INTO album_photo SELECT album.number, photo.number FROM album, photo WHERE album.id = ?1 AND photo.id = ?2

-- name: kIndexPhotoFiles
CREATE INDEX photo_file_by_path ON photo_file(path)

-- name: kPlacePhotoFile
UPDATE photo_file SET file_path = ?1, checksum = ?2, size = ?3, archived = ?4, sha1 = ?5, crc32c = ?6, mtime = ?7, recheck = 0, class = ?8, object = ?9, state = CASE state WHEN 1 THEN 1 ELSE 0 END WHERE path = ?1 AND state <> 3

-- name: kDiffers
UPDATE photo_file SET state = 1 WHERE path = ?1 AND state <> 3

-- name: kFinishPhotoList
DROP INDEX photo_file_by_path;
DROP INDEX photo_by_video;
UPDATE photo SET whole = 0 WHERE number IN (SELECT photo FROM photo_file WHERE state <> 0);
CREATE INDEX photo_file_by_photo ON photo_file(photo, part);
CREATE INDEX photo_by_time ON photo(taken, file_name, id);
CREATE INDEX album_by_photo ON album_photo(photo)

-- name: kDescribePhotoList
INSERT INTO about VALUES(1, ?1, ?2, ?3, ?4)

-- name: kNotePhotoList
INSERT INTO note VALUES(?1)

-- name: kNotesOfPhotoList
SELECT text FROM note ORDER BY rowid

-- name: kReadPhotoList
PRAGMA cache_size = -8192

-- name: kAboutPhotoList
SELECT version, store, restore_point, not_shown, obstacle FROM about

-- name: kPhotoUsers
SELECT id, email, name FROM user ORDER BY email

-- name: kPhotoAlbums
SELECT a.id, a.name, a.description, a.owner, a.deleted, count(p.number), total(p.trashed), min(p.taken), max(p.taken) FROM album a LEFT JOIN album_photo m ON m.album = a.number LEFT JOIN photo p ON p.number = m.photo GROUP BY a.number ORDER BY a.name, a.owner, a.id

-- name: kPhotos
SELECT p.id, p.owner, p.file_name, p.taken, p.trashed, p.path, p.whole FROM photo p

-- name: kPhotosByTime
SELECT p.id, p.owner, p.file_name, p.taken, p.trashed, p.path, p.whole FROM photo p ORDER BY p.taken, p.file_name, p.id

-- name: kPhotosOfTime
SELECT p.id, p.owner, p.file_name, p.taken, p.trashed, p.path, p.whole FROM photo p WHERE p.taken >= ?1 AND p.taken < ?2 ORDER BY p.taken, p.file_name, p.id

-- name: kPhotoOfId
SELECT p.id, p.owner, p.file_name, p.taken, p.trashed, p.path, p.whole FROM photo p WHERE p.id = ?1

-- name: kPhotosOfAlbum
SELECT p.id, p.owner, p.file_name, p.taken, p.trashed, p.path, p.whole FROM album a JOIN album_photo m ON m.album = a.number JOIN photo p ON p.number = m.photo WHERE a.id = ?1 ORDER BY p.taken, p.file_name, p.id

-- name: kAlbumsOfPhoto
SELECT a.id FROM photo p JOIN album_photo m ON m.photo = p.number JOIN album a ON a.number = m.album WHERE p.id = ?1

-- name: kFilesOfPhoto
SELECT @RECORD@, part, path, state FROM photo_file WHERE photo = (SELECT number FROM photo WHERE id = ?1) ORDER BY part, path
