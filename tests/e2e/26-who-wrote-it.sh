#!/usr/bin/env bash
# A thief with the backup's credential creates what he likes in the store. Each thing is named, and
# none is restored, merged or counted. The honest history beside it restores whole.
. "$(dirname "$0")/lib.sh"

make_library
start_database
start_emulator --bucket photos --bucket second --bucket elsewhere
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
program 0 init --json
key=$(jq -r .public_key "$work/out")
program 0 backup --json
point=$(jq -r .restore_point "$work/out")
manifest=$(jq -r .manifest.object "$work/out")
newest=${manifest%.db}

address() { echo "$url/storage/v1/b/$1/o/$(jq -rn --arg name "$2" '$name | @uri')"; }
metadata() { curl -sf "$(address "$1" "$2")" | jq -c '.metadata // {}'; }
fetch() { curl -sf -H 'Accept-Encoding: gzip' "$(address "$1" "$2")?alt=media" -o "$3"; }
# plant NAME FILE [METADATA [ENCODING]]: creates an object, which is all that the credential may.
plant() {
  {
    printf -- '--b\r\ncontent-type: application/json\r\n\r\n'
    jq -n --arg name "$1" --argjson metadata "${3:-null}" --arg encoding "${4:-}" \
      '{$name, $metadata} + if $encoding == "" then {} else {contentEncoding: $encoding} end'
    printf -- '\r\n--b\r\ncontent-type: application/octet-stream\r\n\r\n'
    cat "$2"
    printf -- '\r\n--b--\r\n'
  } >"$work/body"
  curl -sf -H 'content-type: multipart/related; boundary=b' --data-binary @"$work/body" \
    "$url/upload/storage/v1/b/photos/o?uploadType=multipart&ifGenerationMatch=0" >"$work/reply" || fail "cannot plant $1"
}
# taken_away NAME: by the owner, who looks at what there was.
taken_away() { curl -sf -X DELETE "$(address photos "$1")" || fail "cannot remove $1"; }
# is_set_aside NAME: by the machine that backs up and by one that only reads. Both show the honest restore point.
is_set_aside() {
  program 3 status
  says out "$1"
  says out "$point"
  program 3 doctor
  says out "$1"
  XDG_CONFIG_HOME=$keys/reader IMMICH_BACKUP_TRUSTED_KEY=$key program 3 status --json
  json .restores "$point"
  json '[.problems[].code] | unique | join(" ")' not_signed
  taken_away "$1"
}
# later SECONDS: the name of an object that time after the newest restore point, without its ending.
later() { date -u -d "${point/T/ } + $1 seconds" +manifest-%Y%m%dT%H%M%SZ; }

# A restore point of his own, with a dump that runs a command.
fetch photos "$newest.json" "$work/honest.json"
printf 'SELECT 1;\n\\! touch %s\n' "$work/planted-ran" | gzip >"$work/dump.gz"
plant database/2030-01-01T00-00-00-immich-v2.3.1.sql.gz "$work/dump.gz"
jq --arg sha256 "$(sha256sum <"$work/dump.gz" | cut -d' ' -f1)" --argjson size "$(stat -c %s "$work/dump.gz")" \
  '.database += {object: "database/2030-01-01T00-00-00-immich-v2.3.1.sql.gz", sha256: $sha256, bytes: $size}' "$work/honest.json" >"$work/planted.json"
plant "$(later 1).json" "$work/planted.json" "$(metadata photos "$newest.json" | jq 'del(.signature)')"
is_set_aside "$(later 1).json"
# The same with the signature of the honest one, whose digest it cannot have; and the honest one under a later name.
plant "$(later 1).json" "$work/planted.json" "$(metadata photos "$newest.json")"
is_set_aside "$(later 1).json"
plant "$(later 2).json" "$work/honest.json" "$(metadata photos "$newest.json")"
is_set_aside "$(later 2).json"

