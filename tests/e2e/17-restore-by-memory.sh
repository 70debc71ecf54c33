#!/usr/bin/env bash
# albums, and restore by what people remember, with real dumps of each generation of Immich's
# tables.
. "$(dirname "$0")/lib.sh"

make_library
start_database
id() { query "SELECT id FROM $1 WHERE $2"; }
restored() { find "$1" -type f ! -name .immich -printf '%P\n' | LC_ALL=C sort; }
# by STATUS ARGUMENT...: restores into an empty folder. The list of restored files is then in
# $work/got.
by() {
  local status=$1
  shift
  rm -rf "$target"
  program "$status" restore --target "$target" "$@"
  if [ -e "$target" ]; then restored "$target" >"$work/got"; else : >"$work/got"; fi
}
brought() { printf '%s\n' "$@" | LC_ALL=C sort | diff - "$work/got" || fail "other files came back"; }

live=$(id asset "\"originalFileName\" = 'IMG_0001.HEIC'")
video=$(id asset "\"originalFileName\" = 'IMG_0001.MOV'")
trashed=$(id asset "\"originalFileName\" = 'DSC01003.jpg'")
plain=$(id asset "\"originalFileName\" = 'IMG_0039.jpg'")
with_sidecar=$(id asset "\"originalFileName\" = 'IMG_0038.jpg'")
summer=$(id album "\"albumName\" = 'Summer'")
path_of() { query "SELECT substr(\"originalPath\", 7) FROM asset WHERE id = '$1'"; }
sidecar_of() { query "SELECT substr(path, 7) FROM asset_file WHERE type = 'sidecar' AND \"assetId\" = '$1'"; }
live_path=$(path_of "$live") video_path=$(path_of "$video") trashed_path=$(path_of "$trashed")
trashed_sidecar=$(sidecar_of "$trashed") plain_path=$(path_of "$plain")
photo_path=$(path_of "$with_sidecar") photo_sidecar=$(sidecar_of "$with_sidecar")

# As in the newest versions, the owner of an album is one of its users. One photo is not where the
# database says, because it was moved during the backup.
sql <<SQL
CREATE TABLE album_user ("albumId" uuid, "userId" uuid, role text);
INSERT INTO album_user SELECT id, "ownerId", 'owner' FROM album;
INSERT INTO album_user SELECT '$summer', id, 'viewer' FROM "user" WHERE email LIKE 'user-two@%';
ALTER TABLE album DROP COLUMN "ownerId";
INSERT INTO album_asset ("albumId", "assetId") VALUES ('$summer', '$live'), ('$summer', '$trashed'), ('$summer', '$plain');
UPDATE asset SET "originalPath" = '/data/library/moved here.jpg' WHERE id = '$plain';
SQL
summer_files=("$live_path" "$video_path" "$trashed_path" "$trashed_sidecar" "library/moved here.jpg")

program 0 init
program 0 backup --json
first=$(jq -r .restore_point "$work/out")
program 0 albums
says out "3 assets"
says out "user-one@example.org"
says out "Summer  (1 of them in the trash)"
says out "2 albums in restore point $first"
program 0 albums --json
json '[.albums[] | select(.name == "Summer") | .owner, .assets, .trashed] | join(" ")' "user-one@example.org 3 1"
json '.albums[0].name' "$(query "SELECT \"albumName\" FROM album WHERE id <> '$summer'")"

# By album. The other half of a live photo and sidecars are included, and the list is written.
by 0 --album summer --album-json "$work/list.json" --json
brought "${summer_files[@]}"
json .assets 3
cmp "$library/$plain_path" "$target/library/moved here.jpg"
jq -e --arg live "$live" '.albums[0] | .name == "Summer" and .owner == "user-one@example.org" and .owner_name == "user-one"
  and (.shared_with | length == 1 and .[0].email == "user-two@example.org" and .[0].role == "viewer")
  and (.entries | length == 3 and all(.sha1 | length == 40) and ([.[].taken] == ([.[].taken] | sort | reverse))
       and any(.asset == $live and .file_name == "IMG_0001.HEIC"))' "$work/list.json" >"$work/ok" || fail "$(cat "$work/list.json")"
