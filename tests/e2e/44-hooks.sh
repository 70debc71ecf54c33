#!/usr/bin/env bash
# The owner's commands before and after a backup: what they get, and what their failures do.
. "$(dirname "$0")/lib.sh"

make_media_root
echo photo >"$library/upload/a.jpg"
export DB_PASSWORD=a-secret-of-the-database
export IMMICH_BACKUP_NO_DATABASE=1
program 0 init

# The store's disk is mounted before, and the report arrives after: the JSON that --json prints, with the status.
mv "$store" "$work/away"
hooks=(--before-backup "mv '$work/away' '$store' && echo mounted" --after-backup "cat >'$work/report'; env >'$work/env'; echo \$IMMICH_BACKUP_EXIT_STATUS >'$work/status'")
program 0 backup "${hooks[@]}" --json
json '.command, .files.new' $'backup\n1'
jq -S 'del(.elapsed_s)' "$work/out" | diff - <(jq -S 'del(.elapsed_s)' "$work/report") || fail "the hook got another report"
[ "$(cat "$work/status")" = 0 ] || fail "the hook got another status: $(cat "$work/status")"
! grep -q a-secret "$work/env" || fail "the hook got a secret"
grep -q '^PATH=' "$work/env" || fail "the hook got no environment"

# A failure before: nothing is backed up, and the end is told all the same.
rm "$work/report"
echo new >"$library/upload/b.jpg"
program 1 backup --before-backup 'echo no such disk >&2; exit 7' --after-backup "cat >'$work/report'"
says err "before-backup: ended with status 7: no such disk"
[ ! -e "$store/library/upload/b.jpg" ] || fail "it backed up after a failure"
jq -e '.result == "failed" and (.problems[0].message | contains("no such disk"))' "$work/report" >"$work/out" || fail "the failure was not told: $(cat "$work/report")"

# A failure after: what was saved is saved, and the run is a problem.
program 3 backup --after-backup 'echo cannot copy >&2; exit 1' --json
json '.result, .problems[0].code, .problems[0].message' $'incomplete\nhook\n--after-backup: ended with status 1: cannot copy'
[ -e "$store/library/upload/b.jpg" ] || fail "it did not back up"

# One that hangs, one that does not exist, one that does not read, and one that leaves something behind.
program 3 backup --hook-time-limit 1s --after-backup 'sleep 61.5 & sleep 61.5'
says out "did not end within 1.0 s"
! pgrep -f 'sleep 61\.5' >"$work/left" || fail "what the hook has started goes on: $(cat "$work/left")"
program 3 backup --after-backup /no/such/hook
says out "ended with status 127"
program 0 backup --after-backup 'exec <&-; sleep 0.1'
program 1 backup --hook-time-limit 1s --before-backup 'sleep 60'
says err "did not end within 1.0 s"

# An interrupt ends the one before.
(
  exec "$IMMICH_BACKUP" backup --before-backup "touch '$work/begun'; sleep 60" >"$work/out" 2>"$work/err"
) &
for _ in {1..100}; do [ -e "$work/begun" ] && break || sleep 0.1; done
kill -TERM $!
status=0
wait $! || status=$?
[ "$status" -eq 130 ] || fail "interrupted: status $status"

# One afterwards, by another interrupt, whether the backup was well or not.
for wanted in 3 130; do
  rm -f "$work/begun"
  before=()
  [ "$wanted" = 3 ] || before=(--before-backup 'sleep 60')
  "$IMMICH_BACKUP" backup "${before[@]}" --after-backup "touch '$work/begun'; sleep 60" >"$work/out" 2>"$work/err" &
  if [ "$wanted" = 130 ]; then
    sleep 1
    kill -TERM $!
  fi
  for _ in {1..100}; do [ -e "$work/begun" ] && break || sleep 0.1; done
  kill -TERM $!
  status=0
  wait $! || status=$?
  [ "$status" -eq "$wanted" ] || fail "interrupted afterwards: status $status, not $wanted"
  grep -q 'after-backup: interrupted' "$work/out" "$work/err" || fail "nothing tells of the interrupted hook"
done

# Commands may hold passwords, and are not shown.
IMMICH_BACKUP_AFTER_BACKUP='curl -u me:hunter2 host' program 0 config show
! grep -q hunter2 "$work/out" || fail "config shows a command"
says out after-backup

# --dry-run runs none.
program 0 backup --dry-run --before-backup false --after-backup false
# Other commands have none.
IMMICH_BACKUP_BEFORE_BACKUP=false program 0 verify
IMMICH_BACKUP_BEFORE_BACKUP=false program 1 backup
