#!/usr/bin/env bash
# keygen makes the key of an encrypted backup: as age-keygen does, as `age -p` protects it, and never over a file that is there, whatever
# happens in between.
. "$(dirname "$0")/lib.sh"

needs age age-keygen
at_terminal=$PWD/tests/support/at-terminal
cd "$keys"
unset IMMICH_BACKUP_STORE
printf 'a photo' >photo
# no_secret_of FILE: nothing that was printed has the secret key that lies in FILE.
no_secret_of() {
  local secret
  secret=$(grep '^AGE-SECRET-KEY-1' "$1")
  ! grep -qF -- "${secret:20:20}" "$work/out" "$work/err" || fail "the secret key was printed"
}
# is_a_key FILE: age reads it, and its public key is the one that was printed.
is_a_key() {
  [ "$(stat -c %a "$1")" = 600 ] || fail "$1: others can read it"
  local public
  public=$(age-keygen -y "$1") || fail "$1: age reads no identity"
  says out "$public"
  age -r "$public" <photo | age -d -i "$1" | cmp - photo || fail "$1: does not open what is encrypted to its public key"
  no_secret_of "$1"
}
nothing_else() { [ "$(find . -mindepth 1 ! -name photo ! -name '*.txt' ! -path './immich-backup*')" = "" ] || fail "left behind: $(find .)"; }

# As age-keygen -o writes it: the same lines.
(umask 0 && program 0 keygen key.txt)
is_a_key key.txt
says out "\`immich-backup init --encrypt-to $(age-keygen -y key.txt) --identity key.txt\`"
age-keygen -o theirs.txt 2>/dev/null
for file in key theirs; do sed -E 's/[0-9]{4}-[0-9-]+T[0-9:]+(Z|[+-][0-9:]+)$/TIME/; s/(age1|KEY-1).*/\1/' "$file.txt" >"$work/$file.lines"; done
cmp "$work/key.lines" "$work/theirs.lines" || fail "the lines are not those of age-keygen: $(cat "$work/key.lines")"
program 0 keygen --json other.txt
is_a_key other.txt
json '[.command, .result, .file, .passphrase] | join(" ")' "keygen ok other.txt false"
json .public_key "$(age-keygen -y other.txt)"
json .created "$(sed -n 's/^# created: //p' other.txt)"
program 0 keygen --show key.txt --json
json .public_key "$(age-keygen -y key.txt)"
json .created null
program 0 keygen --show theirs.txt
says out "$(age-keygen -y theirs.txt)"
cat key.txt theirs.txt >two.txt
program 2 keygen --show two.txt
says err "two.txt: holds 2 identities"
nothing_else

# Never over a file, a link or a folder, and nowhere that is none.
cp key.txt "$work/key.before"
program 2 keygen key.txt
says err "key.txt: is there already, and no key is written over"
cmp key.txt "$work/key.before" || fail "a key was written over"
ln -s nowhere link.txt
program 2 keygen link.txt
says err "link.txt: is there already"
[ ! -e nowhere ] || fail "a key was written through a link"
mkdir folder.txt
program 2 keygen folder.txt
says err "folder.txt: is a folder"
program 2 keygen nowhere/key.txt
says err "nowhere/key.txt: its folder is not there"
[ ! -e nowhere ] || fail "a folder was made"
for name in - . .. folder.txt/ ''; do program 2 keygen "$name"; done
program 2 keygen
program 2 keygen a.txt b.txt
program 2 keygen --show --passphrase key.txt
program 1 keygen --show nowhere.txt
[ ! -e a.txt ] || fail "a key was made"
rm link.txt two.txt
rmdir folder.txt
nothing_else

# Of several at once, one makes the file.
for i in 1 2 3 4 5; do
  { "$IMMICH_BACKUP" keygen --json race.txt 2>/dev/null | jq -r 'select(.result == "ok").public_key' >"$work/race.$i"; } &
done
wait
cat "$work"/race.* >"$work/out"
[ "$(wc -l <"$work/out")" = 1 ] || fail "$(wc -l <"$work/out") say that they have made the file"
is_a_key race.txt
# The same where a file system has no exclusive rename.
! on_poor_disk renames "$IMMICH_BACKUP" keygen key.txt 2>/dev/null || fail "a key was written over on a poor disk"
! on_poor_disk renames,links "$IMMICH_BACKUP" keygen key.txt 2>/dev/null || fail "a key was written over on a poor disk"
cmp key.txt "$work/key.before" || fail "a key was written over on a poor disk"
on_poor_disk renames,links,flushes "$IMMICH_BACKUP" keygen poor.txt >"$work/out" 2>"$work/err" || fail "no key on a poor disk"
is_a_key poor.txt
nothing_else