# Manifests of his own.
fetch photos "$manifest" "$work/manifest.gz"
gunzip -c "$work/manifest.gz" >"$work/manifest.db"
plant_manifest() { # NAME SQL [METADATA]
  cp "$work/manifest.db" "$work/planted.db"
  sqlite3 "$work/planted.db" "$2"
  gzip -c "$work/planted.db" >"$work/planted.gz"
  plant "$1" "$work/planted.gz" "${3:-$(jq -nc --arg parent "$manifest" --arg sha256 "$(sha256sum <"$work/planted.db" | cut -d' ' -f1)" \
    '{parents: $parent, $sha256, run: "planted", generation: "2"}')}" gzip
}
trigger='CREATE TRIGGER t AFTER INSERT ON paths BEGIN DELETE FROM paths WHERE file_path = new.file_path; END'
view='DROP VIEW files; ALTER TABLE paths RENAME TO p; CREATE VIEW paths AS SELECT * FROM p LIMIT 1'
fewer='DELETE FROM paths WHERE file_path IN (SELECT file_path FROM paths LIMIT 3)'
repointed="UPDATE contents SET object = (SELECT 'library' || max(file_path) FROM paths) WHERE number = (SELECT content FROM paths ORDER BY file_path LIMIT 1)"
for sql in "$trigger" "$view" "CREATE TABLE extra(x)" "$fewer" "$repointed"; do
  plant_manifest "$(later 3).db" "$sql"
  is_set_aside "$(later 3).db"
done
plant_manifest "$(later 3).db" "$fewer" '{"generation": "1000000", "run": "planted"}'
is_set_aside "$(later 3).db"
plant_manifest manifest-20990101T000000Z.db "$fewer"
is_set_aside manifest-20990101T000000Z.db
head -c 300000000 /dev/zero | gzip -1 >"$work/bomb.gz"
plant "$(later 3).db" "$work/bomb.gz" '{"generation": "2", "run": "planted"}' gzip
is_set_aside "$(later 3).db"

# A proof, a run of his own, and a list of what the owner is said to have signed.
printf '{"document": "proof", "verdict": "proven", "command": "verify", "time": "2026-01-15T03:00:00Z"}' >"$work/planted.json"
plant proofs/2026-01-15T03-00-00.json "$work/planted.json" '{"command": "verify", "verdict": "proven"}'
program 3 status
says out "proofs/2026-01-15T03-00-00.json"
says out "never"
taken_away proofs/2026-01-15T03-00-00.json
# A drill that the thief says he has made.
printf '{"document": "proof", "verdict": "proven", "command": "verify-restore", "time": "2026-01-15T03:00:00Z"}' >"$work/planted.json"
plant proofs/2026-01-15T03-00-00.json "$work/planted.json" '{"command": "verify-restore", "verdict": "proven"}'
program 3 status
says out "drill          none yet"
taken_away proofs/2026-01-15T03-00-00.json
printf '{"document": "signed objects", "objects": []}' >"$work/planted.json"
plant "${newest/manifest-/manifest.signed-}.json" "$work/planted.json"
is_set_aside "${newest/manifest-/manifest.signed-}.json"

# With a key of his own, and with the honest program: each of what he commits is a stranger's.
thief() { XDG_CONFIG_HOME=$keys/thief LIBRARY_PATH=$work/his-library program "$@"; }
mkdir -p "$work/his-library"/{upload,library,profile,thumbs,encoded-video,backups}
touch "$work/his-library"/{upload,library,profile,thumbs,encoded-video,backups}/.immich
printf 'his' >"$work/his-library/upload/his.jpg"
thief 0 init --store gs://elsewhere
IMMICH_BACKUP_TRUSTED_KEY=$key thief 0 backup --accept-changes
listed() { curl -sf "$url/storage/v1/b/photos/o?prefix=manifest-" | jq -r '.items[].name'; }
his=$(listed | tail -1)
[ "$his" != "$newest.json" ] || fail "he committed nothing"
program 3 status --json
json .restores "$point"
json '.problems[0].message | contains("signed by ed25519:")' true
says out "manifest.db"  # the copy for people, which the credential may replace
taken_away manifest.db
taken_away manifest.json
for name in $(listed); do case $name in "$newest".*) ;; *) taken_away "$name" ;; esac done
for name in $(curl -sf "$url/storage/v1/b/photos/o?prefix=runs/" | jq -r '.items[].name'); do
  grep -q "$(metadata photos "$name" | jq -r '.signature | split(" ")[2]')" <<<"$key" || taken_away "$name"
done
program 0 status

# From another store of the owner's, signed by the same key: an older state, say.
program 0 init --store gs://second
sleep 1
program 0 backup --store gs://second --json
other=$(jq -r .restore_point "$work/out" | tr -d ':-')
for name in "manifest-$other.json" "manifest-$other.db"; do
  fetch second "$name" "$work/planted"
  plant "$name" "$work/planted" "$(metadata second "$name")" "$(case $name in *.db) echo gzip ;; esac)"
  is_set_aside "$name"
