#!/usr/bin/env bash
# Types the blocks of docs/encryption.md, with the test's own folders, keys, database and bucket.
. "$(dirname "$0")/lib.sh"
needs age age-keygen jq

typed_blocks docs/encryption.md "$work/block"
page=$work/block
disk=$(mktemp -d -p /var/tmp)
store=$disk/store
mkdir "$work/bin" "$work/etc" "$keys"/{key,spouse,home,laptop,new}
ln -s "$IMMICH_BACKUP" "$work/bin/immich-backup"
make_library
start_database
demo/fingerprint library "$library" >"$work/library.before"
settings=(LIBRARY_PATH="$library" DB_HOSTNAME="$DB_HOSTNAME" DB_PORT="$DB_PORT" DB_USERNAME="$DB_USERNAME" DB_PASSWORD="$DB_PASSWORD"
  DB_DATABASE_NAME="$DB_DATABASE_NAME")

# As somebody types it who is at home in HOME: the test's folders for the page's, and an end at the first failure.
key=unknown to=unknown
typed() { # FILE HOME [NAME=VALUE...]
  sed -e "s|/mnt/usb/immich-encrypted|$store|" -e "s|/media/key|$keys/key|" -e "s|/media/spouse|$keys/spouse|" -e "s|/srv/immich/library|$target|" \
    -e "s|/etc/immich-backup|$work/etc|" -e "s|ed25519:\.\.\.|$key|" -e "s|age1\.\.\.,age1\.\.\.|$to|" "$1" >"$work/typed"
  env -i PATH="$work/bin:$PATH" HOME="$keys/$2" TMPDIR="$work" IMMICH_BACKUP_CONFIG=/dev/null "${@:3}" bash -euo pipefail "$work/typed" >"$work/out" 2>"$work/err" ||
    fail "a command of docs/encryption.md failed: $(cat "$work/typed" "$work/out")"
}
# Who is at home in HOME says this, and the exit status is STATUS.
asked() { # STATUS HOME ARGUMENT...
  local status=0
  env -i PATH="$PATH" HOME="$keys/$2" TMPDIR="$work" IMMICH_BACKUP_CONFIG=/dev/null IMMICH_BACKUP_STORE="file://$store" "${settings[@]}" \
    "$IMMICH_BACKUP" "${@:3}" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$1" ] || fail "${*:3}: exit status $status, not $1: $(cat "$work/out")"
}
public_of() { age-keygen -y "$1"; }

# 1 and 2: two keys, and the store.
typed "$page/1" laptop
says out "THE SECRET KEY"
to=$(public_of "$keys/key/owner.txt"),$(public_of "$keys/spouse/spouse.txt")
typed "$page/2" home "${settings[@]}"
says out "the identity that you gave opens it"
says out "it has just opened this restore point"
key=$(grep -o -m 1 'ed25519:[0-9a-f]*' "$work/out")
cp "$keys/home/.config/immich-backup/machine.key" "$keys/key/machine.key"

# 3: a night, without the identity. What the page says that the machine cannot do, it cannot.
asked 2 home backup
says err IMMICH_BACKUP_ENCRYPT_TO
mv "$keys/key/owner.txt" "$work/away"
typed "$page/3" home "${settings[@]}" IMMICH_BACKUP_STORE="file://$store" IMMICH_BACKUP_ENCRYPT_TO="$to"
says out "nothing has changed"
row=$(grep '^| `backup`, `verify`' docs/encryption.md)
without=$(cut -d'|' -f2 <<<"$row" | grep -o '`[^`]*`' | tr -d '`') with=$(cut -d'|' -f3 <<<"$row" | grep -o '`[^`]*`' | tr -d '`' | sed 's/^--sample$/verify &/')
[ "$(wc -w <<<"$without")" -ge 10 ] && [ "$(wc -l <<<"$with")" -ge 8 ] || fail "the page's table is not found: $row"
some=$(cd "$library" && find library -name 'DSC*.jpg' | sort | head -1)
arguments() { # COMMAND: with what it needs
  case $1 in
    find) echo 'find DSC*' ;;
    history) echo "history $some" ;;
    diff) echo "diff latest latest" ;;
    prune) echo 'prune --keep-last 9' ;;
    restore) echo "restore --target $target" ;;
    heal) echo "heal $some" ;;
    download) echo 'download --album x' ;;
    'verify --sample') echo 'verify --sample 3' ;;
    *) echo "$1" ;;
  esac
}
while IFS= read -r command; do
  case $command in doctor | rebuild-manifest) continue ;; esac # the one judges this machine, the other writes
  read -ra words < <(arguments "$command")
  [ "$command" != backup ] || words+=(--encrypt-to "$to")
  asked 0 home "${words[@]}"
