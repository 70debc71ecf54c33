#!/usr/bin/env bash
# The keys of an encrypted store: one is lost, others take their place, the marker or the store's own keys are gone, and the
# manifests with them.
. "$(dirname "$0")/lib.sh"
needs age age-keygen jq

for name in owner spouse lawyer; do age-keygen -o "$keys/$name.txt" 2>/dev/null; done
public() { age-keygen -y "$keys/$1.txt"; }
identity() { echo "--identity $keys/$1.txt"; }
restores() { # IDENTITY FINGERPRINT [ARGUMENT...]
  rm -rf "$target"
  # shellcheck disable=SC2046 # two words
  program 0 restore --target "$target" $(identity "$1") "${@:3}"
  demo/fingerprint library "$target" | diff - "$work/$2" || fail "the library differs"
}

make_library
head -c 20000000 /dev/urandom >"$library/upload/video.mp4" # says nothing of its age file
demo/fingerprint library "$library" >"$work/first"
IMMICH_BACKUP_ENCRYPT_TO=$(public owner)
export IMMICH_BACKUP_ENCRYPT_TO
# shellcheck disable=SC2046 # two words
program 0 init --no-database $(identity owner)
program 0 backup --no-database --json
first=$(jq -r .restore_point "$work/out")
objects=$(find "$store/library" -type f | sort)
program 0 status
says out "objects to $(public owner)"
says out "nobody has opened a photo of it yet"
program 0 status --identity "$keys/owner.txt"
says out "opens 47 of 47"
program 0 status --identity "$keys/lawyer.txt"
says out "opens 0 of 47"
program 0 recovery-kit --identity "$keys/owner.txt" --json
json .identity_read true
says out "$(public owner)"

# The machine key is lost. Its place is taken with the owner's identity, and object names stay.
mv "$keys/immich-backup" "$work/lost"
program 2 backup --no-database
program 2 init --no-database
says err "--new-machine-key"
program 2 init --no-database --new-machine-key --sign
says err "--identity"
[ ! -e "$keys/immich-backup/machine.key" ] || fail "a key was made that opens nothing"
# shellcheck disable=SC2046
program 2 init --no-database --new-machine-key --sign $(identity lawyer)
[ ! -e "$keys/immich-backup/machine.key" ] || fail "a key was made that opens nothing"
# shellcheck disable=SC2046
program 0 init --no-database --new-machine-key --sign $(identity owner)
program 0 backup --no-database --json
json .uploaded.objects 0
[ "$(find "$store/library" -type f | sort)" = "$objects" ] || fail "the objects have other names"
restores owner first
program 0 verify

# To others from now on. Who could read so far reads what was there, and nothing that comes.
export IMMICH_BACKUP_ENCRYPT_TO=$(public spouse),$(public lawyer)
program 2 backup --no-database
says err "--change-recipients"
# shellcheck disable=SC2046
program 0 init --no-database --change-recipients $(identity spouse) --json
json .did readdressed
echo new >"$library/upload/new.txt"
demo/fingerprint library "$library" >"$work/second"
program 0 backup --no-database --json
json .uploaded.objects 1
program 0 status --json --identity "$keys/lawyer.txt"
json .identity_opens 1
rm -rf "$target"
program 0 restore --target "$target" --identity "$keys/lawyer.txt" '/upload/new.txt'
cmp "$target/upload/new.txt" "$library/upload/new.txt"
rm -rf "$target"
program 3 restore --target "$target" --identity "$keys/lawyer.txt" # the others are the owner's
says out "is encrypted to 1 other key"
program 3 verify --all --identity "$keys/lawyer.txt" --json
json '[.problems[].code] | unique | join(" ")' not_opened
newest=$(find "$store" -name 'manifest-*.db.age' | sort | tail -1)
if age -d -i "$keys/owner.txt" "$newest" >/dev/null 2>&1; then fail "the former owner opens what came after him"; fi
age -d -i "$keys/lawyer.txt" "$newest" >/dev/null || fail "the new owner does not open the manifest"
cat "$keys/owner.txt" "$keys/spouse.txt" >"$keys/both.txt"
restores both second
restores both first --at "$first"

# The marker is gone: the store stays encrypted, and the next backup writes it again.
rm "$store/manifest.store.json"
IMMICH_BACKUP_ENCRYPT_TO='' program 2 backup --no-database
program 0 backup --no-database
names_its_owners() { jq -e '.recipients | length == 2' "$store/manifest.store.json" >/dev/null || fail "the marker names no recipients"; }
names_its_owners
restores both second
# So does init, whether or not the settings say that it is encrypted; and not to others, or as a plain one.
for to in "$IMMICH_BACKUP_ENCRYPT_TO" ''; do
  rm "$store/manifest.store.json"
  IMMICH_BACKUP_ENCRYPT_TO=$to program 0 init --no-database
  names_its_owners
  rm "$store/manifest.store.json"
  echo '{' >"$store/manifest.store.json"
  IMMICH_BACKUP_ENCRYPT_TO=$to program 0 init --no-database --adopt
  names_its_owners
done
rm "$store/manifest.store.json"
program 2 init --no-database --encrypt-to "$(public owner)" --unproven
says err "and the settings say to"
XDG_CONFIG_HOME=$keys/elsewhere program 2 init --no-database --unproven
says err "no key here opens its keys"
[ ! -e "$keys/elsewhere" ] || fail "a key was made that opens nothing"
program 0 init --no-database
program 0 backup --no-database --json
json .uploaded.objects 0
find "$store" -type f ! -name '*.age' ! -name manifest.store.json | grep . && fail "something was stored plain"
restores both second
# A backup that is not encrypted, and has lost its marker, does not become an encrypted store.
IMMICH_BACKUP_ENCRYPT_TO='' program 0 init --no-database --store "file://$work/plain"
IMMICH_BACKUP_ENCRYPT_TO='' program 0 backup --no-database --store "file://$work/plain"
program 2 backup --no-database --store "file://$work/plain"
says err "is not encrypted"
rm "$work/plain/manifest.store.json"
program 2 init --no-database --unproven --store "file://$work/plain"
says err "holds a backup that is not encrypted"

# The manifests are gone. The machine finds what it has stored by what only its key opens.
rm "$store"/manifest-* "$store"/manifest.db* "$store"/manifest.json*
program 0 rebuild-manifest
says out "1 large file was taken up, and nothing here shows whether all bytes arrived"
program 0 backup --no-database --json
json .uploaded.objects 0
restores both second

rm "$store"/manifest-* "$store"/manifest.db* "$store"/manifest.json*
program 0 rebuild-manifest --identity "$keys/owner.txt" # who reads the older ones alone
program 0 backup --no-database --json
json .uploaded.objects 0
restores both second

# The store's own keys are gone: the owner still reads, and the machine says what it lacks.
rm "$store"/manifest.keys-*
program 2 backup --no-database
says err "manifest.keys-"
restores both second

# A secret key in place of a public one, a file that is no key, and one that is protected.
program 2 restore --target "$work/x" --identity "$store/manifest.store.json"
program 2 restore --target "$work/x" --identity "$keys/nobody.txt"
head -c 60 "$keys/owner.txt" >"$keys/cut.txt"
program 2 restore --target "$work/x" --identity "$keys/cut.txt"
says err "$keys/cut.txt"
grep -h AGE-SECRET "$keys"/*.txt | cut -c20-40 | while IFS= read -r secret; do
  if grep -q "$secret" "$work/out" "$work/err"; then fail "a secret was shown"; fi
done
