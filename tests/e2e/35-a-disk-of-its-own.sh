#!/usr/bin/env bash
# A library, and the target of a restore, that are the root of a disk: mkfs leaves lost+found there,
# which only root may open.
. "$(dirname "$0")/lib.sh"

[ "$EUID" -eq 0 ] || skip "only root can make a folder that another user may not open"
make_media_root
mkdir -p "$library/library/admin"
echo photo >"$library/library/admin/1.jpg"
lost_found() { mkdir -p "$1/lost+found" && chmod 700 "$1/lost+found" && echo piece >"$1/lost+found/#1"; }
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
# as_nobody STATUS ARGUMENT...
as_nobody() {
  local wanted=$1 status=0
  shift
  "${nobody[@]}" "$IMMICH_BACKUP" "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "as nobody: immich-backup $*: exit status $status, not $wanted"; }
}
chmod 755 "$keys"; mkdir -m 777 "$work/tmp" "$keys/nobody"
export TMPDIR=$work/tmp XDG_CONFIG_HOME=$keys/nobody

# The library is a disk, upload/ is another one, and so is an extra root. The backup runs as a user
# who may not open what belongs to the disks.
mkdir "$work/extra"
echo extra >"$work/extra/2.jpg"
lost_found "$library"; lost_found "$library/upload"; lost_found "$work/extra"
mkdir -m 777 "$store"
lost_found "$store"
as_nobody 0 init --no-database
backup=(backup --no-database --include '/**' --extra-root "extra=$work/extra" --json)
as_nobody 0 "${backup[@]}"
json '.problems | length' 0
json .result ok
json .files.scanned 2
as_nobody 0 "${backup[@]}"
json .files.new 0
as_nobody 0 verify
# A folder of that name elsewhere is a folder like any other.
mkdir -m 700 "$library/library/admin/lost+found"
as_nobody 3 "${backup[@]}"
json '.problems[0].code' folder_unreadable
rmdir "$library/library/admin/lost+found"

# Root may read it, and what a later run may not read is not gone.
program 0 "${backup[@]}"
json '[.files.scanned, .files.archived] | map(tostring) | join(" ")' "5 0"
chown -R 65534:65534 "$store"
chown -R 0:0 "$store/lost+found"
as_nobody 3 "${backup[@]}"
json '.problems | map(.code) | join(" ")' missing_but_kept
json .files.archived 0

# The target is a fresh disk, and upload/ in it as well.
mkdir -m 777 "$target" "$target/upload"
lost_found "$target"; lost_found "$target/upload"
before=$(stat -c '%i %a %u %y' "$target/lost+found" "$target/lost+found/#1" "$target/upload/lost+found")
as_nobody 0 restore --target "$target" '/library/' '/upload/.immich' '/@external/extra/2.jpg'
cmp "$library/library/admin/1.jpg" "$target/library/admin/1.jpg"
as_nobody 0 restore --target "$target" /library/
[ "$(stat -c '%i %a %u %y' "$target/lost+found" "$target/lost+found/#1" "$target/upload/lost+found")" = "$before" ] || fail "the disk's own folder was touched"
# Anything else is somebody's.
echo mine >"$target/mine.txt"
as_nobody 2 restore --target "$target" /library/
says err "it holds $target/mine.txt"
