#!/usr/bin/env bash
# A machine that boots runs its backup before its network is up, or before the server of the bucket
# answers. Each command of the night waits for the store, and ends well once it is there.
. "$(dirname "$0")/lib.sh"

make_library
start_emulator --bucket photos
port=${url##*:}
kill "$emulator" && wait "$emulator" 2>/dev/null || true
export STORAGE_EMULATOR_HOST=http://127.0.0.1:$port IMMICH_BACKUP_STORE=gs://photos

# Nobody listens yet: the connection is refused.
"$IMMICH_BACKUP" init --no-database >"$work/out" 2>"$work/err" &
pid=$!
sleep 1
kill -0 "$pid" 2>/dev/null || fail "init did not wait for the store"
start_emulator --bucket photos --port "$port"
wait "$pid" || fail "init did not end well: exit status $?"

broken='{"resetBefore": true, "forMs": 1500}' overloaded='{"status": 503, "forMs": 1500}'
# night STATUS FAULT COMMAND...: runs it while the store fails so at first.
night() {
  local wanted=$1 fault=$2
  shift 2
  curl -sf -X DELETE "$url/emulator/faults" >"$work/reply"
  curl -sf --data-binary "$fault" "$url/emulator/faults" >"$work/reply"
  program "$wanted" "$@"
  [ "$(curl -sf "$url/emulator/faults" | jq .allHit)" = true ] || fail "$1 met no fault"
}
night 0 "$broken" backup --no-database
night 0 "$overloaded" verify --all
night 0 "$broken" verify-restore --sample 2
night 0 "$overloaded" prune --keep-last 1 --yes
