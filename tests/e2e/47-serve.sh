#!/usr/bin/env bash
# serve: a machine that backs up by itself, a night that was missed, a job that is killed, and the end of both.
. "$(dirname "$0")/lib.sh"
needs socat

make_media_root
echo photo >"$library/upload/a.jpg"
export IMMICH_BACKUP_NO_DATABASE=1 IMMICH_BACKUP_STATE=$work/state IMMICH_BACKUP_RANDOM_DELAY=off IMMICH_BACKUP_LISTEN=127.0.0.1:0
stop_what_runs() { kill -KILL ${serve:-} ${hears:-} 2>/dev/null || true; }

# start_serve ARGUMENT...: in the background, with its log in $work/err.
start_serve() {
  : >"$work/err"
  "$IMMICH_BACKUP" serve "$@" >"$work/out" 2>"$work/err" &
  serve=$!
}
# wait_for TEXT: until the log has it.
wait_for() {
  for _ in {1..300}; do
    ! grep -qF -- "$1" "$work/err" || return 0
    kill -0 "$serve" 2>/dev/null || break
    sleep 0.1
  done
  fail "the log does not say: $1"
}
stop_serve() {
  local status=0
  kill -TERM "$serve"
  wait "$serve" || status=$?
  [ "$status" -eq 0 ] || fail "serve ended with status $status"
}
# missed JOB SCHEDULE: as if this machine had been off since the day before yesterday.
missed() {
  printf '{"event":"schedule","job":"%s","schedule":"%s","time":"%s"}\n' "$1" "$2" "$(date -u -d '2 days ago' +%FT%TZ)" >>"$work/state/journal.jsonl"
}

# What it can't do is told at once.
program 2 serve --schedule '30 25 * * *'
says err "the hour '25' is not from 0 to 23"
program 2 serve --prune-schedule @daily
says err "IMMICH_BACKUP_KEEP_LAST"
program 2 serve --expected-schedule @weekly
says err "is for --schedule off"
program 2 serve --timezone Mars/Olympus
says err "Mars/Olympus"
program 2 serve --ping http://127.0.0.1/x
says err "serve takes no such option"

# Without a store it stays up, and says how to begin one.
start_serve --schedule '0 2 * * *'
wait_for "nothing is begun: no store at $IMMICH_BACKUP_STORE: there is no such folder"
wait_for "immich-backup init --store $IMMICH_BACKUP_STORE"
wait_for "next backup: "
program 2 serve
says err "Only one"
start=$(date +%s)
stop_serve
[ $(($(date +%s) - start)) -lt 5 ] || fail "it took long to stop"
[ ! -e "$store" ] || fail "it began a store"
grep -q '"schedule":"0 2 \* \* \*"' "$work/state/journal.jsonl" || fail "the journal does not know the schedule"

# A missed night is made up for once. The log is one that people read, and it is kept.
"$IMMICH_BACKUP" init >/dev/null 2>&1
missed backup '30 3 * * *'
start_serve --drill-schedule off --verify-schedule off
wait_for "backup: begins, as due at"
wait_for "backup: ended with exit status 0"
# Its page says so, to who knows the password.
page=$(sed -n 's/.*the page is at //p' "$work/err")
[ "$(curl -s "${page}healthz")" = ok ] || fail "the page is not there"
[ "$(curl -s -o "$work/out" -w '%{http_code}' "${page}api/v1/overview")" = 401 ] || fail "everybody may look: $(cat "$work/out")"
curl -s -c "$work/cookies" -d "password=$(cat "$work/state/web-password")" "${page}login" || fail "it lets nobody in"
for _ in {1..100}; do
  curl -s -b "$work/cookies" "${page}api/v1/overview" >"$work/out"
  ! grep -q 'would come back' "$work/out" || break
  sleep 0.1
done
json '.colour, (.sentence | startswith("1 file would come back, as of "))' $'yellow\ntrue'
json '[.concerns[].fix] | join(", ")' "immich-backup verify, immich-backup verify-restore"
curl -s -b "$work/cookies" "${page}metrics" | grep -q 'immich_backup_last_exit_status{command="backup"} 0' || fail "no metrics: $(curl -s -b "$work/cookies" "${page}metrics")"
cmp "$library/upload/a.jpg" "$store/library/upload/a.jpg"
says err "backup: restore point"
grep -q "backup: ended with exit status 0" "$work"/state/logs/*-backup.log || fail "the log was not kept"
sleep 6
[ "$(grep -c '"begin"' "$work/state/journal.jsonl")" = 1 ] || fail "it began more than once"
stop_serve
start_serve --verify-schedule off
wait_for "next backup"
sleep 6
stop_serve
[ "$(grep -c '"begin"' "$work/state/journal.jsonl")" = 1 ] || fail "it made up for the night again"

# As JSON, the levels are kept.
missed verify '*/5 * 1 1 *'
start_serve --verify-schedule '*/5 * 1 1 *' --drill-schedule off --log-format json
sleep 1
stop_serve
jq -e . "$work/err" >/dev/null || fail "the log is not JSON"

# A job that something kills can't tell of it: serve does.
listen_into "$work/told"
hears=$listener
echo another >"$library/upload/b.jpg"
missed backup '31 3 * * *'
# The hook's parent is the job.
IMMICH_BACKUP_BEFORE_BACKUP='kill -KILL $PPID' IMMICH_BACKUP_WEBHOOK=http://127.0.0.1:$port/hook \
  start_serve --schedule '31 3 * * *' --drill-schedule off --verify-schedule off
