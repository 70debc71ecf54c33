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
lies 4 4 'CREATE TRIGGER t AFTER INSERT ON paths BEGIN DELETE FROM paths WHERE file_path = new.file_path; END' 'its trigger t'
lies 4 4 'CREATE VIEW v AS SELECT * FROM files' 'its view v'
lies 4 4 'CREATE TABLE extra(x)' 'its table extra'
one="WHERE file_path = '/upload/edited.jpg'"
lies 3 3 "DELETE FROM paths $one" '/upload/edited.jpg'
lies 3 3 "DELETE FROM past $one" 'is not there any more'
its_content="WHERE number = (SELECT content FROM paths $one)"
lies 3 3 "UPDATE contents SET sha1 = zeroblob(20) $its_content" 'is not there any more'
kept="INSERT INTO past SELECT file_path, since, since, content, 0, mtime FROM paths $one;
  INSERT INTO contents SELECT (SELECT max(number) + 1 FROM contents), checksum, size, sha1, crc32c, class, object FROM contents $its_content;
  UPDATE paths SET content = (SELECT max(number) FROM contents) $one;"
lies 3 3 "$kept UPDATE contents SET checksum = zeroblob(32) $its_content" 'under the same size and time'
lies 4 3 "$kept UPDATE contents SET object = (SELECT 'library' || max(file_path) FROM paths) $its_content" 'for the same content'

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
