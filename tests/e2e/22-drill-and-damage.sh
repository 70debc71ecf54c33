#!/usr/bin/env bash
# verify-restore proves a restore point by restoring it. For any damage in the library, in the store
# or in the dump, some command finds it and exits as documented.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init
program 0 backup --json
point=$(jq -r .restore_point "$work/out")
originals=$(query "SELECT count(*) FROM asset WHERE NOT \"isExternal\"")
whole="$work/store.whole"
cp -a "$store" "$whole"
again() { rm -rf "$store" && cp -a "$whole" "$store"; }
scratch=$work/scratch
mkdir "$scratch"
chmod 755 "$work"
# It starts a server of its own, and does not use the database of the backup.
drill() {
  local status=$1
  shift
  program "$status" verify-restore --scratch "$scratch" "$@"
  [ -z "$(ls -A "$scratch")" ] || fail "the drill left something: $(ls -A "$scratch")"
}

# All is well. The drill reads everything and keeps the proof.
drill 0 --proven-within 1 --sample 1000000 --json
json .result ok
json .restore_point "$point"
json .dump.read true
json .database.restored true
json '.database.left_out | length' 0
json .originals.named "$originals"
json .originals.protected "$originals"
json '.files.total == .read_back.objects' true
json .weeks 1
proven=$(jq -r .proven_since "$work/out")
[ "$proven" = "$point" ] || fail "everything of $point was read back, and the drill says $proven"
proof=$(ls "$store/proofs" | tail -1)
jq -e '.verdict == "proven" and .command == "verify-restore" and .drill.restored and .drill.rows > 0' "$store/proofs/$proof" >"$work/ok" ||
  fail "$(cat "$store/proofs/$proof")"
drill 0 --at "$point"
says out "it can be restored"
says out "restored on PostgreSQL"
program 0 status
says out "no damage found"
# One part each week, and everything in the end.
drill 0 --sample 4 --json
json '.files.due < .files.total' true
json '.weeks >= 2' true
# Nothing in the library and the store has changed, except the proofs.
rm -rf "$store/proofs"
diff -r "$store" "$whole" >"$work/diff" || { cat "$work/diff" >&2; fail "the drill changed the store"; }

# The drill ignores DB_* and says so. It refuses the server of an Immich, whichever of its databases
# is named, and leaves nothing on the server that it is given.
drill 0
says out "(DB_*) was left alone"
for database in "$DB_DATABASE_NAME" postgres; do
  DRILL_DB_HOSTNAME=$DB_HOSTNAME DRILL_DB_PORT=$DB_PORT DRILL_DB_USERNAME=$DB_USERNAME \
    DRILL_DB_PASSWORD=$DB_PASSWORD DRILL_DB_DATABASE_NAME=$database program 2 verify-restore --scratch "$scratch"
  says err "the server holds the database of an Immich"
done
demo/postgres start "$work/drill-postgres"
(
  # shellcheck disable=SC1091 # demo/postgres has just made it
  . "$work/drill-postgres/env"
  DRILL_DB_HOSTNAME=127.0.0.1 DRILL_DB_PORT=1 DRILL_DB_USERNAME=nobody program 1 verify-restore --scratch "$scratch"
  says err "the drill's server"
  says err "DRILL_DB_HOSTNAME and DRILL_DB_PORT"
  export DRILL_DB_HOSTNAME=$DB_HOSTNAME DRILL_DB_PORT=$DB_PORT DRILL_DB_USERNAME=$DB_USERNAME DRILL_DB_PASSWORD=$DB_PASSWORD
  program 0 verify-restore --scratch "$scratch" --json
  json .database.restored true
  [ -z "$(PGPASSWORD=$DB_PASSWORD psql -X -q -A -t -h "$DB_HOSTNAME" -p "$DB_PORT" -U "$DB_USERNAME" -d postgres \
    -c "SELECT datname FROM pg_database WHERE datname LIKE 'immich_backup_drill%'")" ] || fail "the drill's database is still there"
)
demo/postgres stop "$work/drill-postgres"

# One byte of a photo in the library, under its old time: the next full reading sees what Immich recorded otherwise.
photo=$(query "SELECT substr(\"originalPath\", 7) FROM asset WHERE \"originalFileName\" = 'IMG_0039.jpg'")
cp -p "$library/$photo" "$work/photo"
damage "$library/$photo" 3
touch -r "$work/photo" "$library/$photo"
program 3 backup --rehash --json
json '[.problems[].code] | unique | join(" ")' damaged_at_source
cp -p "$work/photo" "$library/$photo"
again