wait_for "signal 9 ended it"
for _ in {1..100}; do ! grep -q 'signal 9 ended it' "$work/told" 2>/dev/null || break; sleep 0.1; done
grep -q 'signal 9 ended it' "$work/told" || fail "nobody was told: $(cat "$work/told")"
stop_serve
kill "$hears"

# SIGTERM lets the running job end in order, and the next start makes up for it. What it has saved stays.
missed backup '32 3 * * *'
touch "$work/slow"
export IMMICH_BACKUP_BEFORE_BACKUP="touch '$work/begun'; while [ -e '$work/slow' ]; do sleep 0.1; done"
start_serve --schedule '32 3 * * *' --drill-schedule off --verify-schedule off
for _ in {1..300}; do [ ! -e "$work/begun" ] || break; sleep 0.1; done
stop_serve
says err "backup: ended with exit status 130"
rm "$work/slow"
# Ten minutes later, as the journal has it.
sed -i "\$s/\"time\":\"[^\"]*\"/\"time\":\"$(date -u -d '11 minutes ago' +%FT%TZ)\"/" "$work/state/journal.jsonl"
start_serve --schedule '32 3 * * *' --drill-schedule off --verify-schedule off
wait_for "try 2"
wait_for "backup: ended with exit status 0"
stop_serve
program 0 restore --target "$target" --yes
diff -r "$library/upload" "$target/upload" || fail "the restore differs"

# Two of them on one store do not disturb each other.
missed backup '33 3 * * *'
cp -r "$work/state" "$work/state2"
rm -f "$work/begun"
touch "$work/slow"
start_serve --schedule '33 3 * * *' --drill-schedule off --verify-schedule off
first=$serve
for _ in {1..300}; do [ ! -e "$work/begun" ] || break; sleep 0.1; done
rm "$work/slow"
start_serve --schedule '33 3 * * *' --drill-schedule off --verify-schedule off --state "$work/state2"
wait_for "backup: ended with exit status"
stop_serve
serve=$first stop_serve
program 0 verify

# Killed, it takes its job with it: nothing goes on that nobody knows of.
missed backup '34 3 * * *'
rm -f "$work/begun"
touch "$work/slow"
start_serve --schedule '34 3 * * *' --drill-schedule off --verify-schedule off
for _ in {1..300}; do [ ! -e "$work/begun" ] || break; sleep 0.1; done
job=$(pgrep -P "$serve" -f 'immich-backup backup') || fail "no job runs"
kill -KILL "$serve"
wait "$serve" 2>/dev/null || true
for _ in {1..100}; do kill -0 "$job" 2>/dev/null || break; sleep 0.1; done
! kill -0 "$job" 2>/dev/null || fail "the job goes on without serve"
rm "$work/slow"

# The disk with the store is away: that is no place to begin another store.
mv "$store" "$store.away"
start_serve --schedule '36 3 * * *' --drill-schedule off --verify-schedule off
wait_for "the store is not at $IMMICH_BACKUP_STORE any more, where it was on 2"
wait_for "Connect or mount its disk"
! grep -q "run once: immich-backup init" "$work/err" || fail "it says to begin another store"
stop_serve
# Another place is one to begin a store, whatever was at the first.
start_serve --store "file://$work/elsewhere" --schedule '36 3 * * *' --drill-schedule off --verify-schedule off
wait_for "nothing is begun: no store at file://$work/elsewhere"
stop_serve
mv "$store.away" "$store"

# The package is upgraded while it runs: the next job is the new program.
mkdir "$work/bin"
cp "$IMMICH_BACKUP" "$work/bin/immich-backup"
IMMICH_BACKUP=$work/bin/immich-backup
start_serve --schedule '36 3 * * *' --drill-schedule off --verify-schedule off
wait_for "next backup"
cp "$work/bin/immich-backup" "$work/bin/new"
mv "$work/bin/new" "$work/bin/immich-backup"
page=$(sed -n 's/.*the page is at //p' "$work/err")
curl -s -c "$work/cookies" -d "password=$(cat "$work/state/web-password")" "${page}login"
token=$(curl -s -b "$work/cookies" "${page}api/v1/session" | jq -r .csrf)
[ "$(curl -s -b "$work/cookies" -H "X-CSRF-Token: $token" -d '{"command":"verify"}' "${page}api/v1/jobs" | jq -r .asked)" = verify ] || fail "it is not asked for"
wait_for "verify: ended with exit status 0"
stop_serve

# An encrypted store: a drill is planned where the settings have an identity, or where somebody says when.
export IMMICH_BACKUP_STATE=$work/state3 IMMICH_BACKUP_ENCRYPT_TO=age1aulakydaamugvxhz4sjy8v0yms65902tmvzayftt9uadt2w75qwsugs2qh
start_serve --schedule '37 3 1 1 *'
wait_for "no drill is planned"
wait_for "next verify:"
stop_serve
if grep -q "next verify-restore" "$work/err"; then fail "a drill is planned that opens nothing"; fi
for given in "--identity $work/owner.txt" '--drill-schedule @monthly'; do
  # shellcheck disable=SC2086 # words
  start_serve --schedule '37 3 1 1 *' $given
  wait_for "next verify-restore:"
  stop_serve
done
