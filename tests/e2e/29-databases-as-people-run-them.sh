#!/usr/bin/env bash
# Servers that are not as the program's own: behind a pooler, in another language, in another
# encoding, locked, restarted. A backup leaves them as they were, and a restore brings back what
# was there.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init

# A pooler's sessions are Immich's next. It is refused by name before anything is done, and its sessions are as they were.
pooled() { # MODE: a pooler in front of the database, at $pool
  pool=$((20000 + RANDOM % 10000))
  mkdir "$work/pooler-$1"
  printf '[databases]\n* = host=%s port=%s\n[pgbouncer]\npool_mode = %s\nlisten_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\nauth_type = plain\nauth_file = %s\nignore_startup_parameters = extra_float_digits\npidfile = %s\n' \
    "$DB_HOSTNAME" "$DB_PORT" "$1" "$pool" "$work/pooler-$1/users" "$work/pooler-$1/pid" >"$work/pooler-$1/ini"
  printf '"%s" "%s"\n' "$DB_USERNAME" "$DB_PASSWORD" >"$work/pooler-$1/users"
  chmod -R a+rX "$work/pooler-$1"
  chmod a+w "$work/pooler-$1"
  as=()
  [ "$(id -u)" -ne 0 ] || as=(-u nobody)
  pgbouncer -q -d "${as[@]}" "$work/pooler-$1/ini" >"$work/pooler-$1/log" 2>&1 || { cat "$work/pooler-$1/log"; fail "no pooler"; }
  until DB_PORT=$pool query 'SELECT 1' >/dev/null 2>&1; do sleep 0.1; done
}
if command -v pgbouncer >/dev/null; then
  stop_what_runs() { kill $(cat "$work"/pooler-*/pid) 2>/dev/null || true; }
  direct=$DB_PORT
  for mode in transaction session; do
    pooled "$mode"
    before=$(find "$store" -type f | wc -l)
    DB_PORT=$pool program 2 backup
    says err "a connection pooler answers there"
    says err "the server listens on port $direct"
    DB_PORT=$pool program 2 backup --dry-run
    [ "$(find "$store" -type f | wc -l)" = "$before" ] || fail "something was stored"
    DB_PORT=$pool program 3 doctor
    says out "a connection pooler answers there"
    DB_PORT=$pool query "CREATE TABLE written_$mode AS SELECT pg_catalog.current_setting('search_path')" || fail "the pooler's session cannot write any more"
    query "DROP TABLE written_$mode"
  done
fi

# A table stays locked. The files go on, and the person hears who holds the lock.
(pg psql -X -q -c 'BEGIN' -c 'LOCK TABLE asset_exif IN ACCESS EXCLUSIVE MODE' -c 'SELECT pg_sleep(600)' >/dev/null 2>&1) &
locker=$!
until [ "$(query "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")" != 0 ]; do sleep 0.1; done
program 1 backup --time-limit 3s --json
json .result incomplete
json '[.problems[].code] | index("database") != null' true
json '.problems[0].message | test("stayed locked for .*process [0-9]+ .*pg_sleep")' true
query "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()" >/dev/null
wait "$locker" || true
program 0 backup

# A server that is down at first, and starts while the backup waits for it: an update of the machine, say.
server() { # start|stop ARGUMENT...
  local as=()
  [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid postgres --regid postgres --clear-groups env HOME=/)
  "${as[@]}" "$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_ctl" "$@" -D "$work/postgres/data" -w -s -l "$work/postgres/log" \
    </dev/null >/dev/null 2>&1 || fail "the server does not $1"
}
server stop -m fast
"$IMMICH_BACKUP" backup --json >"$work/out" 2>"$work/err" &
waiting=$!
sleep 5
kill -0 "$waiting" 2>/dev/null || fail "it did not wait for the database: $(cat "$work/err")"
server start -o "-c port=$DB_PORT"
wait "$waiting" || fail "the backup ended with $? after the server had started"
says err "waiting for the database: "
json .result ok

# What a server or a role is set to changes neither what is read nor how a run ends: its language, its time zone, how it writes
# bytes and dates, how soon it ends a session.
rows="SELECT md5(string_agg(a::text, '' ORDER BY id)) FROM asset a"
as_set=(-c timezone=Asia/Kathmandu)
if command -v localedef >/dev/null && [ -e /usr/share/i18n/locales/de_DE ]; then
  mkdir "$work/locale"
  localedef -i de_DE -f UTF-8 "$work/locale/de_DE.UTF-8" || fail "no German locale"
  export LOCPATH=$work/locale
  as_set+=(-c lc_messages=de_DE.UTF-8 -c lc_numeric=de_DE.UTF-8 -c lc_time=de_DE.UTF-8 -c lc_monetary=de_DE.UTF-8)
