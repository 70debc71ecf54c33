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
program 3 backup --time-limit 3s --json
json '[.problems[].code] | index("database") != null' true
json '.problems[0].message | test("stayed locked for .*process [0-9]+ .*pg_sleep")' true
query "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()" >/dev/null
wait "$locker" || true
program 0 backup