done

# A false photo at the name of one to come, with its size and its CRC32C: five bytes of it are the polynomial.
photo=$library/upload/to-come.jpg
head -c 4000 /dev/urandom >"$photo"
cp "$photo" "$work/false"
offset=100
for mask in 241 118 236 5 1; do
  byte=$(od -An -tu1 -j "$offset" -N 1 "$work/false")
  printf "\\x$(printf %02x $((byte ^ mask)))" | dd of="$work/false" bs=1 seek=$offset conv=notrunc status=none
  offset=$((offset + 1))
done
cmp -s "$photo" "$work/false" && fail "the false photo is the photo"
plant library/upload/to-come.jpg "$work/false" "$(jq -nc --arg sha256 "$(sha256sum <"$photo" | cut -d' ' -f1)" '{$sha256, tag: ($sha256)}')"
crc32c=$(jq -r .crc32c "$work/reply")
program 0 backup
program 0 ls /upload/to-come.jpg --json
json '.files[0].object | startswith("hashed/")' true
json '.files[0].crc32c' "$crc32c"

# All at once. The owner hears of it each night, and everything is stored, proven and restored all the same.
plant_manifest "$(later 7200).db" "$fewer"
plant "$(later 7200).json" "$work/honest.json"
plant proofs/2026-01-15T03-00-00.json "$work/planted.json" '{"command": "verify", "verdict": "proven"}'
program 3 backup --json
json '[.problems[].code] | join(" ")' not_signed
json .restore_point "$(curl -sf "$(address photos manifest.json)?alt=media" | jq -r .time)"
program 3 verify --all --json
json '[.problems[].code] | join(" ")' not_signed
json '.read_back.objects == .objects.named and .objects.damaged == 0' true
chmod 755 "$work"
mkdir "$work/scratch"
program 3 verify-restore --scratch "$work/scratch" --sample 1000000 --json
json .verdict proven
json .database.restored true
whole=$work/whole
mkdir "$whole"
(
  export XDG_CONFIG_HOME=$keys/reader
  program 2 restore --target "$whole"
  says err "no key is configured"
  export IMMICH_BACKUP_TRUSTED_KEY=$key
  program 0 restore --target "$whole"
  says out "objects are set aside"
  program 3 verify
  says out "no proof was stored"
  DB_DATABASE_NAME=restored program 0 restore-database --create
)
for folder in upload library profile; do diff -r "$library/$folder" "$whole/$folder" || fail "$folder is not whole"; done
originals="SELECT md5(string_agg(\"originalPath\" || encode(checksum, 'hex'), ',' ORDER BY \"originalPath\")) FROM asset"
[ "$(query "$originals")" = "$(DB_DATABASE_NAME=restored query "$originals")" ] || fail "the database is not whole"
[ ! -e "$work/planted-ran" ] || fail "a planted dump ran a command"

# He takes the whole machine, and with it the key. What it signs counts, until the owner says from
# when to when nothing is to be believed.
for name in "$(later 7200).db" "$(later 7200).json" proofs/2026-01-15T03-00-00.json; do taken_away "$name"; done
program 0 backup --json
point=$(jq -r .restore_point "$work/out")
sleep 1
from=$(date -u +%Y-%m-%dT%H:%M:%SZ)
query "DELETE FROM asset" >/dev/null
mv "$library" "$work/kept"
make_media_root
printf 'his' >"$library/upload/his.jpg"
program 0 backup --accept-changes
sleep 1
to=$(date -u +%Y-%m-%dT%H:%M:%SZ)
program 0 status --json
[ "$(jq -r .restores "$work/out")" != "$point" ] || fail "what the key has signed does not count"
(
  export XDG_CONFIG_HOME=$keys/reader IMMICH_BACKUP_TRUSTED_KEY=$key
  program 0 status --distrust "$from/$to"
  says out "$point"
  says out "IMMICH_BACKUP_DISTRUST=$from/$to"
  export IMMICH_BACKUP_DISTRUST=$from/$to
  program 0 status --json
  json .restores "$point"
  rm -rf "$whole"
  mkdir "$whole"
  program 0 restore --target "$whole"
)
for folder in upload library profile; do diff -r "$work/kept/$folder" "$whole/$folder" || fail "$folder is not whole"; done
