#!/usr/bin/env bash
# A restore leaves the database's dump where Immich lists it for a restore of its own, so that nobody
# needs psql, or a way to the database. It leaves none there that could run a command.
. "$(dirname "$0")/lib.sh"

make_library
start_database
# That index calls a function that needs a schema to look through. Immich's present ones call one that sets it (ll_to_earth_public).
query 'DROP INDEX "IDX_asset_exif_gist_earthcoord"'
program 0 init
program 0 backup --json

program 0 restore --target "$target" --json
dump=$(jq -r .dump "$work/out")
# As Immich 3.1 tests a name, and takes the version out of it (server/src/utils/database-backups.ts).
grep -qE '^backups/[A-Za-z0-9_.-]+\.sql(\.gz)?$' <<<"$dump" || fail "Immich does not list $dump"
version=$(sed -nE 's/.*-v(.*)-[^-]*$/\1/p' <<<"$dump")
[ "v$version" = "$(query "SELECT 'v' || version FROM version_history ORDER BY \"createdAt\" DESC LIMIT 1")" ] || fail "it shows the version as '$version'"
[ "$(stat -c %a "$target/$dump")" = 600 ] || fail "others may read the password hashes in it"
# It is what Immich gives to psql, and brings the rows back.
query 'CREATE DATABASE again'
immichs_restore() { # as database-backup.service.ts has it
  { echo 'DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO public;'
    gunzip -c "$target/$dump"; } | DB_DATABASE_NAME=again sql --single-transaction
}
immichs_restore >"$work/psql" 2>&1 || { cat "$work/psql"; fail "psql does not take it"; }
rows='SELECT md5(string_agg(a::text, chr(10) ORDER BY id)) FROM asset a'
[ "$(DB_DATABASE_NAME=again query "$rows")" = "$(query "$rows")" ] || fail "other rows came back"

# Immich takes a dump of before 2.5 for another kind, by its name.
rm -r "$target"
query "INSERT INTO version_history (id, version, \"createdAt\") VALUES (gen_random_uuid(), '2.4.1', now() + interval '1 hour')"
program 0 backup
program 0 restore --target "$target" --json
grep -qE '^backups/restored-[0-9]{8}T[0-9]{6}-dump.sql.gz$' <<<"$(jq -r .dump "$work/out")" || fail "it is called $(jq -r .dump "$work/out")"
query "DELETE FROM version_history WHERE version = '2.4.1'"
rm -r "$target"
program 0 backup --json
cp "$work/out" "$work/backup"
program 0 restore --target "$target" --json
dump=$(jq -r .dump "$work/out")

# Run again, it goes on; a folder with anybody else's dump in it is refused as ever.
program 0 restore --target "$target"
says out "$dump"
says out "Administration, Maintenance"
echo mine >"$target/backups/mine.sql.gz"
program 2 restore --target "$target"
rm -r "$target"
# What is chosen by a person is no media root.
program 0 restore --target "$target" /upload/ --json
json .dump null
[ ! -e "$target/backups" ] || fail "there is a dump"
rm -r "$target"

# Its owner is the files' owner.
if [ "$(id -u)" -eq 0 ]; then
  program 0 restore --target "$target" --chown 4711:4712
  [ "$(stat -c %u:%g "$target/$dump" "$target/backups" | sort -u)" = 4711:4712 ] || fail "others own it"
  rm -r "$target"
fi

# Nobody has signed what is read so.
program 0 restore --target "$target" --unsigned
says out "nobody has signed"
[ -z "$(ls "$target/backups")" ] || fail "there is a dump: $(ls "$target/backups")"
rm -r "$target"

# A damaged one is named, and left out.
object=$store/$(jq -r .database.object "$work/backup")
cp -p "$object" "$work/kept"
damage "$object" 3000
program 4 restore --target "$target"
says out "is not in backups/"
[ -z "$(ls "$target/backups")" ] || fail "there is a dump: $(ls "$target/backups")"
cp -p "$work/kept" "$object"
rm -r "$target"

# A dump that psql may take for more than SQL, here by a function of the user's own.
query "CREATE FUNCTION digits(text) RETURNS boolean LANGUAGE sql AS 'SELECT \$1 ~ ''^\\d+\$'''"
program 0 backup
program 0 restore --target "$target"
says out "may be a command to psql"
[ -z "$(ls "$target/backups")" ] || fail "there is a dump: $(ls "$target/backups")"
