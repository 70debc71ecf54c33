#!/usr/bin/env bash
# restore --chown, also over what an earlier restore has put there without it: afterwards Immich's
# user owns every file and folder of the restore, and nothing else.
. "$(dirname "$0")/lib.sh"

[ "$EUID" -eq 0 ] || skip "only root may give files away"
make_media_root
mkdir -p "$library/upload/u/0a" "$library/library/admin/2021/nested"
echo 1 >"$library/upload/u/0a/1.jpg"
echo 2 >"$library/library/admin/2021/2.jpg"
echo 3 >"$library/library/admin/2021/nested/3.jpg"
echo 4 >"$library/library/admin/4.jpg"
program 0 init --no-database
program 0 backup --no-database --quiet
# owners FOLDER: who owns what is in it, and with which mode.
owners() { find "$1" -printf '%y %U:%G %m\n' | sort -u | tr '\n' ';'; }
all_given='d 1234:4321 755;f 1234:4321 644;'

# At once, with whatever umask.
(umask 077; program 0 restore --target "$target" --chown 1234:4321)
[ "$(owners "$target")" = "$all_given" ] || fail "at once: $(owners "$target")"
rm -rf "$target"

# Without, and then with it. What the disk holds beside it stays as it is.
program 0 restore --target "$target"
[ "$(owners "$target")" = "d 0:0 755;f 0:0 644;" ] || fail "without --chown: $(owners "$target")"
mkdir -m 700 "$target/lost+found"
inode=$(stat -c %i "$target/library/admin/4.jpg")
program 0 restore --target "$target" --chown 1234:4321 --json
json '[.files.restored, .files.whole] | map(tostring) | join(" ")' "0 4"
[ "$(stat -c '%u:%g %a' "$target/lost+found")" = "0:0 700" ] || fail "lost+found was given away"
rmdir "$target/lost+found"
[ "$(owners "$target")" = "$all_given" ] || fail "the second time: $(find "$target" -printf '%P %U:%G %m\n')"
[ "$(stat -c %i "$target/library/admin/4.jpg")" = "$inode" ] || fail "a whole file was written again"

# A part of it, into a folder that holds other things: those are somebody else's.
rm -rf "$target"
program 0 restore --target "$target" /library/
echo mine >"$target/library/admin/mine.txt"
mkdir "$target/other"
rm "$target/library/admin/4.jpg"
program 0 restore --target "$target" --overwrite if-different --chown 1234:4321 /library/admin/
[ "$(stat -c '%u:%g' "$target" "$target/other" "$target/library/admin/mine.txt" | sort -u)" = 0:0 ] || fail "too much was given away"
for path in library library/admin library/admin/4.jpg library/admin/2021 library/admin/2021/2.jpg library/admin/2021/nested library/admin/2021/nested/3.jpg; do
  [ "$(stat -c '%u:%g' "$target/$path")" = 1234:4321 ] || fail "$path: $(stat -c '%u:%g' "$target/$path")"
done

# A top folder may be a link to another disk, and is followed; a link deeper down is not.
rm -rf "$target"
mkdir -p "$work/disk/u" "$target"
ln -s "$work/disk" "$target/upload"
program 0 restore --target "$target" --chown 1234:4321 /upload/
[ "$(owners "$work/disk")" = "$all_given" ] || fail "behind a link: $(owners "$work/disk")"

# In a container that has no more capabilities than this takes.
if setpriv --bounding-set -all,+chown,+fowner,+dac_override true 2>/dev/null; then
  rm -rf "$target"
  program 0 restore --target "$target"
  setpriv --bounding-set -all,+chown,+fowner,+dac_override --inh-caps -all "$IMMICH_BACKUP" restore --target "$target" --chown 1234:4321 >"$work/out" 2>"$work/err" ||
    fail "with few capabilities"
  [ "$(owners "$target")" = "$all_given" ] || fail "with few capabilities: $(owners "$target")"
fi

# As Immich's own user nothing has to be given away, and the folder has to be that user's.
mkdir -m 700 "$work/its"
chown 1234:4321 "$work/its"
chmod -R a+rX "$store"
mkdir -m 777 "$work/tmp"
program 0 recovery-kit --json
key=$(jq -r '.trusted_keys[0]' "$work/out")
TMPDIR=$work/tmp IMMICH_BACKUP_TRUSTED_KEY=$key setpriv --reuid 1234 --regid 4321 --clear-groups "$IMMICH_BACKUP" \
  restore --target "$work/its" --chown 1234:4321 >"$work/out" 2>"$work/err" || fail "as Immich's user"
[ "$(owners "$work/its" | sed 's/d 1234:4321 700;//')" = "$all_given" ] || fail "as Immich's user: $(owners "$work/its")"
