#!/usr/bin/env bash
# A database that names files by other folders than the backup does. What is stored counts as stored, and is found again.
. "$(dirname "$0")/lib.sh"

make_library
start_database
program 0 init
program 0 backup --json
originals=$(jq .audit.originals "$work/out")
unknown=$(jq .audit.unknown "$work/out")

# everywhere FROM TO: the database names each file that lies below FROM below TO instead.
everywhere() {
  query "UPDATE asset SET \"originalPath\" = replace(\"originalPath\", '$1', '$2');
    UPDATE asset_file SET path = replace(path, '$1', '$2');
    UPDATE \"user\" SET \"profileImagePath\" = replace(\"profileImagePath\", '$1', '$2')"
}
# owned EMAIL [LIBRARY]: what the user's assets are, restored into $work/owned, is what the library has.
owned() {
  rm -rf "$work/owned"
  program 0 restore --user "$1" --target "$work/owned"
  (cd "$work/owned" && find . -type f ! -name .immich -print0) | while IFS= read -r -d '' file; do
    cmp "$work/owned/$file" "${2:-$library}/$file"
  done
}

# Immich 1.132 to 1.136 without a container: its paths begin with the library's own folder, and nothing records that.
query "DELETE FROM system_metadata WHERE key = 'MediaLocation'"
everywhere /data/ "$library/"
program 0 backup --json
json .audit.originals "$originals"
json .audit.missing 0
json .audit.unknown "$unknown"
json .audit.others_missing 0
owned user-two@example.org
[ "$(find "$work/owned" -type f | wc -l)" -gt 3 ] || fail "the user has more files"
mkdir "$work/scratch"
program 0 verify-restore --scratch "$work/scratch" --sample 1
# Elsewhere, the restore point says where the paths began.
mv "$library" "$work/moved"
LIBRARY_PATH=$work/moved owned user-one@example.org "$work/moved"
mv "$work/moved" "$library"
query "INSERT INTO system_metadata VALUES ('MediaLocation', '{\"location\": \"/data\"}')"
everywhere "$library/" /data/