# Killed at any call: no file, or a whole one. What is left behind has a name that says so.
may_be_killed
rm race.txt poor.txt
LD_PRELOAD=$KILL_AT_CALL KILL_COUNT_FILE=$work/count program 0 keygen killed.txt
calls=$(cat "$work/count")
[ "$calls" -ge 4 ] || fail "only $calls calls were seen"
kills=0
for ((n = 1; n <= calls; n++)); do
  rm -f killed.txt
  status=0
  { LD_PRELOAD=$KILL_AT_CALL KILL_AT=$n "$IMMICH_BACKUP" keygen killed.txt >"$work/out" 2>"$work/err" || status=$?; } 2>/dev/null
  [ "$status" -ne 137 ] || kills=$((kills + 1))
  if [ -e killed.txt ]; then
    program 0 keygen --show killed.txt
  else
    [ "$status" -eq 137 ] || fail "killed at call $n: exit status $status, and no file"
    program 0 keygen killed.txt
  fi
  is_a_key killed.txt
done
[ "$kills" -ge 3 ] || fail "only $kills kills"
rm -f .incomplete-*
nothing_else

# A full disk.
if unshare --user --map-root-user --mount true 2>/dev/null; then
  # shellcheck disable=SC2016 # the inner shell's
  unshare --user --map-root-user --mount bash -c 'mkdir -p "$0" && mount -t tmpfs -o size=16k none "$0" && cd "$0" && ! head -c 1M /dev/zero >full 2>/dev/null
    "$1" keygen key.txt; echo "$?" >"$2"; ls -A' "$work/small" "$IMMICH_BACKUP" "$work/status" >"$work/out" 2>"$work/err" || fail "a small disk"
  [ "$(cat "$work/status")" = 1 ] || fail "a full disk: exit status $(cat "$work/status")"
  says err "key.txt: No space left on device"
  [ "$(cat "$work/out")" = full ] || fail "a full disk has other files: $(cat "$work/out")"
fi

# Not within a store, whose disk somebody may take: this one, or one that is known by its marker. On the same file system it is named.
disk=$(mktemp -d -p /var/tmp)
make_media_root
program 0 init --no-database --store "file://$disk/store" --unsigned
program 2 keygen "$disk/store/key.txt"
says err "lies in a backup"
program 2 keygen --store "file://$work/new" "$work/new/../new/key.txt"
mkdir "$work/new"
program 2 keygen --store "file://$work/new" "$work/new/key.txt"
says err "the secret key ($work/new/key.txt) lies in the backup"
[ -z "$(ls -A "$work/new")" ] && [ ! -e "$disk/store/key.txt" ] || fail "a key was written into a store"
IMMICH_BACKUP_STORE=file://$keys/store program 0 keygen beside.txt
says out "the file lies on the same file system as the store"
is_a_key beside.txt
if [ "$(stat -c %d "$keys")" != "$(stat -c %d "$disk")" ]; then
  program 0 keygen --store "file://$disk/store" apart.txt
  ! grep -q '^note' "$work/out" || fail "a note for a key on another disk: $(cat "$work/out")"
fi
program 0 keygen --store gs://photos bucket.txt
! grep -q '^note' "$work/out" || fail "a note for a store in a bucket: $(cat "$work/out")"
if [ "$(df --output=target "$disk" | tail -1)" = / ]; then
  KUBERNETES_SERVICE_HOST=10.0.0.1 program 2 keygen "$disk/key.txt"
  says err "lies in the container's own layer: the secret key would be gone with it"
  [ ! -e "$disk/key.txt" ] || fail "a key was written that is gone with its container"
fi

# A passphrase: asked for twice at the terminal, and not shown. age opens the file with it, and we open what age protects.
# asked STATUS [PROMPT TEXT]... -- ARGUMENT...: runs the program at a terminal of its own, which then must show what is typed again.
asked() {
  local wanted=$1 status=0 line answers=()
  shift
  while [ "$1" != -- ]; do answers+=("$1") && shift; done
  shift
  printf -v line '%q ' "$IMMICH_BACKUP" "$@"
  "$at_terminal" "${answers[@]}" -- bash -c "$line; status=\$?; stty -a | grep -qw -- '-echo' && exit 98; exit \$status" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "immich-backup $* at a terminal: exit status $status, not $wanted"; }
  ! grep -qF swordfish "$work/out" || fail "the passphrase was shown: $(cat "$work/out")"
}
new='New passphrase of' again='The same again' old='Passphrase of'
asked 0 "$new" $'swordfish \u00e9\n' "$again" $'swordfish \u00e9\n' -- keygen --passphrase protected.txt
[ "$(stat -c %a protected.txt)" = 600 ] || fail "protected.txt: others can read it"
public=$(grep -oE 'age1[0-9a-z]{58}' "$work/out" | sort -u)
head -2 protected.txt | sed 's/scrypt [^ ]*/scrypt SALT/' | tr '\n' ' ' | grep -qx 'age-encryption.org/v1 -> scrypt SALT 18 ' || fail "protected.txt begins otherwise than what age protects"
"$at_terminal" 'Enter passphrase' $'swordfish \u00e9\n' -- age -d -o opened.txt protected.txt >"$work/out" || fail "age does not open protected.txt: $(cat "$work/out")"
[ "$(age-keygen -y opened.txt)" = "$public" ] || fail "protected.txt has another key than was said"
! grep -qF "$(grep '^AGE' opened.txt)" protected.txt || fail "protected.txt is not"
asked 0 "$old" $'swordfish \u00e9\n' -- keygen --show protected.txt
says out "$public"
asked 2 "$old" $'swordfish e\n' -- keygen --show protected.txt
says out "protected.txt: the passphrase does not open it"
for form in -p '-p -a'; do
  # shellcheck disable=SC2086 # two options
  "$at_terminal" 'Enter passphrase' $'swordfish\n' 'Confirm passphrase' $'swordfish\n' -- age $form -o by-age.txt key.txt >"$work/out" || fail "age $form: $(cat "$work/out")"
  asked 0 "$old" $'swordfish\n' -- keygen --show by-age.txt
  says out "$(age-keygen -y key.txt)"