program 2 restore --target "$work/other" --album Summer --album-json "$work/list.json"
says err "there is such a file already"
[ ! -e "$work/other/library" ] || fail "files were restored first"
program 2 restore --target "$work/other" --album-json "$work/x.json"
says err "no album is named"

# By asset. Either half of a live photo brings the other. Several options narrow the choice.
by 0 --asset "$video"
brought "$live_path" "$video_path"
by 0 --asset "${with_sidecar^^}"
brought "$photo_path" "$photo_sidecar"
by 0 --user user-ONE@example.org --name 'img_0038*'
brought "$photo_path" "$photo_sidecar"
by 0 --trashed only --album Summer
brought "$trashed_path" "$trashed_sidecar"
by 0 --album Summer --trashed no '*.HEIC'
brought "$live_path" "$video_path"
taken=$(query "SELECT (\"localDateTime\" AT TIME ZONE 'UTC')::date FROM asset WHERE id = '$with_sidecar'")
by 0 --taken "$taken" --name IMG_0038
brought "$photo_path" "$photo_sidecar"
by 0 --taken "${taken%%-*}.." --user user-two@example.org --dry-run
says out "would take"
[ ! -e "$target" ] || fail "a dry run wrote something"

# For an unknown name, the message says what there is.
by 2 --album Sumer
says err "no album 'Sumer'; there are 'Summer' (user-one@example.org, 3 assets)"
by 2 --user nobody@example.org
says err "There are user-one@example.org, user-two@example.org."
by 2 --user anna
says err "is not an e-mail address"
by 2 --taken 2021-09..2021-07
says err "ends before it begins"
by 2 --taken yesterday
by 2 --asset IMG_1.jpg
says err "is not the id"
by 2 --asset 00000000-0000-4000-8000-000000000000
says err "no asset 00000000-0000-4000-8000-000000000000"
by 2 --album Summer --name nothing-like-that
says err "no asset of restore point"
by 2 --chown 1000
says err "is not UID:GID"

