#!/usr/bin/env bash
# What Immich does at any hour is no alarm: an upload under way, maintenance mode, an external library in the media root.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init
program 0 backup

# grows FILE: it changes as long as it is read. It stops with `kill $writer`.
writer=
stop_what_runs() { [ -z "$writer" ] || kill "$writer" 2>/dev/null || true; }
grows() {
  head -c 8000000 /dev/urandom >"$1"
  while :; do printf x >>"$1"; done &
  writer=$!
}
owner=$(query 'SELECT id FROM "user" LIMIT 1')
mkdir -p "$library/upload/$owner/aa/bb"
upload=upload/$owner/aa/bb/under-way.mp4
grows "$library/$upload"
program 0 backup
says out "1 file that the database does not name changed while being read, such as /$upload"
program 0 backup --json
json .complete true
program 3 backup --no-database
says out "/$upload: changed while it was read"

# One that the database names.
query "INSERT INTO asset (\"ownerId\", type, \"originalPath\", \"originalFileName\", checksum, \"fileCreatedAt\", \"fileModifiedAt\", \"localDateTime\")
  VALUES ('$owner', 'VIDEO', '/data/$upload', 'a.mp4', decode(md5('x') || '00000000', 'hex'), now(), now(), now())"
program 3 backup --json
json '[.problems[].code] | sort | join(" ")' 'changed_while_read not_protected'
kill "$writer"
wait "$writer" 2>/dev/null || true
query "UPDATE asset SET checksum = decode('$(sha1sum <"$library/$upload" | cut -c1-40)', 'hex') WHERE \"originalFileName\" = 'a.mp4'"
program 0 backup

# Maintenance mode comes back with the dump.
query "INSERT INTO system_metadata VALUES ('maintenance-mode', '{\"isMaintenanceMode\": true, \"secret\": \"x\"}')"
program 0 backup
says out "Immich is in maintenance mode"
DB_DATABASE_NAME=restored program 0 restore-database --create
[ "$(DB_DATABASE_NAME=restored query "SELECT value->>'isMaintenanceMode' FROM system_metadata WHERE key = 'maintenance-mode'")" = true ] || fail "it does not come back"
query "UPDATE system_metadata SET value = '{\"isMaintenanceMode\": false}' WHERE key = 'maintenance-mode'"
program 0 backup
! grep -q maintenance "$work/out" || fail "it is over"
program 0 backup --json
files=$(jq .files.scanned "$work/out")

# An external library below the media root.
query "INSERT INTO library (name, \"ownerId\", \"importPaths\", \"exclusionPatterns\") VALUES ('old', '$owner', '{/data/old photos}', '{}');
  INSERT INTO asset (\"ownerId\", type, \"originalPath\", \"originalFileName\", checksum, \"fileCreatedAt\", \"fileModifiedAt\", \"localDateTime\", \"isExternal\")
  VALUES ('$owner', 'IMAGE', '/data/old photos/1.jpg', '1.jpg', decode(md5('x') || '00000000', 'hex'), now(), now(), now(), true)"
mkdir "$library/old photos"
printf 'an old photo' >"$library/old photos/1.jpg"
program 0 backup --dry-run --json
json .files.scanned $((files + 1))
program 0 backup --json
json .files.new 1
json .audit.missing 0
program 0 restore --target "$target"
cmp "$target/old photos/1.jpg" "$library/old photos/1.jpg"
program 2 backup --extra-root "old=$library/old photos"
says err "An external library in the media root needs none."

# What is lost for good is accepted by patterns, one on each line of a file. What is no such line is named.
query "INSERT INTO asset (\"ownerId\", type, \"originalPath\", \"originalFileName\", checksum, \"fileCreatedAt\", \"fileModifiedAt\", \"localDateTime\")
  SELECT '$owner', 'IMAGE', '/data/library/lost/' || i || '.jpg', i || '.jpg', decode(md5(i::text) || '00000000', 'hex'), now(), now(), now() FROM generate_series(1, 150) i"
program 3 backup --json
json .audit.missing 150
printf '# the disk of 2009\n\nlibrary/lost/**=the old disk died\n' >"$work/lost"
program 0 backup --accept-lost "@$work/lost" --json
json '.audit | [.missing, .accepted] | join(" ")' '0 150'
echo 'library/other' >>"$work/lost"
program 2 backup --accept-lost "@$work/lost"
says err "line 4"
says err "gives no reason"
program 2 backup --accept-lost "@$work/none"
says err "$work/none"
