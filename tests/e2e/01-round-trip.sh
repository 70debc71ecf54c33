#!/usr/bin/env bash
# Backs up, destroys the library, the database and all local state, restores, and compares bytes, times, names and rows.
. "$(dirname "$0")/lib.sh"

make_library
start_database
demo/fingerprint library "$library" >"$work/library.before"
pg demo/fingerprint database >"$work/database.before"

program 0 backup
says out "restore point"
program 0 backup
says out "nothing has changed"
program 0 verify --all

rm -rf "$library"
pg psql -X -q -d postgres -c 'DROP DATABASE immich WITH (FORCE)' -c 'CREATE DATABASE immich'
# A new machine: nothing of the old one's home or temporary files.
export HOME=$work/new-home
program 0 restore --target "$library"
program 0 restore-database

demo/fingerprint library "$library" | diff - "$work/library.before" || fail "the library differs"
pg demo/fingerprint database | diff - "$work/database.before" || fail "the database differs"
for folder in upload library profile thumbs encoded-video backups; do
  [ -f "$library/$folder/.immich" ] || fail "no marker in $folder"
done

# And the restored library is a library to back up: nothing is sent.
program 0 backup --json
json .uploaded.objects 0
