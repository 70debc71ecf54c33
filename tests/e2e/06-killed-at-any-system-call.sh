#!/usr/bin/env bash
# The program is killed (SIGKILL) at its nth write, flush, rename or removal, for many n. Each time,
# the next run finishes, and the store then contains what was in the library.
. "$(dirname "$0")/lib.sh"

may_be_killed
make_library
demo/fingerprint library "$library" >"$work/library.before"

# The number of such calls in a whole run.
program 0 init --no-database
LD_PRELOAD=$KILL_AT_CALL KILL_COUNT_FILE=$work/count program 0 backup --no-database
calls=$(cat "$work/count")
[ "$calls" -gt 100 ] || fail "only $calls calls were seen"

kills=0
for ((n = 1; n <= calls; n += calls / 40 + 1)); do
  rm -rf "$store" "$target"
  program 0 init --no-database
  status=0
  # The shell itself prints "Killed", which is expected here.
  { LD_PRELOAD=$KILL_AT_CALL KILL_AT=$n "$IMMICH_BACKUP" backup --no-database >"$work/out" 2>"$work/err" || status=$?; } 2>/dev/null
  [ "$status" -ne 137 ] || kills=$((kills + 1))
  [ "$status" -eq 137 ] || [ "$status" -eq 0 ] || fail "killed at call $n: exit status $status"
  program 0 backup --no-database
  program 0 verify --all
  program 0 restore --target "$target"
  demo/fingerprint library "$target" | diff - "$work/library.before" >/dev/null || fail "killed at call $n: the restore differs"
done
[ "$kills" -ge 30 ] || fail "only $kills kills"
