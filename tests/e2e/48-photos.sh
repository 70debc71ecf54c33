#!/usr/bin/env bash
# photos and download: what they list and bring is what a restore brings, chosen in the same way.
. "$(dirname "$0")/lib.sh"
needs unzip

make_library
start_database
live=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0001.HEIC'")
video=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0001.MOV'")
plain=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0039.jpg'")
same=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0037.jpg'")
with_sidecar=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0038.jpg'")
secret=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0036.jpg'")
future=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0033.heic'")
undated=$(query "SELECT id FROM asset WHERE \"originalFileName\" = 'IMG_0034.png'")
summer=$(query "SELECT id FROM album WHERE \"albumName\" = 'Summer'")
path_of() { query "SELECT substr(\"originalPath\", 6) FROM asset WHERE id = '$1'"; }
# The names are those that break things: markup, the way out of a folder, other letters.
sql -c "ALTER TYPE asset_visibility_enum ADD VALUE 'a-new-kind'"
sql <<SQL
ALTER TABLE asset ALTER COLUMN "localDateTime" DROP NOT NULL, ALTER COLUMN "fileCreatedAt" DROP NOT NULL;
UPDATE asset SET visibility = 'hidden' WHERE id = '$video';
UPDATE asset SET visibility = 'locked' WHERE id = '$secret';
UPDATE asset SET visibility = 'a-new-kind' WHERE id = '$future';
UPDATE asset SET visibility = 'archive', "originalFileName" = '../<b>Ä 日本.jpg' WHERE id = '$plain';
UPDATE asset SET "originalFileName" = 'img_0038.JPG' WHERE id = '$same';
UPDATE asset SET "localDateTime" = NULL, "fileCreatedAt" = NULL WHERE id = '$undated';
INSERT INTO album_asset ("albumId", "assetId")
  SELECT '$summer', id FROM asset WHERE id IN ('$live', '$plain', '$same', '$with_sidecar', '$secret');
INSERT INTO asset SELECT (jsonb_populate_record(a, '{"id": "00000000-0000-4000-8000-000000000001", "originalFileName": "never.jpg",
  "originalPath": "/data/upload/never.jpg", "checksum": "\\\\x0101010101010101010101010101010101010101", "livePhotoVideoId": null}')).*
  FROM asset a WHERE id = '$plain';
SQL
# The moving half of a live photo has a sidecar, too.
printf '<x/>' >"$library$(path_of "$video").xmp"
sql <<SQL
INSERT INTO asset_file SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid(), 'assetId', '$video',
  'path', '/data$(path_of "$video").xmp'))).* FROM asset_file f WHERE type = 'sidecar' LIMIT 1;
SQL
assets=$(query "SELECT count(*) FROM asset WHERE visibility IN ('timeline', 'archive')")
program 0 init
program 3 backup

# What is listed: all that Immich shows, with what a restore would not bring.
program 0 photos
says out "$assets photos of restore point"
says out "2 assets are not listed"
says out "/upload/never.jpg  (original missing)"
if grep -qF -e "$(path_of "$secret")" -e "$(path_of "$future")" "$work/out"; then fail "a locked photo is listed"; fi
program 0 photos --json --write-list "$work/list.db"
json '.photos | length' "$assets"
json '[.photos[] | select(.whole | not) | .file_name] | join(" ")' never.jpg
json "[.photos[] | select(.id == \"$live\") | .files[] | .part] | sort | join(\" \")" "original sidecar video"
json "[.photos[] | select(.id == \"$with_sidecar\") | .files[] | .part] | join(\" \")" "original sidecar"
json "[.photos[] | select(.id == \"$secret\" or .id == \"$future\" or .id == \"$video\")] | length" 0
json '[.photos[].taken // ""] | . == sort' true
json .not_shown 2
photos=$assets
for by in year month day user folder; do
  program 0 photos --list "$work/list.db" --by $by --json
  json '[.groups[].photos] | add' "$photos"
  json '[.groups[].incomplete] | add' 1
done
program 0 photos --list "$work/list.db" --by album --json
json '.groups[] | select(.name == "Summer") | .photos' 4
program 0 photos --list "$work/list.db" --json --skip 3 --limit 2
cp "$work/out" "$work/page"
json '.photos | length' 2
json .photos_found "$photos"
program 0 photos --list "$work/list.db" --json
[ "$(jq -c '.photos[3:5]' "$work/out")" = "$(jq -c .photos "$work/page")" ] || fail "a page is not a part of the whole"
program 0 photos --list "$work/list.db" --below upload --json
json '[.photos[].path | startswith("/upload/")] | all' true
program 0 photos --list "$work/list.db" --taken none --json
json '[.photos[].id] | join(" ")' "$undated"

