#!/usr/bin/env bash
# What a person sees at a terminal: lines of its width, times of the clock on the wall, states in colour, headings. In a pipe nothing of it.
. "$(dirname "$0")/lib.sh"
needs script

export IMMICH_BACKUP_NO_DATABASE=1 TZ=Asia/Kolkata
[ -e /usr/share/zoneinfo/Asia/Kolkata ] || skip "this machine has no time zones"
make_media_root
for i in 1 2 3; do echo "photo $i" >"$library/upload/$i.jpg"; done
touch -d 2024-01-31T23:30:00Z "$library/upload/1.jpg"
program 0 init
program 0 backup

# seen COLUMNS STATUS ARGUMENT...: what a terminal of that width shows, without carriage returns.
seen() {
  local columns=$1 wanted=$2 status=0
  shift 2
  printf -v line '%q ' "$IMMICH_BACKUP" "$@"
  TERM=${TERM_SEEN:-xterm} script -qec "stty cols $columns; $line${OTHERWISE:-}" /dev/null </dev/null >"$work/typescript" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || fail "$* at a terminal: exit status $status, not $wanted: $(cat "$work/typescript")"
  tr -d '\r' <"$work/typescript" >"$work/out"
}
green=$'\x1b[32m' yellow=$'\x1b[33m' plain=$'\x1b[0m'

seen 80 0 backup --accept-changes
says out "${green}complete${plain}"
NO_COLOR=1 seen 80 0 backup
says out "complete"
! grep -q $'\x1b\[3' "$work/out" || fail "colours in spite of NO_COLOR"
TERM_SEEN=dumb seen 80 0 backup
! grep -q $'\x1b\[' "$work/out" || fail "colours on a terminal that has none"

# Width: 60 at least and 120 at most, and no word is broken. The same words come through a pipe, in one line each.
rm "$library/upload/2.jpg" && ln -s nowhere "$library/upload/2.jpg"
mkdir "$library/upload/unread" && mknod "$library/upload/unread/pipe" p
program 3 backup
cp "$work/out" "$work/piped"
! grep -q $'\x1b' "$work/piped" || fail "a pipe got colours"
for columns in 20 60 80 200; do
  NO_COLOR=1 OTHERWISE="2>'$work/progress'" seen "$columns" 3 backup
  width=$((columns < 60 ? 60 : columns > 120 ? 120 : columns))
  [ "$(awk '{ if (length > max) max = length } END { print max }' "$work/out")" -le "$width" ] || fail "wider than $width columns: $(cat "$work/out")"
  tr -s ' \n' '\n' <"$work/out" | grep -vE '[0-9]' >"$work/words"
  tr -s ' \n' '\n' <"$work/piped" | grep -vE '[0-9]' | diff - "$work/words" >"$work/diff" || fail "other words at $columns columns: $(cat "$work/diff")"
done

# Times: the terminal's, with their distance from UTC; UTC in a pipe and in JSON; and the first ones are taken back.
seen 80 0 ls
says out "    size  time"
says out "2024-02-01 05:00+05:30  /upload/1.jpg"
program 0 ls
says out "2024-01-31T23:30:00Z  /upload/1.jpg"
! grep -q size "$work/out" || fail "a pipe got a heading"
NO_COLOR=1 seen 100 0 restore-points
point=$(grep -oE '^[0-9-]{10} [0-9:]{5}\+05:30' "$work/out" | head -1)
[ -n "$point" ] || fail "no local time: $(cat "$work/out")"
program 0 ls --at "$point"
says out /upload/2.jpg
seen 80 0 restore-points --json
jq -e '.restore_points[0].time | endswith("Z")' "$work/out" >"$work/err" || fail "JSON got local times"

# The page to print is as wide as it is. An error is broken between words, and a command in it is not.
seen 60 0 recovery-kit
grep -q 'restore --target /library' "$work/out" || fail "the page was broken"
seen 60 2 backup --store "file://$work/nowhere"
[ "$(awk '{ if (length > max) max = length } END { print max }' "$work/out")" -le 100 ] || fail "an error is too wide: $(cat "$work/out")"

rm -r "$library/upload/2.jpg" "$library/upload/unread"
program 0 backup

# Quiet: nothing where all is well, the report where it is not.
program 0 backup --quiet
[ ! -s "$work/out" ] && [ ! -s "$work/err" ] || fail "quiet is not: $(cat "$work/out" "$work/err")"
program 0 verify --quiet
[ ! -s "$work/out" ] || fail "quiet is not: $(cat "$work/out")"
program 0 backup --quiet --json
json .command backup
program 0 status --quiet
says out "restore point"
rm -rf "$library/upload"
program 3 backup --quiet
says out "problem"
