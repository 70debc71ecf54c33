#!/usr/bin/env bash
# Mistakes that people make: none of them may harm what is stored, be called well, or leave a person without the way out.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init
program 0 backup
stored() { find "$store" -type f -printf '%P %s %T@ %m\n' -exec sha256sum {} + | LC_ALL=C sort; }
stored >"$work/before"

# The target of a restore is the store, a folder in it or around it, or leads there by a link.
refused() {
  program 2 restore "$@" --overwrite always
  says err "Nothing may be written into a backup"
  stored | diff "$work/before" - >"$work/out" || fail "restore $* has changed the store"
}
refused --target "$store"
refused --target "$store/library"
refused --target "$store/library/new/folder"
refused --target "$work"
ln -s "$store/library" "$work/link"
refused --target "$work/link"
# One of its folders is a store, as where it is mounted there.
mkdir "$work/mounted"
cp -a "$store" "$work/mounted/library"
refused --target "$work/mounted"
mkdir "$work/linked"
ln -s "$store/library" "$work/linked/library"
refused --target "$work/linked"
refused --target "$work/linked" --dry-run
mkdir "$work/other"
program 0 init --store "file://$work/other"
program 2 restore --target "$work/other/library"
says err "lies in a backup: $work/other"
program 2 photos --write-list "$store/list.db"
says err "Nothing may be written into a backup"
album=$(query "SELECT id FROM album WHERE \"albumName\" <> 'Summer'")
program 2 restore --target "$work/new" --album "$album" --album-json "$store/manifest.store.json" --overwrite always
says err "Nothing may be written into a backup"
stored | diff "$work/before" - >"$work/out" || fail "the store has changed"

program 2 backup --scratch "$store/library"
says err "Nothing may be written into a backup"
program 2 init --store "file://$work/third" --machine-key "$work/third/machine.key"
says err "Nothing may be written into a backup"
[ ! -e "$work/third/machine.key" ] || fail "the key lies in the store"

# The disk with the store is mounted one level higher or lower than it was.
mkdir -p "$work/mnt"
mv "$store" "$work/mnt/deeper"
for command in restore-points status "restore --target $target"; do
  # shellcheck disable=SC2086 # words on purpose
  program 2 $command --store "file://$work/mnt"
  says err "A store is at file://$work/mnt/deeper"
  program 2 $command --store "file://$work/mnt/deeper/library"
  says err "A store is at file://$work/mnt/deeper"
done
mv "$work/mnt/deeper" "$store"

# A digit of the trusted key is wrong, as typed from paper.
key=$("$IMMICH_BACKUP" recovery-kit --json | jq -r '.trusted_keys[0]')
last=${key: -2:1}
wrong=${key%??}$([ "$last" = a ] && echo b || echo a)${key: -1}
mv "$keys/immich-backup" "$work/key"
for command in restore-points status albums "restore --target $target"; do
  # shellcheck disable=SC2086 # words on purpose
  program 2 $command --trusted-key "$wrong"
  says err "compare each of its digits"
done
program 0 restore-points --trusted-key "$key"
mv "$work/key" "$keys/immich-backup"

# The library is not mounted: its folders are empty. All is kept, and the backup, status and the page's words say that something is wrong.
mv "$library" "$library.away"
make_media_root
rm "$library"/{upload,library}/.immich
program 3 backup
says out "missing below folders that are absent"
program 3 status
says out "The newest run had 1 problem:"
says out "missing below folders that are absent"
program 3 status --json
json '.newest_problems[0].code' missing_but_kept
rm -rf "$library"
mv "$library.away" "$library"
program 0 restore --target "$target"
diff -r "$library" "$target" --exclude thumbs --exclude encoded-video --exclude backups --exclude .immich
program 0 backup
program 0 status

# The disk of the target, or of the store, has too little room: that is said before anything is fetched.
head -c 1000000 /dev/urandom >"$library/upload/large.jpg"
sql <<SQL
INSERT INTO asset SELECT (jsonb_populate_record(a, '{"id": "00000000-0000-4000-8000-000000000001", "originalFileName": "large.jpg",
  "originalPath": "/data/upload/large.jpg", "checksum": "\\\\x$(sha1sum "$library/upload/large.jpg" | cut -d' ' -f1)", "livePhotoVideoId": null}')).*
  FROM asset a WHERE "livePhotoVideoId" IS NULL LIMIT 1;
SQL
program 0 backup
program 0 photos --write-list "$work/list.db"
mkdir "$work/small"
if unshare --user --map-root-user --mount true 2>/dev/null; then
  on_small_disk() {
    local wanted=$1 status=0
    shift
    # shellcheck disable=SC2016 # the inner shell's
    unshare --user --map-root-user --mount bash -c 'mount -t tmpfs -o size=100k none "$0" && exec "$@"' "$work/small" \
      "$IMMICH_BACKUP" "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$wanted" ] || fail "immich-backup $*: exit status $status, not $wanted"
  }
  on_small_disk 2 restore --target "$work/small"
  says err "the target's disk has 100 KiB free"
  says err "--yes goes on all the same"
  on_small_disk 0 restore --target "$work/small" --dry-run
  says out "the target's disk has 100 KiB free"
  on_small_disk 1 restore --target "$work/small" --yes
  says err "No space left"
  on_small_disk 0 restore --target "$work/small" '*.HEIC'
  on_small_disk 2 download --list "$work/list.db" --name large.jpg --scratch "$work/small"
  says err "the largest file has 977 KiB"
  [ ! -s "$work/out" ] || fail "a part of a photo came out"
  on_small_disk 0 backup --no-database --dry-run --store "file://$work/small/store"
  says out "the disk of the store has 100 KiB free"
fi
echo "mistakes do no harm"
