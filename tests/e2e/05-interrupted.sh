#!/usr/bin/env bash
# Ctrl-C (SIGINT), the end of a pod (SIGTERM) and a terminal that is closed (SIGHUP) stop the program
# soon with exit status 130, also while the store is out of reach. The next run sends nothing again.
. "$(dirname "$0")/lib.sh"

make_library
# Enough files for an interruption in the middle.
mkdir -p "$library/upload/many"
seq 1 3000 | (cd "$library/upload/many" && while read -r n; do echo "$n" >"$n.jpg"; done)

for signal in INT TERM HUP; do
  rm -rf "$store"
  program 0 init --no-database
  # Runs in its own session, because background jobs of a shell ignore SIGINT.
  setsid env --default-signal=INT,HUP "$IMMICH_BACKUP" backup --no-database >"$work/out" 2>"$work/err" &
  pid=$!
  until [ -n "$(find "$store/library" -type f -print -quit 2>/dev/null)" ]; do
    kill -0 "$pid" 2>/dev/null || fail "it ended before it could be interrupted"
    read -rt 0.01 <> <(:) || true
  done
  kill "-$signal" "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$status" -eq 130 ] || fail "SIG$signal: exit status $status"
  find "$store/library" -type f | wc -l >"$work/stored"
  [ "$(cat "$work/stored")" -lt 3000 ] || fail "it was not interrupted"

  program 0 backup --no-database --json
  json .result ok
  sent=$(jq .uploaded.objects "$work/out")
  all=$({ find "$store/library" "$store/hashed" -type f 2>/dev/null || true; } | wc -l)
  [ $((sent + $(cat "$work/stored"))) -le $((all + 1)) ] || fail "sent $sent of $all, $(cat "$work/stored") were stored"
  program 0 verify --all
done

# A bucket whose server is gone: each command waits for it, and ends once it is told to.
start_emulator --bucket photos
kill "$emulator" && wait "$emulator" 2>/dev/null || true
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
for command in "backup --no-database" "verify" "restore --target $target" "ls" "prune --keep-last 3" "rebuild-manifest"; do
  # shellcheck disable=SC2086
  setsid env --default-signal=TERM "$IMMICH_BACKUP" $command >"$work/out" 2>"$work/err" &
  pid=$!
  sleep 1
  kill -0 "$pid" 2>/dev/null || fail "$command did not wait for the store: $(cat "$work/err")"
  grep -qE '^Max core file size +1 +1 ' "/proc/$pid/limits" || fail "it may leave its passwords in a core dump"
  began=$SECONDS
  kill -TERM "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$status" -eq 130 ] || fail "$command: exit status $status"
  [ $((SECONDS - began)) -le 20 ] || fail "$command went on for $((SECONDS - began)) s"
done