fi
program 0 backup --json
audit=$(jq -cS .audit "$work/out")
server stop -m fast
server start -o "-c port=$DB_PORT ${as_set[*]}"
unset LOCPATH
query "ALTER ROLE $DB_USERNAME SET bytea_output = 'escape'; ALTER ROLE $DB_USERNAME SET datestyle = 'German, DMY';
  ALTER ROLE $DB_USERNAME SET intervalstyle = 'sql_standard'; ALTER ROLE $DB_USERNAME SET timezone = 'America/St_Johns';
  ALTER ROLE $DB_USERNAME SET client_encoding = 'LATIN1'; ALTER ROLE $DB_USERNAME SET extra_float_digits = -3;
  ALTER ROLE $DB_USERNAME SET search_path = ''; ALTER ROLE $DB_USERNAME SET standard_conforming_strings = off;
  ALTER ROLE $DB_USERNAME SET statement_timeout = '300ms'; ALTER ROLE $DB_USERNAME SET idle_in_transaction_session_timeout = '300ms';
  ALTER ROLE $DB_USERNAME SET default_transaction_isolation = 'serializable'; ALTER ROLE $DB_USERNAME SET row_security = off"
program 0 backup --json
[ "$(jq -cS .audit "$work/out")" = "$audit" ] || fail "the audit differs: $(jq -cS .audit "$work/out") is not $audit"
DB_DATABASE_NAME=as_set program 0 restore-database --create
query "ALTER ROLE $DB_USERNAME RESET ALL"
[ "$(DB_DATABASE_NAME=as_set query "$rows")" = "$(query "$rows")" ] || fail "other rows came back"
DB_PASSWORD=wrong program 3 backup
says out "Check DB_USERNAME and DB_PASSWORD"
server stop -m fast
server start -o "-c port=$DB_PORT"

# A hot standby is dumped. How far it has come is told, and what it does not have: rows of unlogged tables never reach it.
query 'CREATE UNLOGGED TABLE imported (name text); INSERT INTO imported VALUES (1)'
standby() { # start|stop: a second server that follows the first, on $other
  local as=() bin
  [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid postgres --regid postgres --clear-groups env HOME=/)
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  if [ "$1" = stop ]; then "${as[@]}" "$bin/pg_ctl" stop -D "$work/standby/data" -m immediate -s; return; fi
  mkdir -m 700 "$work/standby"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$work/standby"
  "${as[@]}" env PGPASSWORD="$DB_PASSWORD" "$bin/pg_basebackup" -h "$DB_HOSTNAME" -p "$DB_PORT" -U "$DB_USERNAME" -D "$work/standby/data" -X stream -c fast -R
  for _ in 1 2 3 4 5; do
    other=$((20000 + RANDOM % 12000))
    "${as[@]}" "$bin/pg_ctl" start -D "$work/standby/data" -l "$work/standby/log" -w -s -o "-c port=$other" </dev/null >/dev/null 2>&1 && return
  done
  fail "no standby starts: $(tail -n 3 "$work/standby/log")"
}
standby start
query 'CREATE TABLE later ()'
until [ "$(DB_PORT=$other query "SELECT to_regclass('later') IS NULL")" = f ]; do sleep 0.1; done
DB_PORT=$other program 3 backup --json
json '[.problems[].code] | join(" ")' dump_partial
json '.problems[0].message' 'the dump has everything but the rows of the table public.imported, which the server could not read'
json '[.notes[] | select(test("is a standby: it has what its primary had committed until 2"))] | length' 1
json '.database.left_out | join(" ")' public.imported
query 'DROP TABLE imported, later'
until [ "$(DB_PORT=$other query "SELECT to_regclass('imported') IS NULL")" = t ]; do sleep 0.1; done
DB_PORT=$other program 0 backup --json
standby stop

# Rights that others were given are not in a dump. A restore names whose they were.
query "CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO reader; CREATE ROLE charts; GRANT SELECT ON asset TO charts"
DB_USERNAME=reader DB_PASSWORD=reader program 0 backup --json
json '.database.granted | join(" ")' 'charts reader'
DB_DATABASE_NAME=without_rights program 0 restore-database --create
says out "their rights are not restored: charts, reader"
query 'REVOKE ALL ON asset FROM charts; DROP ROLE charts; DROP ROLE reader'

