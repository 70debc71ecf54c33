#!/usr/bin/env bash
# One night the machine's clock was a year ahead. Every command refuses to go on until the clock is
# looked at, and names the one command that puts the store right. Nothing is lost.
. "$(dirname "$0")/lib.sh"
needs faketime

make_library
program 0 init --no-database
program 0 backup --no-database
echo 'of that night' >"$library/upload/that-night.jpg"
status=0
faketime -f +400d "$IMMICH_BACKUP" backup --no-database >"$work/out" 2>"$work/err" || status=$?
[ "$status" -eq 0 ] || fail "the night ahead: exit status $status"
faketime -f +400d "$IMMICH_BACKUP" verify --all >"$work/out" 2>"$work/err" || fail "the proof ahead"

for command in "backup --no-database" status "verify --all" "restore --target $target" "prune --keep-last 1 --yes" ls; do
  # shellcheck disable=SC2086
  program 2 $command
  says err 'is dated after the store'
  says err '`immich-backup rebuild-manifest --redate`'
done

program 0 rebuild-manifest --redate --json
json '.redated | length' 3
ahead=$(date -ud '+400 days' +%Y)
! ls "$store" "$store/proofs" | grep -E "^(manifest-)?$ahead" || fail "it is still dated ahead"
program 0 rebuild-manifest --redate
says out 'nothing is dated after this clock'

echo 'of the next' >"$library/upload/next-night.jpg"
program 0 backup --no-database --json
json .uploaded.objects 1
json '.problems | length' 0
program 0 status
program 0 verify --all
program 0 restore --target "$target"
cmp "$library/upload/that-night.jpg" "$target/upload/that-night.jpg"
program 0 prune --keep-last 1 --yes
program 0 verify --all