# A restore and a ZIP file of the same choice have the same bytes, and no others.
sums() { find "$1" -type f ! -name .immich ! -name MISSING.txt -exec sha256sum {} + | sed 's,^\\,,' | cut -d' ' -f1 | LC_ALL=C sort; }
same_as_restore() {
  local status=$1
  shift
  rm -rf "$target" "$work/unzipped"
  program "$status" restore --target "$target" "$@"
  program "$status" download --zip "$@"
  cp "$work/out" "$work/photos.zip"
  unzip -q "$work/photos.zip" -d "$work/unzipped" || fail "unzip does not take it"
  sums "$target" >"$work/restored"
  sums "$work/unzipped" | diff "$work/restored" - || fail "download $* brings something else than restore"
  program 0 photos "$@" --json
  jq -r '.photos[].files[] | select(.sha256) | .sha256' "$work/out" | LC_ALL=C sort | diff "$work/restored" - ||
    fail "photos $* lists something else than restore brings"
}
year=$(query "SELECT max(extract(year FROM \"localDateTime\"))::int FROM asset")
same_as_restore 0 --album Summer --trashed no --asset "$live" --asset "$plain" --asset "$same" --asset "$with_sidecar"
ls "$work/unzipped" | LC_ALL=C sort >"$work/names"
printf '%s\n' IMG_0001.HEIC IMG_0001.MOV IMG_0001.MOV.xmp IMG_0038.jpg IMG_0038.jpg.xmp '_.__b_Ä 日本.jpg' 'img_0038 (2).JPG' | LC_ALL=C sort >"$work/wanted"
# Which of two names that differ in their case gets the number depends on their times.
sed 's/ (2)//' "$work/names" | LC_ALL=C sort | diff <(sed 's/ (2)//' "$work/wanted" | LC_ALL=C sort) - || fail "other names"
grep -q ' (2)' "$work/names" || fail "two names differ in their case alone"
same_as_restore 0 --user user-two@example.org --taken "..$year"
same_as_restore 0 --name img_0031 --name "IMG_004*" --user user-ONE@example.org
same_as_restore 0 --taken none
same_as_restore 3 --name never.jpg --name IMG_0032
grep -q never.jpg "$work/unzipped/MISSING.txt" || fail "what is missing is not told"

# One photo: its bytes.
program 0 download --list "$work/list.db" --asset "$plain"
cmp "$work/out" "$library$(path_of "$plain")"
program 0 download --list "$work/list.db" --asset "$live" --part video
cmp "$work/out" "$library$(path_of "$video")"
program 0 download --list "$work/list.db" --asset "$live" --dry-run --json
json .bytes "$(stat -c %s "$library$(path_of "$live")")"
for id in "$secret" "$future" "$video"; do
  program 2 download --asset "$id"
  says err "no photo of restore point"
done
program 2 download --user user-one@example.org
says err "photos fit"
program 2 download
says err "no photo is named"
program 2 photos --list "$library/upload/.immich"
says err "is not one"

# What the page says to type.
typed_blocks docs/finding.md "$work/typed"
mkdir "$work/bin"
ln -s "$(realpath "$IMMICH_BACKUP")" "$work/bin/immich-backup"
(cd "$work" && PATH=$work/bin:$PATH bash -eu "$work/typed/1" >"$work/out" 2>"$work/err") || fail "what the page says to type fails"
says out IMG_0001.HEIC
unzip -tq "$work/summer.zip" >/dev/null || fail "what the page says to type makes no ZIP file"

# A restore point whose own manifest is lost: what is said of it may not be all, and that is a problem, as it is for a restore.
for name in second third; do
  echo $name >"$library/upload/$name.jpg"
  program 3 backup --json
  cp "$work/out" "$work/$name"
done
rm "$store/$(jq -r .manifest.object "$work/second")"
at=$(jq -r .restore_point "$work/second")
program 3 restore --target "$work/of-the-second" --at "$at" --json
json '[.problems[].code] | index("manifest_lost") != null' true
program 3 photos --at "$at" --json --write-list "$work/lost.db"
json '[.problems[].code] | join(" ")' manifest_lost
program 3 photos --list "$work/lost.db" --by year
says out "manifest"
program 3 download --at "$at" --asset "$live"
cmp "$work/out" "$library$(path_of "$live")"

# A photo that is damaged in the store: not one byte of it, and the others in a ZIP file.
object=$store/library$(path_of "$plain")
[ -f "$object" ] || fail "where is $object?"
chmod u+w "$object"
damage "$object" 10
program 4 download --list "$work/list.db" --asset "$plain"
[ ! -s "$work/out" ] || fail "damaged bytes came out"
program 4 download --list "$work/list.db" --album Summer --trashed no --zip
cp "$work/out" "$work/photos.zip"
rm -rf "$work/unzipped"
unzip -q "$work/photos.zip" -d "$work/unzipped"
grep -qF "$(path_of "$plain")" "$work/unzipped/MISSING.txt" || fail "the damaged photo is not told of"
cmp "$work/unzipped/IMG_0001.HEIC" "$library$(path_of "$live")"

# A list needs no store.
mv "$store" "$store.away"
program 0 photos --list "$work/list.db" --album Summer
says out IMG_0001.HEIC
mv "$store.away" "$store"

# A cold class: the price is known before anything is read, and a budget holds.
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos/home
gets() { curl -sf "$url/emulator/stats" | jq -r '.kinds.media // 0'; }
program 0 init
program 3 backup
program 0 photos --write-list "$work/cold.db"
before=$(gets)
program 0 download --list "$work/cold.db" --album Summer --zip --dry-run --json
json '.files > 4 and .cold_files == .files and .cost_usd > 0' true
program 2 download --list "$work/cold.db" --album Summer --zip --budget 0
says err "budget"
[ ! -s "$work/out" ] || fail "something was written beyond the budget"
program 0 photos --list "$work/cold.db" --album Summer
[ "$(gets)" = "$before" ] || fail "asking for the price has read something"
program 0 download --list "$work/cold.db" --asset "$live"
cmp "$work/out" "$library$(path_of "$live")"
export IMMICH_BACKUP_STORE=file://$store

# Whoever reads the ZIP file goes away.
"$IMMICH_BACKUP" download --zip --taken ..9998 2>"$work/err" | head -c 100 >/dev/null || true
echo "photos and downloads are what restores bring"
