# The beginning of every end-to-end test: . "$(dirname "$0")/lib.sh"
#
# Each test runs the program as a user does, in its own folder, which is removed at the end.
# $IMMICH_BACKUP is the program. The caller's settings do not reach it.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${IMMICH_BACKUP:?the program to test}"
unset "${!DB_@}" "${!DRILL_@}" "${!PG@}" "${!GCS_@}" "${!GOOGLE_@}" "${!IMMICH_BACKUP_@}" IMMICH_VERSION LIBRARY_PATH \
  STORAGE_EMULATOR_HOST CURL_CA_BUNDLE SSL_CERT_FILE
# File names in other scripts are typed and compared.
export LC_ALL=C.UTF-8

# A test may set `disk` to a folder that must not be in memory. It is also removed at the end.
disk=
work=$(mktemp -d)
chmod 711 "$work"
# In a container, a machine key may not lie in the container's own layer.
keys=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
export XDG_CONFIG_HOME=$keys
# The machine may have settings in /etc.
export IMMICH_BACKUP_CONFIG=/dev/null
# The same test with stores that are encrypted; tests/CMakeLists.txt says which run so as well.
if [ -n "${ENCRYPTED:-}" ]; then
  command -v age-keygen >/dev/null || { echo "skipped: age-keygen is not installed"; exit 77; }
  age-keygen -o "$keys/owner.txt" 2>/dev/null
  IMMICH_BACKUP_ENCRYPT_TO=$(age-keygen -y "$keys/owner.txt")
  export IMMICH_BACKUP_ENCRYPT_TO IMMICH_BACKUP_IDENTITY_FILE=$keys/owner.txt
fi
# A test may define `stop_what_runs`, which is called at the end before its folders are removed.
cleanup() {
  local status=$?
  ! declare -F stop_what_runs >/dev/null || stop_what_runs
  kill ${emulator:-} ${proxy:-} 2>/dev/null || true
  [ ! -e "$work/postgres" ] || demo/postgres stop "$work/postgres"
  rm -rf "$work" "$keys" ${disk:+"$disk"}
  exit "$status"
}
trap cleanup EXIT
export TMPDIR=$work

library=$work/library
store=$work/store
target=$work/target
export LIBRARY_PATH=$library IMMICH_BACKUP_STORE=file://$store

fail() { printf 'FAILED: %s\n' "$*" >&2; [ ! -s "$work/err" ] || sed 's/^/  stderr: /' "$work/err" >&2; exit 1; }

# skip WHY: this machine does not have what the test needs.
skip() { echo "skipped: $*"; exit 77; }
# needs PROGRAM...: skips where one is not installed.
needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
}

# program STATUS ARGUMENT...: runs it, keeps what it prints in $work/out and $work/err, and insists on its exit status.
program() {
  local wanted=$1 status=0
  shift
  "$IMMICH_BACKUP" "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "immich-backup $*: exit status $status, not $wanted"; }
}
# says FILE TEXT: fails unless FILE (out or err) contains TEXT.
says() { grep -qF -- "$2" "$work/$1" || { cat "$work/$1" >&2; fail "std$1 does not say: $2"; }; }
# json FILTER VALUE: fails unless jq's FILTER on the output gives VALUE.
json() {
  local got
  got=$(jq -r "$1" "$work/out") || fail "stdout is not JSON: $(head -c 300 "$work/out")"
  [ "$got" = "$2" ] || { cat "$work/out" >&2; fail "$1 is '$got', not '$2'"; }
}

# start_emulator ARGUMENT...: emulates Google Cloud Storage at $url until the end of the test, or
# until $emulator is killed.
start_emulator() {
  "${EMULATOR:?the emulator}" "$@" >"$work/emulator" &
  emulator=$!
  until grep -q listening "$work/emulator"; do kill -0 "$emulator" || fail "the emulator does not start"; done
  url=$(sed 's/.* //' "$work/emulator")
}
# listen_into FILE: takes what anybody sends to 127.0.0.1:$port, adds it to FILE, and answers nothing, until $listener is killed.
listen_into() {
  : >"$work/socat"
  socat -d -d -u TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:"$1",creat,append 2>>"$work/socat" &
  listener=$!
  for _ in {1..100}; do
    port=$(sed -n 's/.*listening on AF=2 127.0.0.1:\([0-9]*\).*/\1/p' "$work/socat")
    [ -z "$port" ] || return 0
    sleep 0.1
  done
  fail "socat does not listen: $(cat "$work/socat")"
}
# make_media_root: an empty library, with Immich's folders and their markers.
make_media_root() {
  mkdir -p "$library"/{upload,library,profile,thumbs,encoded-video,backups}
  touch "$library"/{upload,library,profile,thumbs,encoded-video,backups}/.immich
}
make_library() { demo/make-library "$library" --small >/dev/null; }
start_database() {
  demo/postgres start "$work/postgres"
  set -a
  # shellcheck disable=SC1091 # demo/postgres has just made it
  . "$work/postgres/env"
  set +a
  sql -f demo/schema.sql
  demo/fill-database "$library" | sql
}
# pg COMMAND...: runs a PostgreSQL client on the test's database.
pg() { PGHOST=$DB_HOSTNAME PGPORT=$DB_PORT PGUSER=$DB_USERNAME PGPASSWORD=$DB_PASSWORD PGDATABASE=$DB_DATABASE_NAME "$@"; }
# sql ARGUMENT...: psql, which ends at the first error.
sql() { pg psql -X -q -v ON_ERROR_STOP=1 "$@"; }
# query SQL: the rows alone.
query() { pg psql -X -q -A -t -c "$1"; }

# typed_blocks PAGE FOLDER: the blocks of code of PAGE that say in the line above that this test types them, as FOLDER/1, FOLDER/2 and so on.
typed_blocks() {
  mkdir -p "$2"
  awk -v folder="$2" -v test="tests/[a-z0-9]+/$(basename "$0")" '
    /^ *```/ { inside = !inside; file = inside && above ~ "<!-- typed by .*" test ? folder "/" ++n : ""; next }
    inside && file != "" { print >file }
    !inside { above = $0 }
    END { exit !n }' "$1" || fail "$1 has no block that says that $(basename "$0") types it"
}

# damage FILE OFFSET: another byte there. The size stays.
damage() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# may_be_killed: lets $KILL_AT_CALL be loaded into the program (tests/support/kill_at_call.c).
may_be_killed() {
  [ -f "${KILL_AT_CALL:?the library that kills}" ] || fail "no $KILL_AT_CALL"
  # A sanitizer's runtime wants to be loaded first; this library may come before it.
  export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
}
# on_poor_disk LACKING COMMAND...: runs it as if the file system lacked that (tests/support/poor_disk.c).
on_poor_disk() {
  [ -f "${POOR_DISK:?the library that refuses}" ] || fail "no $POOR_DISK"
  LACKING=$1 LD_PRELOAD=$POOR_DISK ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "${@:2}"
}
