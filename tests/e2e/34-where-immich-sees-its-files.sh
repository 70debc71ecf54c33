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

# An external library that has another path in Immich's container.
owner=$(query "SELECT id FROM \"user\" WHERE email = 'user-two@example.org'")
# external PATH LIBRARY: an asset of an external library, and a sidecar beside it.
external() {
  query "INSERT INTO asset (id, \"ownerId\", \"libraryId\", type, \"originalPath\", \"originalFileName\", checksum, \"fileCreatedAt\", \"fileModifiedAt\", \"localDateTime\", \"isExternal\")
    VALUES (md5('$1')::uuid, '$owner', '$2', 'IMAGE', '$1', '${1##*/}', decode(md5('$1') || '00000000', 'hex'), now(), now(), now(), true);
    INSERT INTO asset_file (\"assetId\", type, path) VALUES (md5('$1')::uuid, 'sidecar', '$1.xmp')"
}
add_library() { query "INSERT INTO library (id, name, \"ownerId\", \"importPaths\", \"exclusionPatterns\") VALUES ('$1', 'external', '$owner', '{$2}', '{}')"; }
photos=00000000-0000-4000-8000-0000000000b1
add_library $photos /libraries/photos/
mkdir -p "$work/nas/photos/2019"
for name in 11 12; do
  printf 'external %s' "$name" >"$work/nas/photos/2019/$name.jpg"
  printf 'its sidecar %s' "$name" >"$work/nas/photos/2019/$name.jpg.xmp"
  external "/libraries/photos/2019/$name.jpg" $photos
done
# has_external PATH...: a restore of what the user has brings these, below /@external/.
has_external() {
  rm -rf "$work/owned"
  program 0 restore --user user-two@example.org --target "$work/owned"
  [ "$(cd "$work/owned/@external" && find . -type f -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ')" = "$* " ] || fail "not these of the external library: $*"
}
program 0 backup
says out "4 files of external libraries are not in the backup"
program 0 backup --extra-root "pictures=$work/nas/photos=/libraries/photos" --json
json .audit.external 0
json .audit.originals $((originals + 2))
json .audit.protected $((originals + 2))
json .audit.unknown "$unknown"
has_external pictures/2019/1{1,2}.jpg{,.xmp}
cmp "$work/owned/@external/pictures/2019/11.jpg" "$work/nas/photos/2019/11.jpg"

# Without being told, by the files that lie below it.
program 0 backup --extra-root "pictures=$work/nas/photos" --json
json .audit.external 0
json .audit.protected $((originals + 2))
json '[.notes[] | select(test("external"))] | length' 0
has_external pictures/2019/1{1,2}.jpg{,.xmp}
cmp "$work/owned/@external/pictures/2019/12.jpg" "$work/nas/photos/2019/12.jpg"
# Also by rebuild-manifest, which has nothing but the store.
rm "$store"/manifest*.db*
program 0 rebuild-manifest
has_external pictures/2019/1{1,2}.jpg{,.xmp}
program 0 backup --extra-root "pictures=$work/nas/photos"
