#!/usr/bin/env bash
# Debian's age reads what the module `age` writes, and the other way round: at the sizes where chunks begin and end, for several recipients, and
# with each other's keys. The same of what a passphrase protects. Skipped (77) without age.
. "$(dirname "$0")/lib.sh"

needs age age-keygen
: "${AGE_FILE:?the program age-file of the tests}"
at_terminal=$PWD/tests/support/at-terminal
cd "$work"
# refuses TEXT COMMAND...: fails unless the command fails and says so.
refuses() {
  local says=$1
  shift
  ! "$@" >out 2>err || fail "succeeded: $*"
  grep -qF -- "$says" err || fail "does not say '$says': $*"
}
same() { cmp -s plain out || fail "$1 bytes: $2"; }

for name in own spouse lawyer stranger; do age-keygen -o "$name.txt" 2>/dev/null; done
own=$(age-keygen -y own.txt) spouse=$(age-keygen -y spouse.txt) lawyer=$(age-keygen -y lawyer.txt)
for name in own spouse lawyer; do
  [ "$("$AGE_FILE" recipients "$name.txt")" = "$(age-keygen -y "$name.txt")" ] || fail "$name.txt has another public half"
done
"$AGE_FILE" keygen >made.txt
[ "$(age-keygen -y made.txt)" = "$("$AGE_FILE" recipients made.txt)" ] || fail "age reads another key out of made.txt"

for size in 0 1 65535 65536 65537 131072 1048576; do
  head -c "$size" /dev/urandom >plain
  "$AGE_FILE" encrypt "$own" <plain >stream.age
  "$AGE_FILE" encrypt-file plain "$own" >source.age
  age -r "$own" <plain >theirs.age
  for file in stream source; do
    [ "$(stat -c %s "$file.age")" = "$(stat -c %s theirs.age)" ] || fail "$size bytes: the $file is not as long as age's"
    age -d -i own.txt <"$file.age" >out 2>err || fail "$size bytes: age refuses the $file"
    same "$size" "age reads something else from the $file"
  done
  "$AGE_FILE" decrypt own.txt <theirs.age >out 2>err || fail "$size bytes: what age wrote is refused"
  same "$size" "what age wrote is read as something else"
done

# Each of several recipients opens it, with any of the identities in a file. Nobody else does.
"$AGE_FILE" encrypt "$own" "$spouse" "$lawyer" <plain >ours.age
age -r "$own" -r "$spouse" -r "$lawyer" <plain >theirs.age
{ cat stranger.txt; echo; cat lawyer.txt; } >both.txt
for keys in own spouse lawyer both; do
  age -d -i "$keys.txt" <ours.age | cmp - plain || fail "$keys.txt does not open ours for age"
  "$AGE_FILE" decrypt "$keys.txt" <theirs.age | cmp - plain || fail "$keys.txt does not open age's"
done
refuses 'no identity matched' age -d -i stranger.txt ours.age
refuses 'denied: is encrypted to 3 other keys: the identity does not open it' "$AGE_FILE" decrypt stranger.txt <theirs.age
[ ! -s out ] || fail "a stranger reads something"

# What has lost its end is refused by both, wherever it was cut; so are armor and text.
for size in 100 250 600 66000 1000000; do
  head -c "$size" ours.age >cut.age
  ! age -d -i own.txt <cut.age >out 2>/dev/null || fail "age takes ours for whole at $size bytes"
  head -c "$size" theirs.age >cut.age
  refuses 'corrupt: ' "$AGE_FILE" decrypt own.txt <cut.age
done
age -a -r "$own" <plain >armored.age
refuses 'corrupt: is an age file in armor' "$AGE_FILE" decrypt own.txt <armored.age
refuses 'corrupt: is no age file' "$AGE_FILE" decrypt own.txt <plain

# Keys in the wrong place.
refuses 'invalid: a secret key is given where a recipient belongs' "$AGE_FILE" encrypt "$(grep -v '^#' own.txt)" <plain
! grep -q "$(grep -v '^#' own.txt | cut -c 17-30)" err || fail "the secret key is repeated"
echo "$own" >public.txt
refuses 'public.txt: line 1: a recipient (public key) is given' "$AGE_FILE" decrypt public.txt <theirs.age
age -a -r "$own" <spouse.txt >protected.txt
refuses 'protected.txt: the identity is itself encrypted' "$AGE_FILE" decrypt protected.txt <theirs.age
refuses 'not_found: ' "$AGE_FILE" decrypt nowhere.txt <theirs.age

# Passphrases: age asks at its terminal for them. Of files, and of files of identities, also in armor.
typed=$'correct horse \u00e9\n'
secret=${typed%?}
protect() { "$at_terminal" 'Enter passphrase' "$typed" 'Confirm passphrase' "$typed" -- age -p "$@" >shown || fail "age -p: $(cat shown)"; }
protect -o theirs.age plain
"$AGE_FILE" decrypt-with "$secret" <theirs.age | cmp - plain || fail "what age protected is read as something else"
"$AGE_FILE" encrypt-with "$secret" <plain >ours.age
for file in theirs ours; do head -2 $file.age | sed 's/scrypt [^ ]*/scrypt SALT/' >$file.begins; done
cmp theirs.begins ours.begins || fail "ours begins otherwise than what age protects"
[ "$(stat -c %s ours.age)" = "$(stat -c %s theirs.age)" ] || fail "ours is not as long as what age protects"
"$at_terminal" 'Enter passphrase' "$typed" -- age -d -o out ours.age >shown || fail "age does not open ours: $(cat shown)"
cmp out plain || fail "age reads something else from what we protected"
refuses 'denied: the passphrase does not open it' "$AGE_FILE" decrypt-with hunter2 <theirs.age
refuses 'denied: is protected with a passphrase' "$AGE_FILE" decrypt own.txt <theirs.age
# scrypt takes 256 MiB. A sanitizer takes more than that from the beginning.
if (ulimit -v 200000 && "$AGE_FILE" keygen >/dev/null 2>&1); then
  (
    ulimit -v 200000
    refuses 'io: memory is exhausted: a passphrase of this cost takes 256 MiB' "$AGE_FILE" decrypt-with "$secret" <theirs.age
    refuses 'io: memory is exhausted' "$AGE_FILE" encrypt-with "$secret" <plain
  )
fi
age -r "$own" <plain >theirs.age
refuses 'denied: is encrypted to keys' "$AGE_FILE" decrypt-with hunter2 <theirs.age
protect -o protected.txt own.txt
protect -a -o armored.txt own.txt
for keys in protected armored; do
  [ "$("$AGE_FILE" recipients "$keys.txt" "$secret")" = "$own" ] || fail "$keys.txt holds another identity"
  "$AGE_FILE" decrypt "$keys.txt" "$secret" <theirs.age | cmp - plain || fail "$keys.txt does not open age's"
  refuses "denied: $keys.txt: the passphrase does not open it" "$AGE_FILE" decrypt "$keys.txt" hunter2 <theirs.age
  refuses "invalid: $keys.txt: the identity is itself encrypted" "$AGE_FILE" decrypt "$keys.txt" <theirs.age
done
