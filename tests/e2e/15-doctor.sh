#!/usr/bin/env bash
# The doctor says what is wrong and how to solve it, for people and for scripts. It changes nothing.
. "$(dirname "$0")/lib.sh"

# The other tests may use a folder in memory. The doctor warns about such a store, so this test uses
# a disk.
disk=$(mktemp -d -p /var/tmp)
store=$disk/store
export IMMICH_BACKUP_SCRATCH=$disk

# Without any settings, it says what is not set. Only the missing store is a problem.
unset LIBRARY_PATH IMMICH_BACKUP_STORE
program 3 doctor
says out 'problem  address'
says out 'unknown  library         not set'
says out 'unknown  server          not set'
[ ! -s "$work/err" ] || fail "something on stderr"

# A folder, a library and a database that are all right.
make_library
start_database
export LIBRARY_PATH=$library IMMICH_BACKUP_STORE=file://$store
program 3 doctor
says out 'not there yet'
says out 'problem  marker'
says out "-> Where a new backup is to begin: immich-backup init --store file://$store"
says out 'ok       library'
says out 'ok       server          PostgreSQL'
says out 'ok       immich          Immich v'
says out 'ok       pg dump'
[ ! -e "$store" ] || fail "the doctor made the store"
program 0 init
program 0 backup
find "$store" | sort >"$work/before"
program 0 doctor --json
json '.command, .result' $'doctor\nok'
json '.checks[] | select(.name == "restore_point") | .verdict' ok
json '[.checks[].verdict] | map(select(. == "problem")) | length' 0
json '[.checks[].name] | length - (unique | length)' 0
find "$store" | sort | cmp - "$work/before" || fail "the doctor changed the store"
grep -F "$DB_PASSWORD" "$work/out" && fail "the password was shown"

# A disk that is not mounted.
mkdir "$work/empty"
program 3 doctor --library "$work/empty" --json
json '.result' incomplete
json '.problems[] | .code' library

# Extra roots, each.
mkdir -p "$work/photos"
echo photo >"$work/photos/1.jpg"
program 0 doctor --extra-root "photos=$work/photos"
says out "ok       extra root      photos at $work/photos"
program 3 doctor --extra-root "photos=$work/photos" --extra-root "old=$work/empty" --extra-root gone=/nowhere
says out "extra root old at $work/empty: is empty"
says out "extra root gone at /nowhere: "

# A bucket whose lifecycle deletes the backup, with a credential that can also delete.
cat >"$work/bucket.json" <<'END'
{"name": "photos", "location": "EUROPE-WEST3", "storageClass": "ARCHIVE",
 "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 30, "matchesPrefix": ["library/"]}}]}}
END
start_emulator --bucket-config "$work/bucket.json"
export STORAGE_EMULATOR_HOST=$url
program 0 init --no-database --store gs://photos
curl -sf -X POST "$url/emulator/reset" >/dev/null
program 3 doctor --store gs://photos
says out 'warning  emulator'
says out 'problem  lifecycle'
says out 'under library/ that are older than 30 days'
says out '-> gcloud storage buckets update gs://photos --clear-lifecycle'
says out '-> gcloud storage buckets update gs://photos --default-storage-class=STANDARD'
program 3 doctor --store gs://photos --json
json '[.problems[].code] | sort | join(" ")' 'lifecycle protection'
json '.requests.class_a, .requests.class_b' $'1\n2'
json '.checks[] | select(.name == "location") | .message' 'EUROPE-WEST3 (region)'
curl -sf "$STORAGE_EMULATOR_HOST/emulator/stats" >"$work/out"
json '[.kinds | keys[]] | join(" ")' 'bucket list permissions'

# A missing bucket and a missing server take seconds, not minutes.
program 3 doctor --store gs://fotos
says out 'there is no such bucket'
kill "$emulator"
wait "$emulator" || true
program 3 doctor --store gs://photos
says out 'start the emulator, or unset'

# A wrong option is a usage error, as with every command.
program 2 doctor --no-such-option
program 2 doctor --config "$work/absent.toml"