# What is set on the database itself is not in a dump. It comes back as far as it is Immich's.
query "ALTER DATABASE $DB_DATABASE_NAME SET vchordrq.probes = '1'; ALTER DATABASE $DB_DATABASE_NAME SET search_path = \"\$user\", public, vectors;
  ALTER DATABASE $DB_DATABASE_NAME SET work_mem = '8MB'"
program 0 backup --json
json '.database.settings | length' 3
DB_DATABASE_NAME=settings program 0 restore-database --create --json
json '.settings | join(" ")' 'vchordrq.probes=1 search_path="$user", public, vectors'
json '[.notes[] | select(test("work_mem=8MB"))] | length' 1
of() { query "SELECT string_agg(s, ' ' ORDER BY s) FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase, unnest(setconfig) s WHERE datname = '$1' AND s NOT LIKE 'work_mem%'"; }
[ "$(of settings)" = "$(of "$DB_DATABASE_NAME")" ] || fail "the settings are not those of before: $(of settings)"
query "ALTER DATABASE $DB_DATABASE_NAME RESET ALL"

# In other encodings: the rows come back as they were, or the restore is refused before it begins.
library=$work/plain
export LIBRARY_PATH=$library
make_media_root
for name in one two; do printf '%s' "$name" >"$library/upload/$name.jpg"; done
for encoding in LATIN1 SQL_ASCII; do
  name=in_$(tr 'A-Z' 'a-z' <<<"$encoding")
  query "CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'"
  DB_DATABASE_NAME=$name sql -f demo/schema.sql
  {
    echo "INSERT INTO \"user\" (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'anna@example.org');
      INSERT INTO album (\"ownerId\", \"albumName\") SELECT id, 'Grün' FROM \"user\";
      INSERT INTO version_history (version) VALUES ('3.1.0');
      INSERT INTO system_metadata VALUES ('MediaLocation', '{\"location\": \"/data\"}');"
    for file in one two; do
      echo "INSERT INTO asset (\"ownerId\", type, \"originalPath\", \"originalFileName\", checksum, \"fileCreatedAt\", \"fileModifiedAt\", \"localDateTime\")
        SELECT id, 'IMAGE', '/data/upload/$file.jpg', '$file.jpg', decode('$(sha1sum <"$library/upload/$file.jpg" | cut -c1-40)', 'hex'), now(), now(), now() FROM \"user\";"
    done
  } | DB_DATABASE_NAME=$name PGCLIENTENCODING=UTF8 sql
  export IMMICH_BACKUP_STORE=file://$work/store-$name
  DB_DATABASE_NAME=$name program 0 init
  # Not a byte of UTF-8: a name that some old import has left.
  [ "$encoding" != SQL_ASCII ] || DB_DATABASE_NAME=$name PGCLIENTENCODING=SQL_ASCII query "UPDATE album SET description = E'caf\\351'"
  DB_DATABASE_NAME=$name program 0 backup --json
  names="SELECT encode(string_agg(convert_to(\"albumName\" || description, 'SQL_ASCII'), ',' ORDER BY id), 'hex') FROM album"
  if [ "$encoding" = SQL_ASCII ]; then
    json .database.encoding SQL_ASCII
    query "CREATE DATABASE utf8 TEMPLATE template0 ENCODING 'UTF8'"
    DB_DATABASE_NAME=utf8 program 2 restore-database
    says err "is of a database in SQL_ASCII, and database"
    [ "$(DB_DATABASE_NAME=utf8 query "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")" = 0 ] || fail "something was restored"
  fi
  DB_DATABASE_NAME=again_$name program 0 restore-database --create
  if [ "$encoding" = SQL_ASCII ]; then
    [ "$(DB_DATABASE_NAME=$name query "$names")" = "$(DB_DATABASE_NAME=again_$name query "$names")" ] || fail "the names are others"
  else
    [ "$(DB_DATABASE_NAME=again_$name PGCLIENTENCODING=UTF8 query 'SELECT "albumName" FROM album')" = Grün ] || fail "the names are others"
  fi
  mkdir "$work/scratch-$name"
  DB_DATABASE_NAME=$name program 0 verify-restore --scratch "$work/scratch-$name" --sample 1 --json
  json .database.restored true
done
