#!/usr/bin/env bash
# Times that 64 bits of nanoseconds do not hold, which are those before 1677 and after 2262, and
# times that the target of a restore cannot hold. No file is shown or restored with a wrong century.
. "$(dirname "$0")/lib.sh"

make_media_root
# at TIME NAME: a photo of that time, which the file system has to hold.
at() {
  echo "$2" >"$library/library/$2"
  touch -d "$1" "$library/library/$2"
  [ "$(date -u -d "@$(stat -c %Y "$library/library/$2")" +%Y)" = "${1%%-*}" ] || skip "$work cannot hold the year ${1%%-*}"
}
at 1601-01-01T00:00:00Z zero.jpg
at 2400-06-01T12:00:00Z far.jpg
at 1850-03-02T04:05:06Z scan.jpg
at 2150-03-02T04:05:06Z clock.jpg
at 2020-03-02T04:05:06Z plain.jpg
time_of() { stat -c %y "$1"; }

program 0 init --no-database
program 0 backup --no-database
says out "2 files have a time before 1677-09-22 or after 2262-04-11"
says out "first /library/"
program 0 ls /library/
[ "$(grep -c 'time not kept' "$work/out")" -eq 2 ] || fail "$(cat "$work/out")"
says out "1850-03-02T04:05:06Z"
says out "2150-03-02T04:05:06Z"
! grep -qE '(16|17|18[6-9]|22)[0-9]+-' "$work/out" || fail "a wrong century is shown: $(cat "$work/out")"
program 0 ls --json /library/
json '[.files[] | select(.mtime == null) | .path] | join(" ")' "/library/far.jpg /library/zero.jpg"

# Nothing tells whether such a file has changed, so it is read.
program 0 backup --no-database --json
json '[.files.new, .files.changed, .plan.to_read] | map(tostring) | join(" ")' "0 0 3"
echo 'ZERO.jpg' >"$library/library/zero.jpg"
touch -d 1601-01-01T00:00:00Z "$library/library/zero.jpg"
program 0 backup --no-database --json
json .files.changed 1

# Restored: the times that are known exactly, and the present one where none is.
before=$(date +%s)
program 0 restore --target "$target"
says out "2 files have the time of this restore, since the backup has none"
for name in scan clock plain; do
  [ "$(time_of "$target/library/$name.jpg")" = "$(time_of "$library/library/$name.jpg")" ] || fail "$name.jpg: $(time_of "$target/library/$name.jpg")"
done
for name in zero far; do
  cmp "$library/library/$name.jpg" "$target/library/$name.jpg"
  [ "$(stat -c %Y "$target/library/$name.jpg")" -ge "$before" ] || fail "$name.jpg: $(time_of "$target/library/$name.jpg")"
done

# The manifest is lost: what the objects say is enough.
rm "$store"/manifest-*.db* "$store"/manifest.db
program 0 rebuild-manifest
program 0 ls /library/
[ "$(grep -c 'time not kept' "$work/out")" -eq 2 ] || fail "after rebuild-manifest: $(cat "$work/out")"

# A target whose file system has fewer years says so.
disk=$(mktemp -d -p /var/tmp)
touch -d 1850-03-02T04:05:06Z "$disk/probe"
if [ "$(stat -c %Y "$disk/probe")" != "$(stat -c %Y "$library/library/scan.jpg")" ]; then
  rm "$disk/probe"
  program 0 restore --target "$disk/target"
  says out "another time than in the backup, since the target's file system cannot hold it: first /library/"
  says out "1850-03-02T04:05:06"
fi
