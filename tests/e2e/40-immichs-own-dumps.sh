#!/usr/bin/env bash
# restore-database takes the dumps that Immich makes every night by itself, and those of its
# versions before 2.5, which are of a whole server. It needs no store for them.
. "$(dirname "$0")/lib.sh"

make_library
start_database
unset IMMICH_BACKUP_STORE
server_program() { pg "$(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" | sort -V | tail -1)" "${@:2}"; }
rows='SELECT md5(string_agg(a::text, chr(10) ORDER BY id)) FROM asset a'
wanted=$(query "$rows")
query 'CREATE ROLE reader' 2>/dev/null
query 'GRANT SELECT ON asset TO reader'
query 'CREATE ROLE owner LOGIN'
query 'ALTER TABLE asset OWNER TO owner'
query 'ALTER DATABASE immich SET search_path TO "$user", public, vectors'
query "ALTER DATABASE immich SET work_mem TO '8MB'"
query 'CREATE DATABASE others' # of another program, on the same server
DB_DATABASE_NAME=others query 'CREATE TABLE notes AS SELECT 1 AS a'

# As Immich runs them: https://github.com/immich-app/immich, database-backups.ts and backup.service.ts.
server_program pg_dump --clean --if-exists | gzip --rsyncable >"$work/immich-db-backup-20260115T020000-v2.5.0-pg14.19.sql.gz"
server_program pg_dumpall --clean --if-exists | gzip >"$work/immich-db-backup-1767225600000.sql.gz"
# As its documentation had it: `docker exec -t` writes through a terminal.
gunzip -c "$work/immich-db-backup-1767225600000.sql.gz" | sed 's/$/\r/' >"$work/dump.sql"
server_program pg_dump --format=custom >"$work/custom"
query 'REVOKE SELECT ON asset FROM reader'
query 'ALTER TABLE asset OWNER TO CURRENT_USER'
query 'DROP ROLE reader'
query 'DROP ROLE owner'

number=0
for dump in "$work"/immich-db-backup-*.sql.gz "$work/dump.sql"; do
  number=$((number + 1))
  export DB_DATABASE_NAME=again$number
  program 0 restore-database --dump "$dump" --create --json
  json .dump null
  json .dump_file "$dump"
  json .rows.counted true
  json .more_than_immichs 0
  [ "$(query "$rows")" = "$wanted" ] || fail "$dump brings other rows"
  [ "$(query "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE relname = 'asset'")" = t ] || fail "another role owns its tables"
  [ -z "$(query "SELECT relacl FROM pg_class WHERE relname = 'asset'")" ] || fail "rights came back, of roles that are gone"
  if [ "$dump" != "$work/immich-db-backup-20260115T020000-v2.5.0-pg14.19.sql.gz" ]; then
    json '.settings[0]' 'search_path="$user", public, vectors'
    json '[.notes[] | select(contains("work_mem=8MB"))] | length' 1
    [ "$(query 'SHOW search_path')" = '"$user", public, vectors' ] || fail "its search_path is $(query 'SHOW search_path')"
  fi
  program 2 restore-database --dump "$dump" # it is there already
  says err "is not empty"
done
export DB_DATABASE_NAME=text
program 0 restore-database --dump "$work/dump.sql" --create
says out "$work/dump.sql ("

# As the owner of the database, who is no superuser.
DB_DATABASE_NAME=postgres query "CREATE ROLE immich_owner LOGIN PASSWORD 'secret'"
DB_DATABASE_NAME=postgres query 'CREATE DATABASE owned OWNER immich_owner'
DB_DATABASE_NAME=owned query 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; CREATE EXTENSION IF NOT EXISTS cube; CREATE EXTENSION IF NOT EXISTS earthdistance; CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent'
(
  export DB_USERNAME=immich_owner DB_PASSWORD=secret DB_DATABASE_NAME=owned
  program 0 restore-database --dump "$work/immich-db-backup-1767225600000.sql.gz"
  [ "$(query "$rows")" = "$wanted" ] || fail "the owner got other rows"
)

# What is no whole dump is refused before there is a database.
refused() { # STATUS FILE TEXT
  DB_DATABASE_NAME=none program "$1" restore-database --dump "$2" --create
  says err "$3"
  [ "$(DB_DATABASE_NAME=postgres query "SELECT count(*) FROM pg_database WHERE datname = 'none'")" = 0 ] || fail "there is a database"
}
head -c 5000 "$work/immich-db-backup-1767225600000.sql.gz" >"$work/cut.sql.gz"
refused 4 "$work/cut.sql.gz" "cut.sql.gz"
head -n -20 "$work/dump.sql" >"$work/cut.sql"
refused 4 "$work/cut.sql" "the dump is cut"
refused 4 "$library/upload/.immich" "not a plain dump"
refused 2 "$work/custom" "pg_restore"
refused 2 "$work/nowhere.sql.gz" "nowhere.sql.gz"
sed -e 's/^CREATE TABLE public.asset /CREATE TABLE public.bsset /; s/^COPY public.asset /COPY public.bsset /' "$work/dump.sql" >"$work/others.sql"
refused 2 "$work/others.sql" "no database of Immich's"
program 2 restore-database --dump "$work/dump.sql" --at 2026-01-15
says err "--at chooses a restore point"

# It runs no command, and ends no transaction.
sed -e "s|^CREATE TABLE public.asset |\\\\! touch $work/ran\nCREATE TABLE public.asset |" "$work/dump.sql" >"$work/planted.sql"
DB_DATABASE_NAME=none program 4 restore-database --dump "$work/planted.sql" --create
[ ! -e "$work/ran" ] || fail "the dump ran a command"
[ "$(DB_DATABASE_NAME=postgres query "SELECT count(*) FROM pg_database WHERE datname = 'none'")" = 0 ] || fail "there is a database"

# Two of Immich's on one server: the name of the target decides.
query 'CREATE DATABASE second TEMPLATE again1' 2>/dev/null || DB_DATABASE_NAME=postgres query 'CREATE DATABASE second TEMPLATE again1'
DB_DATABASE_NAME=second query 'DELETE FROM asset_exif; DELETE FROM asset_file; DELETE FROM asset'
DB_DATABASE_NAME=postgres server_program pg_dumpall >"$work/two.sql"
refused 2 "$work/two.sql" "several databases of Immich's"
DB_DATABASE_NAME=postgres query 'DROP DATABASE again1'
DB_DATABASE_NAME=again1 program 0 restore-database --dump "$work/two.sql" --create
[ "$(DB_DATABASE_NAME=again1 query "$rows")" = "$wanted" ] || fail "it took another database"