# One byte of its object, in the store.
damage "$store/library/$photo" 3
program 0 verify --json # a folder's listing tells sizes alone
program 4 verify --all
says out "library/$photo"
drill 4 --sample 1000000 --json
json '.problems[] | select(.code == "object_damaged") | .path' "/$photo"
program 4 restore --target "$target" "/$photo"
[ ! -e "$target/$photo" ] || fail "a damaged photo was restored"
program 4 status
# Damage does not end because another check did not see it. It ends after reading everything, or
# with a manifest that no longer claims the object.
cp -p "$store/library/$photo" "$work/damaged"
cp -p "$whole/library/$photo" "$store/library/$photo"
program 0 verify
drill 0 --sample 4
program 4 status
says out "has not been found whole since"
program 0 verify --all
program 0 status
sleep 1
cp -p "$work/damaged" "$store/library/$photo"
program 4 verify --all
# Proofs of the same second get later times one after the other, so the last one may be ahead of the
# clock.
newest=$(ls "$store/proofs" | tail -1)
until [[ $(date -u +%Y-%m-%dT%H-%M-%S) > ${newest%.json} ]]; do sleep 0.2; done
program 3 rebuild-manifest
program 0 backup
program 0 status
again

# A missing object.
rm "$store/library/$photo"
program 4 verify
says out "missing"
drill 4 --sample 1000000
says out "$photo"
again

# A dump that was cut, also if it still is a whole gzip file and ends between two statements.
dump=$(ls "$store/database"/*.sql.gz)
truncate -s -100 "$dump"
program 4 verify --json
json '[.problems[].code] | join(" ")' dump_damaged
drill 4
says out "its bytes are not those that were stored"
program 4 restore-database --db-name elsewhere --create
again
damage "$dump" 200
program 0 verify
program 4 verify --all
drill 4 --json
json '[.problems[].code] | join(" ")' dump_damaged
json .database.restored false
again

# A drill that is stopped or killed leaves no server behind, whichever user runs it. Where it was stopped, nothing else stays either;
# where it was killed, that goes with the next one.
in_the_middle() { # SIGNAL
  (exec "$IMMICH_BACKUP" verify-restore --scratch "$scratch" >"$work/out" 2>"$work/err") &
  pid=$!
  until pgrep -f "postgres -D $scratch" >/dev/null; do kill -0 "$pid" || fail "the drill ended before its server began"; done
  kill -s "$1" "$pid"
  ended=0
  wait "$pid" 2>/dev/null || ended=$?
}
in_the_middle TERM
[ "$ended" = 130 ] || fail "a drill that was stopped ends with $ended"
! pgrep -f "postgres -D $scratch" >/dev/null || fail "the drill's PostgreSQL lives on"
[ -z "$(ls -A "$scratch")" ] || fail "the stopped drill left something: $(ls -A "$scratch")"
in_the_middle KILL
for _ in $(seq 100); do
  pgrep -f "postgres -D $scratch" >/dev/null || break
  sleep 0.1
done
! pgrep -f "postgres -D $scratch" >/dev/null || fail "the drill's PostgreSQL lives on"
ls -d "$scratch"/immich-backup-* >/dev/null || fail "the killed drill had nothing in its scratch folder"
touch -d '11 minutes ago' "$scratch"/immich-backup-*/.immich-backup-scratch
drill 0

# A user without an account, as in a container, gets a name for the server. Without the library that gives it, the drill says what is missing.
if [ "$(id -u)" -eq 0 ]; then
  anybody=$work/anybody
  mkdir "$anybody"
  cp -a "$store" "$anybody/store"
  mkdir "$anybody/scratch"
  chown -R 12345:12345 "$anybody"
  as_anybody() { # STATUS ARGUMENT...
    local wanted=$1 status=0
    shift
    env -u XDG_CONFIG_HOME HOME=/ IMMICH_BACKUP_STORE="file://$anybody/store" setpriv --reuid 12345 --regid 12345 --clear-groups \
      "$IMMICH_BACKUP" verify-restore --unsigned --scratch "$anybody/scratch" --json "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" = "$wanted" ] || { cat "$work/out" >&2; fail "verify-restore as 12345: exit status $status, not $wanted"; }
    [ -z "$(ls -A "$anybody/scratch")" ] || fail "the drill left something: $(ls -A "$anybody/scratch")"
  }
  if ls /usr/lib/*/libnss_wrapper.so >/dev/null 2>&1; then
    as_anybody 0
    json .database.restored true
  else
    as_anybody 3
    json '.problems[0].message | contains("the user 12345 has none in /etc/passwd")' true
    json '.problems[0].hint | contains("libnss-wrapper")' true
  fi
fi

# Without a server, the drill reads the whole dump and proves nothing. That neither counts as a
# verification, nor ends what one has found.
before=$(program 0 status --json && jq -r .last_verified "$work/out")
drill 3 --pg-bin "$scratch"
says out "not proven"
says out "no PostgreSQL server is installed here"
drill 3 --pg-bin "$scratch" --json
json .verdict not_proven
json .dump.read true
json .database.restored false
program 0 status --json
[ "$(jq -r .last_verified "$work/out")" = "$before" ] || fail "a drill that proved nothing counts as a verification"
json '.last_drill > .drill_proven' true
program 0 status
says out "it did not prove that a restore works; the last one that did is of"
