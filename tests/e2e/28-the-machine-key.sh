#!/usr/bin/env bash
# The machine key: who makes it, what happens without it, and how it is replaced.
. "$(dirname "$0")/lib.sh"

make_media_root
printf 'one' >"$library/upload/one.jpg"
start_emulator --bucket photos --bucket second
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
file=$keys/immich-backup/machine.key

# A dry run needs none. A backup does, and says who makes it.
program 2 backup --no-database
says err "immich-backup init --store gs://photos"
[ ! -e "$file" ] || fail "a backup made a key"

# init makes it, for its owner alone, shows its public half, and never replaces it. It serves several stores.
program 0 init --no-database
says out "Keep a copy of it"
says out "kubectl create secret generic immich-backup-machine-key"
key=$(grep -o 'ed25519:[0-9a-f]*' "$work/out" | head -1)
[ "$(stat -c %a "$file")" = 600 ] || fail "others can read the key"
grep -qF "${key#ed25519:}" "$file" || fail "the file does not tell its public half"
cp "$file" "$work/key"
program 0 init --no-database
program 0 init --no-database --store gs://second
cmp "$file" "$work/key"
program 0 backup --no-database
secret=$(grep -v '^#' "$file")
! grep -rqF "${secret##*:}" "$work/out" "$work/err" || fail "the secret was printed"

# The key is away, because its disk is not mounted, say: nothing is written, and nothing is begun anew.
mv "$file" "$work/away"
count() { curl -sf "$url/storage/v1/b/photos/o" | jq '.items | length'; }
before=$(count)
program 2 backup --no-database
says err "this machine has no key to sign what it stores ($file)"
program 2 status
says err "IMMICH_BACKUP_TRUSTED_KEY"
IMMICH_BACKUP_TRUSTED_KEY=$key program 0 status
program 0 status --unsigned
program 0 verify --unsigned
says out "no proof was stored"
program 2 init --no-database
says err "--new-machine-key"
[ ! -e "$file" ] || fail "init made another key for a store that has one"
[ "$(count)" = "$before" ] || fail "something was written"

# It is lost. The owner makes another one and signs what the old one had signed. Nothing is sent again.
program 0 init --no-database --new-machine-key --sign
says out "that no key had signed"
new=$(grep -o 'ed25519:[0-9a-f]*' "$work/out" | head -1)
[ "$new" != "$key" ] || fail "it is the old key"
program 0 status
program 0 backup --no-database --json
json .files.new 0
printf 'two' >"$library/upload/two.jpg"
program 0 backup --no-database
program 0 verify --all
XDG_CONFIG_HOME=$keys/reader IMMICH_BACKUP_TRUSTED_KEY=$new program 0 restore --target "$target"
diff -r "$library/upload" "$target/upload" || fail "the restored library is not whole"

# What is no key, and what cannot be read, is named.
printf 'something else' >"$file"
program 2 backup --no-database
says err "$file: is no machine key"
rm "$file"
program 2 status --trusted-key ed25519:12
says err "is no public key"

# A folder is copied by something that loses extended attributes: signatures and tags are gone. It is
# read with --unsigned, or signed once more by whoever has the key. No file is sent again.
cp "$work/key" "$file"
unset STORAGE_EMULATOR_HOST
export IMMICH_BACKUP_STORE=file://$store
program 0 init --no-database
program 0 backup --no-database
mkdir "$work/copy"
cp -r --no-preserve=all "$store/." "$work/copy"
mv "$store" "$work/original"
mv "$work/copy" "$store"
chmod -R go= "$store"
program 2 restore --target "$work/again"
says err "init --sign"
program 0 restore --target "$work/again" --unsigned
diff -r "$library/upload" "$work/again/upload" || fail "the restored library is not whole"
program 0 init --no-database --sign
says out "manifest-"
program 0 backup --no-database --json
json .files.new 0
json .uploaded.objects 0
program 0 verify --all

# Whoever can write to a folder can remove the marker, or put one without a key in its place. What he plants beside it stays
# nobody's, and the next backup signs what it stores, the marker's key included.
export IMMICH_BACKUP_STORE=file://$work/watched
program 0 init --no-database
program 0 backup --no-database --json
point=$(jq -r .restore_point "$work/out")
marker=$work/watched/manifest.store.json
newest=$(find "$work/watched" -name 'manifest-*.json' | sort | tail -1)
planted=$work/watched/manifest-$(date -u -d "${point/T/ } + 1 second" +%Y%m%dT%H%M%SZ).json
cp "$marker" "$work/marker"
for left in nothing another; do
  rm -f "$marker"
  [ $left = nothing ] || jq 'del(.key)' "$work/marker" >"$marker"
  cp --no-preserve=xattr "$newest" "$planted"
  program 3 status --json
  json .restores "$point"
  json '[.problems[].code] | join(" ")' not_signed
  rm "$planted"
done
rm "$marker"
echo more >"$library/upload/more.txt"
program 0 backup --no-database
says out "was gone: it was written again"
[ "$(jq -r .key "$marker")" = "$(jq -r .key "$work/marker")" ] || fail "the marker names no key"
program 0 status --json
json '.problems | length' 0
rm "$library/upload/more.txt"

# A folder may go without.
export IMMICH_BACKUP_STORE=file://$work/plain
program 0 init --no-database --unsigned
says out "whoever can write to this folder is believed"
program 0 backup --no-database
program 0 status
