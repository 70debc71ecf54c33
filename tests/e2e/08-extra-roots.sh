#!/usr/bin/env bash
# Folders outside the media root are backed up under a name and can be restored. If they are not
# mounted, their files do not count as gone.
. "$(dirname "$0")/lib.sh"

make_media_root
printf 'a photo' >"$library/upload/a.jpg"
mkdir -p "$work/photos/2019" "$work/scans"
printf 'a trip' >"$work/photos/2019/trip.jpg"
printf 'a letter' >"$work/scans/letter.pdf"
printf 'draft' >"$work/scans/letter.tmp"

# From the environment, separated by commas.
export IMMICH_BACKUP_EXTRA_ROOT="photos=$work/photos,scans=$work/scans"
program 0 init --no-database
program 0 backup --no-database --exclude '*.tmp'
program 0 ls
says out /@external/photos/2019/trip.jpg
says out /@external/scans/letter.pdf
! grep -q letter.tmp "$work/out" || fail "what is excluded is there"
cmp "$store/library/@external/photos/2019/trip.jpg" "$work/photos/2019/trip.jpg"

# Not mounted: the folder is empty or missing.
mv "$work/photos" "$work/unplugged"
mkdir "$work/photos"
program 3 backup --no-database
says out "the extra root photos: $work/photos is empty: nothing there is marked as gone"
rmdir "$work/photos"
program 3 backup --no-database --json
json '.problems[0].code' extra_root_unavailable
json .files.archived 0
mv "$work/unplugged" "$work/photos"

# No longer named, on the command line (which comes first) or in a config file
program 0 backup --no-database --extra-root "scans=$work/scans" --json
json .files.archived 0
unset IMMICH_BACKUP_EXTRA_ROOT
printf 'extra-root = ["photos=%s"]\n' "$work/photos" >"$work/config.toml"
rm "$work/photos/2019/trip.jpg"
printf 'x' >"$work/photos/other.jpg"
program 0 backup --no-database --config "$work/config.toml" --json
json .files.archived 1
json .files.new 1

program 0 restore --target "$target"
cmp "$target/@external/scans/letter.pdf" "$work/scans/letter.pdf"
cmp "$target/@external/photos/other.jpg" "$work/photos/other.jpg"
program 0 restore --target "$work/letters" '/@external/scans/*.pdf'
[ "$(find "$work/letters" -type f)" = "$work/letters/@external/scans/letter.pdf" ] || fail "not the letter alone"
program 0 history @external/photos/2019/trip.jpg
says out "gone from the library"

# The page for the worst day says where they go.
program 0 recovery-kit
says out "  # Move /srv/immich/library/@external/photos to $work/photos"
says out "  # What else is in @external/ was of folders that are not backed up any more."

program 2 backup --no-database --extra-root "up=$library/upload"
says err "the extra root up ($library/upload) and the library ($library): one lies in the other"
program 2 backup --no-database --extra-root "a=$work/photos" --extra-root "b=$work/photos"
says err "are the same folder"
program 2 backup --no-database --extra-root "all=$work"
says err "one lies in the other"
program 2 backup --no-database --extra-root "../x=$work/photos"
says err "cannot be the name of an extra root"
program 2 backup --no-database --extra-root "$work/photos"
says err "NAME=DIR"
