#!/usr/bin/env bash
# recovery-kit prints one page without secrets. Its commands bring everything back exactly as they
# are printed.
. "$(dirname "$0")/lib.sh"

disk=$(mktemp -d -p /var/tmp) # doctor reports a store in memory as a problem
store=$disk/store
export IMMICH_BACKUP_STORE=file://$store
make_library
start_database
program 2 recovery-kit
says err "there is no restore point yet"
program 0 init
program 0 backup
program 0 verify
program 0 recovery-kit --json
json '.complete and .last_verified_ok' true

program 0 recovery-kit
cp "$work/out" "$work/page"
[ "$(wc -l <"$work/page")" -le 66 ] || fail "it is longer than a page: $(wc -l <"$work/page") lines"
[ "$(wc -L <"$work/page")" -le 96 ] || fail "it is wider than a page: $(wc -L <"$work/page") columns"
! grep -qF "$DB_PASSWORD" "$work/page" || fail "the page holds the database's password"
says out "away from the house"
says out "no damage found"

# The worst day: the environment is lost, and somebody types in the page with the current folder and
# server.
password=$DB_PASSWORD port=$DB_PORT
sed -n '/^THE WORST DAY/,/^  Interrupted/p' "$work/page" | grep -E '^(  (export|immich-backup) |ed25519:)' |
  sed -e "s|/srv/immich/library|$target|" -e "s|DB_PASSWORD=\.\.\.|DB_PASSWORD=$password DB_PORT=$port|" \
    -e 's|DB_DATABASE_NAME=immich|DB_DATABASE_NAME=immich_again|' >"$work/typed"
[ "$(wc -l <"$work/typed")" -eq 8 ] || fail "other commands than were expected: $(cat "$work/typed")"
mkdir "$work/bin"
ln -s "$IMMICH_BACKUP" "$work/bin/immich-backup"
env -i PATH="$work/bin:$PATH" HOME="$work" TMPDIR="$work" bash -euo pipefail "$work/typed" >"$work/out" 2>"$work/err" ||
  fail "a command of the page failed: $(cat "$work/out")"
diff -r --exclude=.immich "$library/upload" "$target/upload" || fail "other files came back"
[ "$(query 'SELECT count(*) FROM asset')" = "$(DB_DATABASE_NAME=immich_again query 'SELECT count(*) FROM asset')" ] ||
  fail "other rows came back"

# For a bucket, the page tells how the owner signs in and how to set up the new cluster. It quotes a
# prefix with an odd name.
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE="gs://photos/anna's photos"
program 2 backup --no-database
eval "program 0 $(grep -o 'init --store .*' "$work/err") --no-database"
program 0 backup --no-database
program 0 recovery-kit
says out "gcloud auth application-default login"
says out "export GCS_BUCKET='photos/anna'\\''s photos'"
says out "--from-literal=GCS_BUCKET=\$GCS_BUCKET --from-file=GCS_CREDENTIALS=reader.json"
says out "never: run \`immich-backup verify-restore\`"
says out "outside Google's network"
[ "$(wc -l <"$work/out")" -le 66 ] || fail "it is longer than a page"
