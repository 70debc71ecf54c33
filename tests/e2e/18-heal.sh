#!/usr/bin/env bash
# heal replaces a damaged or missing file of the library by the stored copy. It does so only for
# named files, and never replaces bytes that the backup does not have.
. "$(dirname "$0")/lib.sh"

make_library
program 0 init --no-database
program 0 backup --no-database
photo=upload/$(cd "$library/upload" && find . -type f ! -name .immich -size +0 -printf '%P\n' | LC_ALL=C sort | head -1)
other=upload/$(cd "$library/upload" && find . -type f ! -name .immich -size +0 -printf '%P\n' | LC_ALL=C sort | tail -1)
[ "$photo" != "$other" ] || fail "the sample has one photo only"
cp -p "$library/$photo" "$work/photo"
heal() { local status=$1; shift; program "$status" heal --library "$library" "$@"; }

heal 0 "/$photo"
says out "whole"
rm "$library/$photo"
heal 0 "$library/$photo"
says out "would heal"
[ ! -e "$library/$photo" ] || fail "it wrote without --yes"
heal 0 "$photo" --yes --json
json .healed 1
json '.files[0] | .state, .healed' "$(printf 'missing\ntrue')"
cmp "$library/$photo" "$work/photo"
[ "$(stat -c '%Y %a' "$library/$photo")" = "$(stat -c %Y "$work/photo") 644" ] || fail "time or mode: $(stat -c '%Y %a' "$library/$photo")"
program 0 backup --no-database --json
json .uploaded.objects 0

# Bytes that the backup does not hold stay; once it holds them, as a version, they may go.
damage "$library/$photo" 3
heal 3 "/$photo" --yes
says out "would be lost"
! cmp -s "$library/$photo" "$work/photo" || fail "it replaced what is nowhere else"
program 0 backup --no-database
mv "$library/$photo" "$work/edited"
cp "$work/photo" "$library/$photo"
touch -d '2022-02-02' "$library/$photo"
program 0 backup --no-database
cp "$work/edited" "$library/$photo"
heal 0 "/$photo" --yes --json
json '.files[0].state' different
cmp "$library/$photo" "$work/photo"

# heal does not write a damaged object into the library. It does not touch a folder that is not the
# library.
rm "$library/$other"
damage "$store/library/$other" 3
heal 4 "/$other" --yes
[ ! -e "$library/$other" ] || fail "damaged bytes were written"
[ -z "$(find "$library" -name '*.partial*')" ] || fail "something was left"
heal 3 /upload/nothing.jpg ../../etc/passwd
says out "no such file of the library is in the backup"
rm "$library/upload/.immich" "$library/$photo"
heal 3 "/$photo" --yes
says out "not mounted"
[ ! -e "$library/$photo" ] || fail "it wrote below a folder without its marker"
(unset LIBRARY_PATH IMMICH_BACKUP_LIBRARY; program 2 heal "/$photo")
says err "no library is named"
program 2 heal --library "$library"
says err "no file is named"
