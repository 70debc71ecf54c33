#!/usr/bin/env bash
# The exit statuses are those of docs/running.md, and each failure says what to do.
. "$(dirname "$0")/lib.sh"

# 2: wrong usage or configuration
program 2 no-such-command
program 2 backup --no-such-option
program 2 backup --no-database # no library yet
says err "no library"
says err "--library"
make_library
program 2 backup
says err "--no-database"
program 2 backup --no-database --store nonsense
program 2 backup --no-database --exclude '['
program 2 verify
says err "no backup here yet"
program 2 restore --target "$target"
program 2 backup --no-database --env UPLOAD_WORKERS=many
says err UPLOAD_WORKERS

program 2 backup --no-database
says err "no such folder"
says err "immich-backup init --store file://$store"
[ ! -e "$store" ] || fail "a refused backup began a store"
program 2 init
says err "--no-database"

# 0: all well
program 0 init --no-database
program 0 init --no-database
says out "nothing was changed"
program 0 backup --no-database
program 0 verify
program 0 status
program 0 restore-points
program 0 snapshots --json # its old name
json .command snapshots
program 0 ls

# 2: a target that is not empty
mkdir -p "$target"
touch "$target/mine"
program 2 restore --target "$target"
says err "not empty"
rm -r "$target"

# 3: a part was saved, and the report names the rest
mkfifo "$library/library/fifo.jpg"
program 3 backup --no-database
says out fifo.jpg
program 3 backup --no-database --json
json .result incomplete
json '.problems[0].code' special_file
rm "$library/library/fifo.jpg"

# 1: the database stays down. Another try may succeed, and the files are saved all the same.
echo new >"$library/library/new.jpg"
program 1 backup --db-host 127.0.0.1 --env DB_PORT=1 --database-wait 1s
says out "the database was not dumped"
rm -rf "$target"
program 0 restore --target "$target" /library/new.jpg
cmp "$library/library/new.jpg" "$target/library/new.jpg" || fail "the new file was not saved"
program 1 backup --db-host 127.0.0.1 --env DB_PORT=1 --database-wait 1s --json
json .result incomplete
rm -r "$target"

# 4: damage
object=$(find "$store/library" -type f -size +0 -print -quit)
cp -p "$object" "$work/kept"
printf x >>"$object"
program 4 verify
program 4 verify --json
json .result failed
program 4 restore --target "$target"
cp -p "$work/kept" "$object"
program 0 verify --all

# 4: a damaged manifest never makes the program start afresh
manifest=$(find "$store" -maxdepth 1 -name 'manifest-*.db' | sort | tail -1)
cp -p "$manifest" "$work/manifest"
truncate -s 6000 "$manifest"
program 4 backup --no-database
says err "$(basename "$manifest")"
says err rebuild-manifest
cp -p "$work/manifest" "$manifest"
program 0 backup --no-database

# 1: another try may succeed
rm -rf "$work/readonly"
: >"$work/readonly" # a file where the store's folder should be
program 1 init --no-database --store "file://$work/readonly/store"
