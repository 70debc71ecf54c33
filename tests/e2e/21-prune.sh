#!/usr/bin/env bash
# prune shows what it would do and does it only with --yes. It never touches files that the library
# has or had.
. "$(dirname "$0")/lib.sh"

make_media_root
program 0 init --no-database
for night in 1 2 3 4; do
  printf 'night %s' "$night" >"$library/upload/changes.xmp"
  printf 'photo %s' "$night" >"$library/upload/$night.jpg"
  [ "$night" -eq 1 ] || rm "$library/upload/$((night - 1)).jpg"
  program 0 backup --no-database --quiet --json
  points[night]=$(jq -r .restore_point "$work/out")
done
contents() { (cd "$store" && find library versions -type f | sort); }
before=$(contents)

program 2 prune
says err "nothing says what is to be kept"
program 2 prune --keep-last many
program 0 prune --keep-last 2
says out "would go       restore point ${points[1]}"
says out "nothing was removed: --yes removes it"
[ -e "$store/manifest-$(tr -d :- <<<"${points[1]}").json" ] || fail "a restore point went without --yes"

program 0 prune --keep-last 2 --yes --json
json .result ok
json '.restore_points | join(" ")' "${points[1]} ${points[2]}"
json '.kept | map(.time) | join(" ")' "${points[3]} ${points[4]}"
program 0 restore-points --json
json '.restore_points | length' 2
[ "$(contents)" = "$before" ] || fail "something of the library went"

# The state between is still shown, with the place of its content.
program 0 history upload/1.jpg
says out "in library/upload/1.jpg"
lost=$(grep -oE 'restore .*--sha256 [0-9a-f]{64} --target DIR .*' "$work/out" | head -n 1)
[ -n "$lost" ] || fail "history does not say how to restore what no restore point brings back"
eval "program 0 ${lost/DIR/\"\$work/by-content\"}"
[ -n "$(find "$work/by-content" -type f -name 1.jpg)" ] || fail "the content did not come back"
program 2 restore --at "${points[1]}" --target "$target"
says err "the first restore point is of ${points[3]}"
program 0 restore --at "${points[3]}" --target "$target" --quiet
[ "$(cat "$target/upload/changes.xmp")" = "night 3" ] || fail "another state was restored"
program 0 verify --all --quiet
program 0 backup --no-database --quiet

# DB_BACKUP_RETENTION only limits dumps, and here there are none. So a backup removes nothing.
DB_BACKUP_RETENTION=1 program 0 backup --no-database --quiet
program 0 restore-points --json
json '.restore_points | length' 4
