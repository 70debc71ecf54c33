#!/usr/bin/env bash
# A folder that has no key believes whoever can write to it. A manifest that somebody has written
# there is refused, or what it says against the one before it is named. Without it, all is as before.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init --unsigned
program 0 backup --json
manifest=$(jq -r .manifest.object "$work/out")
printf 'edited' >"$library/upload/edited.jpg"
program 0 backup
printf 'edited again' >"$library/upload/edited.jpg"
touch -d '1 hour ago' "$library/upload/edited.jpg"
program 0 backup --json
manifest=$(jq -r .manifest.object "$work/out")
program 0 verify --all
later=manifest-$(date -u -d '10 seconds' +%Y%m%dT%H%M%SZ).db

# lies VERIFY DRILL SQL TEXT: they end so, and see a manifest in which that was done.
mkdir "$work/scratch"
chmod 755 "$work"
lies() {
  cp "$store/$manifest" "$store/$later"
  chmod u+w "$store/$later"
  sqlite3 "$store/$later" "$3"
  program "$1" verify
  says err "$4"
  program "$2" verify-restore --scratch "$work/scratch" --sample 1
  says err "$4"
  rm "$store/$later"
}
lies 4 4 'CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files WHERE file_path = new.file_path; END' 'its trigger t'
lies 4 4 'CREATE VIEW v AS SELECT * FROM files' 'its view v'
lies 4 4 'CREATE TABLE extra(x)' 'its table extra'
one="WHERE file_path = '/upload/edited.jpg'"
lies 3 3 "DELETE FROM files $one" '/upload/edited.jpg'
lies 3 3 "DELETE FROM history $one" 'is not there any more'
lies 3 3 "UPDATE files SET sha1 = zeroblob(20) $one" 'is not there any more'
lies 3 3 "INSERT INTO history SELECT file_path, since, since, checksum, size, archived, sha1, crc32c, mtime, class, object FROM files $one;
  UPDATE files SET checksum = zeroblob(32) $one" 'under the same size and time'
lies 4 3 "INSERT INTO history SELECT file_path, since, since, checksum, size, archived, sha1, crc32c, mtime, class, object FROM files $one;
  UPDATE files SET object = (SELECT 'library' || max(file_path) FROM files) $one" 'for the same content'

# Without end, from the future, and of a generation that no run has come to.
head -c 300000000 /dev/zero | gzip -1 >"$store/$later"
program 4 verify
says err "$later"
rm "$store/$later"
future=manifest-20990101T000000Z.db
cp "$store/$manifest" "$store/$future"
program 2 status
says err "--ignore-manifest $future"
rm "$store/$future"

program 0 verify --all
program 0 verify-restore --scratch "$work/scratch" --sample 1000000
program 0 restore --target "$target"
diff -r "$library/upload" "$target/upload" || fail "the restored library is not whole"