done
head -c -100 by-age.txt >cut.txt
asked 4 -- keygen --show cut.txt
age -r "$public" <key.txt >to-a-key.txt
asked 2 -- keygen --show to-a-key.txt
says out "to-a-key.txt: is encrypted to keys"

# Such a file opens an encrypted backup. Where nobody can be asked, the error says so.
printf 'one' >"$library/upload/one.jpg"
backup=(--store "file://$disk/encrypted")
asked 0 "$old" $'swordfish \u00e9\n' -- init --no-database "${backup[@]}" --encrypt-to "$public" --identity protected.txt
program 0 backup --no-database "${backup[@]}" --encrypt-to "$public"

# Without --identity, it is asked for: itself, or the name of its file. Nothing is begun with one that opens nothing.
paste='Nothing of it is shown or kept'
begin=(init --no-database --store "file://$disk/pasted" --encrypt-to "$public")
asked 2 "$paste" "$(grep '^AGE' key.txt)"$'\n' -- "${begin[@]}"
says out "Give the identity of one of these keys"
asked 2 "$paste" $'\n' -- "${begin[@]}"
says out "no identity was given"
asked 2 "$paste" $'nonsense\n' -- "${begin[@]}"
asked 2 "$paste" $'./nothing.txt\n' -- "${begin[@]}"
says out "nothing.txt"
asked 130 "$paste" $'\x03' -- "${begin[@]}"
[ ! -e "$disk/pasted/manifest.store.json" ] || fail "a store was begun that nobody opens"
asked 0 "$paste" " $(grep '^AGE' opened.txt) "$'\n' -- "${begin[@]}"
! grep -qF "$(grep '^AGE' opened.txt)" "$work/out" || fail "the identity was shown"
asked 0 -- "${begin[@]}"
begin=(init --no-database --store "file://$disk/named" --encrypt-to "$public")
asked 0 "$paste" $'./protected.txt\n' "$old" $'swordfish \u00e9\n' -- "${begin[@]}"
program 2 init --no-database --store "file://$disk/piped" --encrypt-to "$public" </dev/null
says err "--identity FILE"
asked 2 "$old" $'swordfish\n' -- restore "${backup[@]}" --target "$target" --identity protected.txt
says out "--identity: protected.txt: the passphrase does not open it"
status=0
setsid -w "$IMMICH_BACKUP" restore "${backup[@]}" --target "$target" --identity protected.txt >"$work/out" 2>"$work/err" </dev/null || status=$?
[ "$status" -eq 2 ] || fail "a restore without a terminal: exit status $status"
says err "--identity: protected.txt: there is no terminal at which to ask for a passphrase"
[ ! -e "$target" ] || fail "something was restored"
asked 0 "$old" $'swordfish \u00e9\n' -- restore "${backup[@]}" --target "$target" --identity protected.txt
cmp "$library/upload/one.jpg" "$target/upload/one.jpg" || fail "another photo came back"

# Without one, or with two, nothing is written; nor without a terminal. Nobody is asked for what cannot be written.
asked 2 "$new" $'swordfish\n' "$again" $'swordfisch\n' -- keygen --passphrase none.txt
says out "the second passphrase is not the first: nothing was written"
asked 2 "$new" $'\n' -- keygen --passphrase none.txt
says out "the passphrase is empty"
asked 2 "$new" $'\x04' -- keygen --passphrase none.txt
asked 2 "$new" "$(printf 'swordfish%.0s' {1..200})"$'\n' -- keygen --passphrase none.txt
says out "the passphrase is longer than"
asked 130 "$new" $'swordf\x03' -- keygen --passphrase none.txt
asked 130 "$new" $'swordfish\n' "$again" $'\x03' -- keygen --passphrase none.txt
asked 2 -- keygen --passphrase key.txt
says out "key.txt: is there already"
status=0
setsid -w "$IMMICH_BACKUP" keygen --passphrase none.txt >"$work/out" 2>"$work/err" </dev/null || status=$?
[ "$status" -eq 2 ] || fail "without a terminal: exit status $status"
says err "there is no terminal at which to ask for a passphrase"
[ ! -e none.txt ] || fail "a key was written all the same"
nothing_else
