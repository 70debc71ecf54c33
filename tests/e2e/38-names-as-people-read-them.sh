#!/usr/bin/env bash
# Names that are written with other bytes than a keyboard makes: letters and their marks apart, as a
# Mac writes them, another case, and bytes that are not UTF-8. Who types a name means what it reads
# like; who types its bytes means these.
. "$(dirname "$0")/lib.sh"

apart=$'Cafe\u0301 Zu\u0308rich.jpg' one=$'Caf\u00e9 Z\u00fcrich.jpg' upper=$'CAF\u00c9 Z\u00dcRICH.JPG'
sea=$'\u041c\u043e\u0440\u0435.jpg' sea_lower=$'\u043c\u043e\u0440\u0435.jpg'
latin1=$'caf\xe9.jpg'
make_library
mkdir -p "$library/library/admin/"$'E\u0301te\u0301'
echo 'apart' >"$library/library/admin/$apart"
echo 'sea' >"$library/library/admin/$sea"
echo 'latin' >"$library/library/admin/$latin1"
echo 'summer' >"$library/library/admin/"$'E\u0301te\u0301/1.jpg'
echo 'summer two' >"$library/library/admin/"$'E\u0301te\u0301/2.jpg'
start_database
sql <<SQL
UPDATE album SET "albumName" = U&'E\\0301te\\0301 Zu\\0308rich' WHERE "albumName" = 'Summer';
UPDATE "user" SET email = U&'ju\\0308rgen@example.org' WHERE email LIKE 'user-two@%';
INSERT INTO album_asset ("albumId", "assetId") SELECT album.id, asset.id FROM album, asset
  WHERE "albumName" LIKE '%rich' AND "originalFileName" = 'IMG_0039.jpg' ON CONFLICT DO NOTHING;
SQL
program 0 init
program 0 backup --quiet
restored() { find "$target" -type f ! -name .immich -printf '%f\n' | LC_ALL=C sort; }
# brings NAME... - ARGUMENT...: a restore with these arguments brings just these files.
brings() {
  local wanted=()
  while [ "$1" != - ]; do wanted+=("$1"); shift; done
  rm -rf "$target"
  program 0 restore --target "$target" "${@:2}"
  [ "$(restored)" = "$(printf '%s\n' "${wanted[@]}")" ] || fail "other files came back: $(restored)"
}

# As it is typed, its letters are one; in the store, they are apart.
for asked in "$one" "$upper" 'ZÜRICH' $'*Zu\u0308rich*'; do
  program 0 find "$asked"
  says out "$apart"
done
program 0 find "$sea_lower"
says out "$sea"
program 0 history "library/admin/$one"
says out "$apart"
program 0 history "/library/admin/$upper"
says out "$apart"
program 0 ls "library/admin/$one"
says out "$apart"
program 0 ls "$sea_lower"
says out "$sea"
brings "$apart" - "library/admin/$one"
says out 'looks the same and has other bytes: $'"'/library/admin/Cafe\\314\\201 Zu\\314\\210rich.jpg'"
brings "$sea" - "/library/admin/$sea_lower"
says out "taken for /library/admin/$sea"
brings 1.jpg 2.jpg - $'library/admin/\u00e9t\u00e9/'
brings "$latin1" - "library/admin/$latin1"
program 2 restore --target "$target" $'library/admin/caf\u00e9.jpg'
says err "no file of restore point"
program 2 history $'library/admin/caf\u00e9.jpg'

# Album and user.
brings "$(basename "$(query "SELECT \"originalPath\" FROM asset WHERE \"originalFileName\" = 'IMG_0039.jpg'")")" - \
  --album $'\u00c9t\u00e9 z\u00fcrich' --name img_0039
program 0 restore --target "$target" --dry-run --user $'J\u00dcRGEN@example.org'
program 2 restore --target "$target" --dry-run --user jurgen@example.org
says err $'ju\u0308rgen@example.org'

# Both are there: the bytes that are typed win, and what could be either is asked back.
echo 'one' >"$library/library/admin/$one"
program 0 backup --quiet
brings "$one" - "library/admin/$one"
brings "$apart" - "library/admin/$apart"
program 0 ls "$one"
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "ls lists more than what was typed: $(cat "$work/out")"
program 2 restore --target "$work/none" "library/admin/$upper"
says err "2 names read like it: /library/admin/$apart, /library/admin/$one"
says err '$'"'/library/admin/Cafe\\314\\201 Zu\\314\\210rich.jpg'"
[ ! -e "$work/none" ] || fail "something was restored"
program 0 ls "library/admin/$upper"
[ "$(wc -l <"$work/out")" -eq 2 ] || fail "ls names not both: $(cat "$work/out")"
program 0 history "$upper"
says out "$apart"
says out "$one"

# A backup's own patterns take letters that look the same as the same; case counts, so that no photo
# is left out by a guess.
export IMMICH_BACKUP_STORE=file://$work/other
program 0 init --no-database
program 0 backup --no-database --quiet --exclude $'/library/admin/\u00c9t\u00e9/' --exclude "$sea_lower"
program 0 ls /library/admin/
says out "$sea"
says out "$apart"
! grep -qF $'\u0301te' "$work/out" || fail "an excluded folder was backed up: $(cat "$work/out")"
