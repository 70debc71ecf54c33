#!/usr/bin/env bash
# Immich goes on working during ten backups: people upload and delete, and a storage template moves
# files. Each restore point is then restored together with its own dump. Every original that the
# dump names lies at its path, with the checksum that Immich recorded, unless the restore point had
# named it as missing. The drill comes to the same.
. "$(dirname "$0")/lib.sh"

make_library
start_database
sql -c "DELETE FROM asset WHERE \"originalPath\" LIKE E'%\\n%'" # which lines below could not hold
some=$(query 'SELECT id FROM asset WHERE NOT "isExternal" LIMIT 1')

upload() {
  local id path
  id=$(cat /proc/sys/kernel/random/uuid)
  path=upload/live/${id:0:2}/$id.jpg
  mkdir -p "$library/${path%/*}"
  printf 'photo %s' "$id" >"$library/$path"
  sql -c "INSERT INTO asset SELECT (jsonb_populate_record(a, '{\"id\": \"$id\", \"originalPath\": \"/data/$path\",
    \"checksum\": \"\\\\x$(sha1sum <"$library/$path" | cut -d' ' -f1)\", \"livePhotoVideoId\": null}')).* FROM asset a WHERE id = '$some'"
}
one_below() { query "SELECT id || ' ' || substr(\"originalPath\", 7) FROM asset WHERE \"originalPath\" LIKE '/data/$1/%' ORDER BY random() LIMIT 1"; }
migrate() {
  local id path to
  read -r id path < <(one_below upload/live) || return 0
  to=library/live/$((RANDOM % 3))/$id.jpg
  mkdir -p "$library/${to%/*}"
  mv "$library/$path" "$library/$to"
  sql -c "UPDATE asset SET \"originalPath\" = '/data/$to' WHERE id = '$id'"
}
delete() {
  local id path
  read -r id path < <(one_below "$1") || return 0
  sql -c "DELETE FROM asset WHERE id = '$id'"
  rm -f "$library/$path"
}
immich() {
  while [ ! -e "$work/stop" ]; do
    upload
    upload
    migrate
    [ $((RANDOM % 3)) -gt 0 ] || delete library/live
    [ $((RANDOM % 4)) -gt 0 ] || delete upload/live
  done
}

program 0 init
for _ in 1 2 3 4 5 6 7 8; do upload; done
immich &
server=$!
points=()
for n in 1 2 3 4 5 6 7 8 9 10; do
  status=0
  "$IMMICH_BACKUP" backup --json >"$work/run$n" 2>"$work/err" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "backup $n: exit status $status"
  points+=("$(jq -r .restore_point "$work/run$n")")
done
touch "$work/stop"
wait "$server" || fail "Immich stopped working"

n=0
placed=0
for point in "${points[@]}"; do
  n=$((n + 1))
  rm -rf "$target"
  status=0
  "$IMMICH_BACKUP" restore --target "$target" --at "$point" --json >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "restore of $point: exit status $status"
  program 0 restore-database --at "$point" --db-name "restored_$n" --create --json
  DB_DATABASE_NAME=restored_$n query "SELECT substr(\"originalPath\", 7), encode(checksum, 'hex') FROM asset WHERE NOT \"isExternal\" ORDER BY 1" >"$work/named"
  : >"$work/lost"
  while IFS='|' read -r path sha1; do
    [ "$(sha1sum 2>/dev/null <"$target/$path" | cut -d' ' -f1)" = "$sha1" ] || echo "/$path" >>"$work/lost"
  done <"$work/named"
  jq -r '.problems[] | select(.code == "not_protected" or .code == "differs_from_immich") | .path' "$work/run$n" | LC_ALL=C sort >"$work/told"
  LC_ALL=C sort "$work/lost" | diff "$work/told" - || fail "$point: lost (>) is not what the restore point had named (<)"
  [ "$(jq '.audit.originals' "$work/run$n")" -eq "$(wc -l <"$work/named")" ] || fail "$point: other originals were counted"
  [ "$(jq '.audit.originals - .audit.proven - .audit.stored' "$work/run$n")" -eq "$(wc -l <"$work/lost")" ] || fail "$point: the sums are wrong"
  placed=$((placed + $(jq .audit.placed "$work/run$n")))
  program 0 verify-restore --at "$point" --sample 1000000 --json
  json .verdict proven
  [ "$(jq '.originals.named - .originals.protected' "$work/out")" -eq "$(wc -l <"$work/lost")" ] || fail "$point: the drill sees something else"
done
echo "$(wc -l <"$work/named") originals in the end, $placed placed in ten runs"
