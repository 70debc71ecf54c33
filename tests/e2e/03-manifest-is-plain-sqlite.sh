#!/usr/bin/env bash
# The documented queries work on the stored manifest with only sqlite3.
. "$(dirname "$0")/lib.sh"

make_library
program 0 init --no-database
program 0 backup --no-database
sqlite3 -ascii "$store/manifest.db" "select file_path, hex(checksum), size, archived from files" >"$work/rows"
rows=$(tr -cd '\036' <"$work/rows" | wc -c)
files=$(demo/fingerprint library "$library" | wc -l)
[ "$rows" -eq "$files" ] || fail "$rows rows, $files files"

# Every checksum is the one that sha256sum prints, whatever the file's name is.
while IFS=$'\037' read -r -d $'\036' path checksum size archived; do
  sum=$(sha256sum <"$library$path")
  [ "${sum%% *}" = "${checksum,,}" ] || fail "checksum of $path"
  [ "$(stat -c %s "$library$path")" = "$size" ] || fail "size of $path"
  [ "$archived" = 0 ] || fail "archived $path"
done <"$work/rows"

newest=$(find "$store" -name 'manifest-*.db' | sort | tail -1)
cmp "$newest" "$store/manifest.db" || fail "manifest.db is not the newest manifest"
[ "$(jq -r .manifest.sha256 "$store/manifest.json")" = "$(sha256sum <"$newest" | cut -d' ' -f1)" ] ||
  fail "the restore point does not name its manifest's SHA-256"
