#!/usr/bin/env bash
# A limit is announced once and not exceeded. A limit that cannot be understood is a usage error.
. "$(dirname "$0")/lib.sh"

mkdir -p "$library/upload/a"
for name in 1 2 3 4; do head -c 50000 /dev/urandom >"$library/upload/a/$name.jpg"; done
backup=(backup --no-database --include /upload/)
program 0 init --no-database

began=$(date +%s%N)
program 0 "${backup[@]}" --bwlimit 64k
took=$((($(date +%s%N) - began) / 1000000))
says err "limited to 64 KiB/s"
[ "$(grep -c 'limited to' "$work/err")" -eq 1 ] || fail "the limit is said more than once"
# 200,000 bytes of files, minus the bytes of half a second, which the limit may save up.
[ "$took" -ge 2500 ] || fail "200,000 bytes at 64 KiB/s took $took ms"

began=$(date +%s%N)
program 0 restore --target "$target" --bwlimit 64k --quiet
took=$((($(date +%s%N) - began) / 1000000))
[ ! -s "$work/err" ] || fail "--quiet is not"
[ "$took" -ge 2500 ] || fail "restoring 200,000 bytes at 64 KiB/s took $took ms"
diff -r "$library/upload/a" "$target/upload/a"

IMMICH_BACKUP_BWLIMIT=off program 0 "${backup[@]}"
! grep -q limited "$work/err" || fail "off is no limit"

# Both entries set a limit, so one of them holds at any time of day.
IMMICH_BACKUP_TIMEZONE=UTC program 0 "${backup[@]}" --bwlimit "08:00,2M 23:00,512k"
grep -qE 'limited to (2.0 MiB|512 KiB)/s until (23|08):00' "$work/err" || fail "the timetable is not said"

program 2 "${backup[@]}" --bwlimit 2X
says err "--bwlimit: '2X' is not a rate"
says err '"08:00,2M 23:00,off"'
program 2 "${backup[@]}" --bwlimit "08:00,2M 23:00,off" --timezone Europe/Nowhere
says err "--timezone: "
says err "Europe/Nowhere"
TZ=Europe/Nowhere program 2 "${backup[@]}" --bwlimit "08:00,2M 23:00,off"
says err "TZ in the environment: "
TZ=Europe/Nowhere program 0 "${backup[@]}" --bwlimit 2M
TZDIR=$work/none program 2 "${backup[@]}" --timezone Europe/Berlin
says err "tzdata"
TZDIR=$work/none program 0 "${backup[@]}" --bwlimit "08:00,2M 23:00,off" --timezone UTC
