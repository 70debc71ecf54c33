#!/usr/bin/env bash
# Types what README says of the program by hand, of an encrypted store and of the worst day, with the test's own folders and database.
. "$(dirname "$0")/lib.sh"

typed_blocks README.md "$work/block"

make_library
start_database
demo/fingerprint library "$library" >"$work/library.before"
mkdir "$work/bin"
ln -s "$IMMICH_BACKUP" "$work/bin/immich-backup"
export IMMICH_BACKUP_CONFIG=  # the user's and the machine's files, as README says

# As somebody types it: their folders for README's, their password for the dots, and an end at the first failure.
typed() {
  sed -e "s|/srv/immich/library|$1|" -e "s|/mnt/usb/immich-backup|$store|" -e "s|/mnt/usb/immich-encrypted|$work/encrypted|" \
    -e "s|/srv/immich/restored|$target|" -e "s|/media/key|$keys|" -e "s|age1\.\.\. *$|$to|" -e "s|DB_PASSWORD=\.\.\.|DB_PASSWORD=$DB_PASSWORD|" \
    -e "s|DB_PORT=5432|DB_PORT=$DB_PORT|" -e "s|ed25519:\.\.\.|$key|" "$2" >"$2.typed"
  env -i PATH="$work/bin:$PATH" HOME="$3" TMPDIR="$work" bash -euo pipefail "$2.typed" >"$work/out" 2>"$work/err" ||
    fail "a command of README failed: $(cat "$work/out")"
}
key=unknown to=unknown
mkdir "$keys/home" "$keys/new-home"
typed "$library" "$work/block/1" "$keys/home"
says out "$IMMICH_BACKUP_STORE"
key=$(grep -o 'ed25519:[A-Za-z0-9+/=]*' "$work/out" | head -1)
[ -n "$key" ] || fail "the recovery kit does not print the key"

# Encrypted: in the same shell, with what it has exported.
{ grep '^export' "$work/block/1"; sed 1d "$work/block/2"; } >"$work/encrypted-block"
sed -n 1p "$work/block/2" >"$work/key-block"
typed "$library" "$work/key-block" "$keys/home"
to=$(grep -o -m 1 'age1[0-9a-z]*' "$work/out") || fail "README's first command makes no key"
typed "$library" "$work/encrypted-block" "$keys/home"
says out "the identity that you gave opens it"
demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library that was encrypted differs"
plain=$(find "$work/encrypted" -type f ! -name manifest.store.json -exec grep -L '^age-encryption.org/v1$' {} +)
[ -z "$plain" ] || fail "is not encrypted: $plain"
rm -rf "$target"

# The worst day: nothing is left but the store and the page.
rm -rf "$keys/home"
typed "$target" "$work/block/3" "$keys/new-home"
demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
[ -n "$(find "$target/backups" -name '*.sql.gz')" ] || fail "the database's dump is not in backups/"
