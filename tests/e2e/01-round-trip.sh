#!/usr/bin/env bash
# Backs up, destroys the library, the database and all local state, and restores. Then compares
# bytes, times, names and rows.
. "$(dirname "$0")/lib.sh"

make_library
start_database
demo/fingerprint library "$library" >"$work/library.before"
pg demo/fingerprint database >"$work/database.before"

program 0 init
program 0 backup
says out "restore point"
program 0 backup
says out "nothing has changed"
program 0 verify --all

rm -rf "$library"
pg psql -X -q -d postgres -c 'DROP DATABASE immich WITH (FORCE)' -c 'CREATE DATABASE immich'
# A new machine has no home folder and no temporary files of the old one.
export HOME=$work/new-home
program 0 restore --target "$library"
program 0 restore-database

demo/fingerprint library "$library" | diff - "$work/library.before" || fail "the library differs"
pg demo/fingerprint database | diff - "$work/database.before" || fail "the database differs"
for folder in upload library profile thumbs encoded-video backups; do
  [ -f "$library/$folder/.immich" ] || fail "no marker in $folder"
done

# The restored library can be backed up again. Nothing is sent.
program 0 backup --json
json .uploaded.objects 0
