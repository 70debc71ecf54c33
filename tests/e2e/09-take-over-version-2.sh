#!/usr/bin/env bash
# Backups continue in a bucket and in a folder with a manifest of version 2.0. No photo is sent
# again.
. "$(dirname "$0")/lib.sh"

make_library
# The predecessor left objects that are named after paths in its container, and one SQLite file.
sqlite3 "$work/old.db" "CREATE TABLE files(file_path TEXT PRIMARY KEY, checksum TEXT, size INTEGER, archived INTEGER DEFAULT 0);
  CREATE INDEX by_checksum ON files(checksum); CREATE INDEX by_archived ON files(archived);
  CREATE TABLE manifest_metadata(key TEXT PRIMARY KEY, value TEXT);
  INSERT INTO manifest_metadata VALUES('version', '2.0'), ('last_backup', '2025-11-01T03:00:00'), ('immich_version', 'v2.1.0');"
mkdir -p "$store/library/data"
cp -a "$library/upload" "$store/library/data/"
find "$store/library" -name .immich -delete
find "$store/library" -type f -print0 | { LC_ALL=C grep -zvP '^[\x21-\x7e]+$' || true; } | xargs -0 -r rm # it did not support awkward names
count=0
while IFS= read -r -d '' file; do
  path=${file#"$store/library"}
  sqlite3 "$work/old.db" "INSERT INTO files VALUES('${path//\'/\'\'}', 'sha256:$(sha256sum <"$file" | cut -d' ' -f1)', $(stat -c %s "$file"), 0)"
  count=$((count + 1))
done < <(find "$store/library" -type f -print0)
[ "$count" -gt 5 ] || fail "only $count files to take over"
cp "$work/old.db" "$store/manifest.db"
cp -r "$store" "$work/pristine"
before=$(cd "$store/library" && find data -type f -exec sha256sum {} + | sort)

# The recorded paths begin differently. Nothing happens until --map-prefix says how.
program 2 backup --no-database
says err "none is in the library"
says err "Recorded is /data/upload/"
says err "--map-prefix /data/=/"
for command in verify ls "restore --target $target" rebuild-manifest; do
  # shellcheck disable=SC2086 # two words
  program 2 $command
  says err "is of version 2.0"
done
diff -r "$store" "$work/pristine" || fail "a refused run has changed the store"
program 2 backup --no-database --map-prefix nonsense
says err "is not of the form OLD=NEW"

program 0 backup --no-database --map-prefix /data/=/ --dry-run --json
json .result ok
program 0 backup --no-database --map-prefix /data/=/ --json
json .result ok
json .files.unchanged "$count"
json .files.changed 0
[ "$(cd "$store/library" && find data -type f -exec sha256sum {} + | sort)" = "$before" ] || fail "what was stored has changed"
[ ! -e "$store/library/upload" ] || [ -z "$(comm -12 <(cd "$store/library/data" && find . -type f | sort) <(cd "$store/library" && find ./upload -type f | sort))" ] ||
  fail "a file was stored again"
program 0 backup --no-database --json
json .files.unchanged "$(jq -r .files.scanned "$work/out")"
program 0 verify --all
program 0 restore --target "$target"
diff <(demo/fingerprint library "$library") <(demo/fingerprint library "$target") || fail "the restored library differs"

# The same in a bucket, where the listing tells the CRC32Cs.
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url
(cd "$work/pristine" && find . -type f -print0) | while IFS= read -r -d '' file; do
  name=$(printf %s "${file#./}" | jq -sRr @uri)
  curl -sf --data-binary @"$work/pristine/$file" -H 'Content-Type: application/octet-stream' \
    "$url/upload/storage/v1/b/photos/o?uploadType=media&name=$name" >/dev/null
done
program 2 backup --no-database --map-prefix /data/=/ --store gs://photos
says err "has no key to sign what it stores"
program 0 init --no-database --store gs://photos
says out "1 object that no key had signed"
says out "manifest.db"
program 0 backup --no-database --map-prefix /data/=/ --json --store gs://photos
json .result ok
json .files.unchanged "$count"
sent=$(jq -r .uploaded.objects "$work/out")
[ "$sent" -eq $(($(jq -r .files.scanned "$work/out") - count - $(jq -r '.files.copied + .files.moved' "$work/out"))) ] || fail "$sent objects were sent"
program 0 verify --store gs://photos
says out "no damage found"
