#!/usr/bin/env bash
# history, find and diff print what is right. The command that history prints brings each version
# back.
. "$(dirname "$0")/lib.sh"

backup=(backup --no-database --quiet)
odd=$'upload/u/odd \xff [1]*\n\'x\'.jpg'
make_media_root
mkdir "$library/upload/u"
printf 'version 1' >"$library/upload/u/x.xmp"
printf 'odd 1' >"$library/$odd"
printf 'a photo' >"$library/upload/u/IMG_1.HEIC"
printf 'to go' >"$library/upload/u/gone.jpg"
program 0 init --no-database
program 0 "${backup[@]}" --json
first=$(jq -r .restore_point "$work/out")
printf 'version two' >"$library/upload/u/x.xmp"
printf 'odd two' >"$library/$odd"
mv "$library/upload/u/IMG_1.HEIC" "$library/library/photo.heic"
rm "$library/upload/u/gone.jpg"
printf 'new' >"$library/upload/u/new.jpg"
program 0 "${backup[@]}" --json
second=$(jq -r .restore_point "$work/out")

# diff
program 0 diff "$first"
says out "added         3 B  /upload/u/new.jpg"
says out "changed      11 B  /upload/u/x.xmp"
says out "gone          5 B  /upload/u/gone.jpg"
says out "moved         7 B  /library/photo.heic  from /upload/u/IMG_1.HEIC"
says out "$first to $second: 1 added (3 B), 2 changed (18 B), 1 gone (5 B), 1 moved (7 B)"
program 0 diff "$first" "$second" --json
json '.totals.moved.files' 1
json '[.differences[].kind] | sort | join(" ")' "added changed changed gone moved"
program 0 diff latest
says out "no difference"
program 2 diff
program 2 diff 2001-01-01
says err "the first restore point is of $first"
program 2 diff "$first" "$second" latest

# history; the command that it prints, copied from the terminal, brings each version back
program 0 history upload/u/x.xmp "upload/u/odd*"
grep '^ *immich-backup restore' "$work/out" | grep -F xmp >"$work/commands"
grep '^ *immich-backup restore' "$work/out" | grep -F odd >>"$work/commands"
[ "$(wc -l <"$work/commands")" -eq 4 ] || fail "not four commands: $(cat "$work/commands")"
number=0
while read -r command; do
  number=$((number + 1))
  command=${command/--target DIR/--target "$target-$number"}
  bash -c "${command/immich-backup/\"\$IMMICH_BACKUP\"}" >"$work/out" 2>"$work/err" || fail "$command"
  find "$target-$number" -type f ! -name .immich -exec cat {} + >>"$work/versions"
  printf '\n' >>"$work/versions"
done <"$work/commands"
printf '%s\n' 'version 1' 'version two' 'odd 1' 'odd two' | diff - "$work/versions" || fail "not those versions"
program 0 history /upload/u/gone.jpg --json
json '[.paths[0].states[].event] | join(" ")' "new gone"
json '.paths[0].states[0].restore_at' "$first"
program 2 history upload/u/GONE.png
says err "Did you mean /upload/u/gone.jpg?"
program 2 history

# find
program 0 find heic
says out "/library/photo.heic"
says out "/upload/u/IMG_1.HEIC  (gone since"
program 0 find '/UPLOAD/*/new*'
program 3 find nowhere-to-be-found
program 3 find nowhere-to-be-found --json
json .result incomplete
program 0 find --sha1 "$(printf 'a photo' | sha1sum | cut -c1-40)"
program 2 find --sha256 1234
program 2 find

# Is the content of this stick in the backup?
mkdir "$work/stick"
printf 'a photo' >"$work/stick/DSC1.JPG"
program 0 find --content "$work/stick/DSC1.JPG"
says out "$work/stick/DSC1.JPG = /library/photo.heic"
printf 'another photo' >"$work/stick/DSC2.JPG"
program 3 find --content "$work/stick"
says out "$work/stick/DSC2.JPG: not in the backup"
says out "1 of 2 files are in the backup"

# Two stores in one table; one that cannot be reached does not hide the other.
program 3 status --store "file://$store" --store "file://$work/none"
says out "complete"
says out "there is no backup here yet"
program 3 status --store "file://$store" --store ftp://nowhere --json
json '.stores | map(.result) | join(" ")' "ok incomplete"