done <<<"$without"
while IFS= read -r command; do
  read -ra words < <(arguments "$command")
  asked 2 home "${words[@]}"
  says err "needs an identity"
done <<<"$with"
mv "$work/away" "$keys/key/owner.txt"

# 4: a new machine.
typed "$page/4" new
demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
[ -n "$(find "$target/backups" -name '*.sql.gz')" ] || fail "the database's dump is not in backups/"

# 5: the drill on the laptop, of which the machine at home knows afterwards.
asked 0 home status --json
json 'has("drill_proven")' true
json .drill_proven null
typed "$page/5" laptop
says out "it can be restored"
says out "byte for byte as recorded"
asked 0 home status
says out "a restore was tried, and worked"

# What is removed is never what the machine opens the store with.
sealed=$(find "$store" -name 'manifest.keys-*.age' | sort)
[ -n "$sealed" ] || fail "there are no store keys"
asked 0 home prune --keep-last 1 --yes
says out "removed"
[ "$(find "$store" -name 'manifest.keys-*.age' | sort)" = "$sealed" ] || fail "prune removed store keys"

# The machine key is lost.
rm -r "$keys/home/.config"
asked 2 home status
typed "$page/6" home "${settings[@]}" IMMICH_BACKUP_STORE="file://$store" IMMICH_BACKUP_ENCRYPT_TO="$to"
asked 0 home backup --encrypt-to "$to" --json
json .uploaded.objects 0

# Other recipients: what comes now opens with the new one, and the rest with the old one.
age-keygen -o "$keys/key/new.txt" 2>/dev/null
to=$(public_of "$keys/key/new.txt"),$(public_of "$keys/spouse/spouse.txt")
echo new >"$library/upload/new.txt"
typed "$page/7" home "${settings[@]}" IMMICH_BACKUP_STORE="file://$store"
says out "1 new"
for identity in new owner; do
  rm -rf "$target"
  asked 3 home restore --target "$target" --identity "$keys/key/$identity.txt"
  says out "none of the identities opens it"
done
cat "$keys/key/owner.txt" "$keys/key/new.txt" >"$keys/both.txt"
rm -rf "$target"
asked 0 home restore --target "$target" --identity "$keys/both.txt"
[ "$(cat "$target/upload/new.txt")" = new ] || fail "the new file differs"
demo/fingerprint library "$target" | grep -v upload/new.txt | diff - "$work/library.before" || fail "the library differs"

# From a plain store: what is plain cannot be encrypted, and another store can be, in a bucket.
asked 0 home init --store "file://$disk/plain"
asked 0 home backup --store "file://$disk/plain"
asked 2 home init --store "file://$disk/plain" --encrypt-to "$to" --identity "$keys/key/new.txt"
says err "A store is encrypted from its beginning"
start_emulator --bucket my-immich-encrypted
sed "s|\"age1...\", \"age1...\"|\"${to/,/\", \"}\"|" "$page/8" >"$work/etc/encrypted.toml"
cp "$keys/key/new.txt" "$keys/key/owner.txt"
head -n 2 "$page/9" >"$work/dry-run"
sed 1,2d "$page/9" >"$work/the-rest"
typed "$work/dry-run" home "${settings[@]}" STORAGE_EMULATOR_HOST="$url"
says out 'class A at ARCHIVE'
typed "$work/the-rest" home "${settings[@]}" STORAGE_EMULATOR_HOST="$url"
says out "it can be restored"
says out "a restore was tried, and worked"