# Two albums with the same name, an original that the store never had, and one outside the media
# root.
sql <<SQL
INSERT INTO album (id, "albumName") VALUES ('00000000-0000-4000-8000-0000000000aa', 'Summer');
INSERT INTO album_user SELECT '00000000-0000-4000-8000-0000000000aa', id, 'owner' FROM "user" WHERE email LIKE 'user-two@%';
INSERT INTO asset SELECT (jsonb_populate_record(a, '{"id": "00000000-0000-4000-8000-000000000001",
  "originalPath": "/data/upload/never.jpg", "checksum": "\\\\x0101010101010101010101010101010101010101", "livePhotoVideoId": null}')).*
  FROM asset a WHERE id = '$plain';
INSERT INTO asset SELECT (jsonb_populate_record(a, '{"id": "00000000-0000-4000-8000-000000000002", "isExternal": true,
  "originalPath": "/mnt/photos/x.jpg", "checksum": "\\\\x0202", "livePhotoVideoId": null}')).* FROM asset a WHERE id = '$plain';
INSERT INTO album_asset ("albumId", "assetId") VALUES ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000002'), ('00000000-0000-4000-8000-0000000000aa', '$with_sidecar');
SQL
program 3 backup --json
incomplete=$(jq -r .restore_point "$work/out")
# A restore takes the newest point, although it is incomplete.
by 2 --album Summer
says err "2 albums are called 'Summer'"
says err "--album ID: "
by 3 --album 00000000-0000-4000-8000-0000000000aa --json
json .restore_point "$incomplete"
brought "$photo_path" "$photo_sidecar"
json '[.problems[].code] | sort | join(" ")' "original_missing outside_media_root"
by 0 --at "$first" --album Summer
brought "${summer_files[@]}"
sql <<SQL
DELETE FROM asset WHERE "originalPath" IN ('/data/upload/never.jpg', '/mnt/photos/x.jpg');
DELETE FROM album WHERE id::text LIKE '00000000%';
SQL

# Older generations: before 2.7, 2.4 and 1.136.
same_again() {
  program 0 backup --quiet
  by 0 --album Summer
  brought "${summer_files[@]}"
  by 0 --asset "$with_sidecar"
  brought "$photo_path" "$photo_sidecar"
}
sql <<SQL
ALTER TABLE asset DROP COLUMN "checksumAlgorithm";
ALTER TABLE album ADD COLUMN "ownerId" uuid;
UPDATE album SET "ownerId" = "userId" FROM album_user WHERE "albumId" = id AND role = 'owner';
DELETE FROM album_user WHERE role = 'owner';
SQL
same_again
sql <<SQL
ALTER TABLE album_asset RENAME "albumId" TO "albumsId";
ALTER TABLE album_asset RENAME "assetId" TO "assetsId";
ALTER TABLE album_user RENAME "albumId" TO "albumsId";
ALTER TABLE album_user RENAME "userId" TO "usersId";
ALTER TABLE asset ADD COLUMN "sidecarPath" text;
UPDATE asset SET "sidecarPath" = path FROM asset_file WHERE "assetId" = asset.id AND asset_file.type = 'sidecar';
DELETE FROM asset_file WHERE type = 'sidecar';
SQL
same_again
sql <<SQL
ALTER TABLE asset RENAME TO assets;
ALTER TABLE asset_file RENAME TO asset_files;
ALTER TABLE asset_exif RENAME TO exif;
ALTER TABLE "user" RENAME TO users;
ALTER TABLE album RENAME TO albums;
ALTER TABLE album_asset RENAME TO albums_assets_assets;
ALTER TABLE album_user RENAME TO albums_shared_users_users;
UPDATE assets SET "originalPath" = 'upload' || substr("originalPath", 6), "sidecarPath" = 'upload' || substr("sidecarPath", 6);
DELETE FROM system_metadata WHERE key = 'MediaLocation';
SQL
same_again
program 0 albums
says out "user-one@example.org"

# A damaged dump is not used, and a restore point without a dump cannot answer.
dump=$(ls -t "$store/database" | head -1)
damage "$store/database/$dump" 100
by 4 --album Summer
says err "$dump"
program 4 albums
program 0 backup --no-database --json
without=$(jq -r .restore_point "$work/out")
by 2 --at "$without" --album Summer
says err "has no database dump"
says err "$first"

# --chown sets the owner, and the files can be read with any umask. Missing rights are an error
# before anything is fetched.
if [ "$EUID" -eq 0 ]; then
  (umask 077; by 0 --at "$first" --asset "$with_sidecar" --chown 1234:4321)
  [ "$(stat -c '%u:%g %a' "$target" "$target/upload" "$target/$photo_path" | sort -u | tr '\n' ' ')" = "1234:4321 644 1234:4321 755 " ] ||
    fail "owner and mode: $(stat -c '%n %u:%g %a' "$target" "$target/upload" "$target/$photo_path")"
  mkdir -m 777 "$work/nobody"
  program 0 recovery-kit --json
  IMMICH_BACKUP_TRUSTED_KEY=$(jq -r '.trusted_keys[0]' "$work/out")
  export IMMICH_BACKUP_TRUSTED_KEY
  says_private=$(TMPDIR=$work/nobody setpriv --reuid 65534 --regid 65534 --clear-groups "$IMMICH_BACKUP" status 2>&1 >/dev/null) && fail "another user reads the store"
  [[ $says_private == *"as that user, or as root"* ]] || fail "no way out: $says_private"
  chmod -R a+rX "$store"
  status=0
  TMPDIR=$work/nobody setpriv --reuid 65534 --regid 65534 --clear-groups "$IMMICH_BACKUP" restore --target "$work/nobody/r" \
    --at "$first" --chown 0:0 >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq 2 ] || fail "giving files away without root: exit status $status"
  says err "needs root"
  [ -z "$(find "$work/nobody/r" -type f 2>/dev/null)" ] || fail "files were fetched first"
fi
