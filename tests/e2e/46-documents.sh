#!/usr/bin/env bash
# Types the commands of the documents that say so, with the test's own folders, bucket and databases.
. "$(dirname "$0")/lib.sh"

disk=$(mktemp -d -p /var/tmp) # doctor reports a store in memory as a problem
store=$disk/store
export IMMICH_BACKUP_STORE=file://$store
make_library
start_database
demo/fingerprint library "$library" >"$work/library.before"
pg demo/fingerprint database >"$work/database.before"
mkdir "$work/bin" "$work/etc"
ln -s "$IMMICH_BACKUP" "$work/bin/immich-backup"
# As Terraform makes it.
cat >"$work/bucket.json" <<'JSON'
{"name": "photos", "location": "EUROPE-WEST3", "storageClass": "STANDARD", "softDeletePolicy": {"retentionDurationSeconds": "2592000"},
 "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}, "publicAccessPrevention": "enforced"}}
JSON
start_emulator --bucket-config "$work/bucket.json"

# What stands in for the machine of somebody who reads: words are replaced by these, the longest first.
typed() { # FILE [NAME=VALUE...]: at the first failure it ends
  sed -e "s|/etc/immich-backup|$work/etc|" -e "s|file:///mnt/usb/immich-backup|file://$store|" -e "s|file:///mnt/usb/immich|file://$store|" -e "s|/srv/immich/library|$target|" \
    -e "s|ed25519:\.\.\.|${key:-}|" -e "s|DB_HOSTNAME=.*|DB_PORT=$DB_PORT &|" -e "s|DB_PASSWORD=\.\.\.|DB_PASSWORD=$DB_PASSWORD|" -e "s|my-immich-backup|photos/immich|" \
    -e 's|/usr/bin/immich-backup|immich-backup|' "$1" >"$work/typed"
  (
    shift
    unset "${!IMMICH_BACKUP_@}" LIBRARY_PATH "${!DB_@}"
    export PATH=$work/bin:$PATH IMMICH_BACKUP_CONFIG=/dev/null "$@"
    bash -euo pipefail "$work/typed"
  ) >"$work/out" 2>"$work/err" || fail "$(cat "$work/typed" "$work/out")"
}

# Two stores with a configuration each, and cron's lines.
typed_blocks docs/stores.md "$work/stores"
typed_blocks docs/running.md "$work/running"
settings() { # STORE
  printf 'library = "%s"\nstore = "%s"\ndb-host = "%s"\ndb-port = %s\ndb-user = "%s"\ndb-password = "%s"\ndb-name = "%s"\n' \
    "$library" "$1" "$DB_HOSTNAME" "$DB_PORT" "$DB_USERNAME" "$DB_PASSWORD" "$DB_DATABASE_NAME"
}
settings "file://$store" >"$work/etc/disk.toml"
settings gs://photos/immich >"$work/etc/bucket.toml"
chmod o-r "$work/etc"/*.toml
unset LIBRARY_PATH IMMICH_BACKUP_STORE
export STORAGE_EMULATOR_HOST=$url
program 0 init --config "$work/etc/bucket.toml"
program 0 init --config "$work/etc/disk.toml"
key=$(grep -o -m 1 'ed25519:[A-Za-z0-9+/=]*' "$work/out" "$work/err")
key=${key#*:}
typed "$work/stores/1"
typed "$work/stores/2"
says out gs://photos/immich
sed '/^#/d; s/^\( *[^ ]* *\)\{5\} *immich-backup *//' "$work/running/1" >"$work/cron"
grep -c . "$work/cron" | grep -qx 2 || fail "cron has other lines: $(cat "$work/cron")"
typed "$work/cron" IMMICH_BACKUP_CONFIG="$work/etc/disk.toml"
[ ! -s "$work/out" ] || fail "cron would send a mail after a good night: $(cat "$work/out")"

# The manifest, by sqlite3 alone: a night with a delta, applied to its base.
typed_blocks docs/formats/manifest-schema.md "$work/schema"
echo new >"$library/upload/new.jpg"
program 0 backup --config "$work/etc/disk.toml"
newest=$(find "$store" -name 'manifest-*.db' | sort | tail -1)
base=$(sqlite3 -readonly "$newest" "SELECT value FROM manifest_metadata WHERE key = 'base'")
[ -n "$base" ] || fail "the night left no delta"
cd "$work"
cp "$store/$base" manifest.db
{ echo "ATTACH '$newest' AS delta;"; cat schema/1; } | sqlite3 manifest.db || fail "the delta is not applied"
sqlite3 -readonly manifest.db <schema/2 >restored
grep -q '^/upload/new.jpg|' restored || fail "the restored files lack the new one"
[ "$(wc -l <restored)" -ge "$(($(wc -l <library.before)))" ] || fail "a restore has $(wc -l <restored) files, the library $(wc -l <library.before)"
typed "$work/schema/3"
[ -s out ] || fail "the queries find nothing"
cd "$OLDPWD"

# The worst day: the library and the database are lost, and a store is left, the disk or the bucket. The disk knows one photo more.
typed_blocks docs/restore.md "$work/restore"
demo/fingerprint library "$library" >"$work/library.disk"
pg demo/fingerprint database >"$work/database.disk"
mv "$library" "$work/lost"
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$work/docker" >"$work/bin/docker"
chmod +x "$work/bin/docker"
mv "$keys/immich-backup/machine.key" "$work/machine.key"
comes_back() { # BLOCK LIBRARY DATABASE: from the store that this block of docs/restore.md names
  rm -rf "$target" "$work/docker"
  cat "$work/restore/$1" "$work/restore/3" >"$work/there"
  typed "$work/there"
  { cat "$work/restore/$1"; grep '^export' "$work/restore/3"; } >"$work/store-and-key"
  typed <(cat "$work/store-and-key" "$work/restore/4")
  demo/fingerprint library "$target" | diff - "$2" || fail "the library differs"
  # Docker starts Immich's own, empty database: here it is the test's, emptied.
  pg psql -X -q -d postgres -c 'DROP DATABASE immich WITH (FORCE)' -c 'CREATE DATABASE immich'
  typed <(cat "$work/store-and-key" "$work/restore/5")
  printf 'compose up -d database\ncompose up -d\n' | diff - "$work/docker" || fail "Docker was told something else"
  pg demo/fingerprint database | diff - "$3" || fail "the database differs"
}
comes_back 2 "$work/library.before" "$work/database.before"
comes_back 1 "$work/library.disk" "$work/database.disk"

# Backups go on: without the key there is none, with the old key and with a new one each finds everything stored.
settings=(LIBRARY_PATH="$target" IMMICH_BACKUP_STORE="file://$store" DB_HOSTNAME="$DB_HOSTNAME" DB_PORT="$DB_PORT" DB_USERNAME="$DB_USERNAME"
  DB_PASSWORD="$DB_PASSWORD" DB_DATABASE_NAME="$DB_DATABASE_NAME")
goes_on() { # BLOCK TEXT
  typed "$work/restore/$1" "${settings[@]}"
  says out "$2"
  says out "nothing has changed"
  says out complete
}
LIBRARY_PATH=$target program 2 backup --store "file://$store"
says err "this machine has no key"
cp -a "$store" "$disk/copy"
cp "$work/machine.key" "$keys/immich-backup/machine.key"
goes_on 6 "was begun already: nothing was changed"
rm -rf "$store" "$keys/immich-backup/machine.key"
mv "$disk/copy" "$store"
goes_on 7 "that no key had signed"
[ "$("$IMMICH_BACKUP" restore-points --store "file://$store" | wc -l)" -ge 3 ] || fail "the restore points of before are set aside"

# A store on the emulator, as CONTRIBUTING says.
typed_blocks CONTRIBUTING.md "$work/contributing"
kill "$emulator"
wait "$emulator" || true
port=${url##*:} # which was free
mkdir -p "$work/clone/build/dev"
ln -s "$IMMICH_BACKUP" "$EMULATOR" "$work/clone/build/dev/"
{ echo "cd '$work/clone'; trap 'kill %1' EXIT"; sed -e '/^cmake/d' -e "s|4443|$port|" "$work/contributing/1"; } |
  sed '/^build.*&/a until curl -sf http://127.0.0.1:'"$port"'/emulator/stats >/dev/null; do kill -0 %1; sleep 0.1; done' >"$work/emulated"
typed "$work/emulated"
says out requests
