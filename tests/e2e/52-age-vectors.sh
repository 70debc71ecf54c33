#!/usr/bin/env bash
# npm's age-encryption reads what the module `age` writes, and the other way round; and every test vector of the format's authors (npm's cctv-age)
# ends as it should, with the plain text that it should. Skipped (77) without node and npm, or if npm cannot fetch the two.
. "$(dirname "$0")/lib.sh"

needs node npm
: "${AGE_FILE:?the program age-file of the tests}"
cp -r tests/age-peers "$work/peers"
cd "$work/peers"
npm ci --ignore-scripts --no-audit --no-fund --silent >npm 2>&1 || skip "npm cannot fetch age-encryption and cctv-age: $(tail -n 1 npm)"

node vectors.mjs "$AGE_FILE" "$work" >vectors || { cat vectors >&2; fail "a test vector does not end as it should"; }
cat vectors

for name in own spouse; do "$AGE_FILE" keygen >"$name.txt"; done
own=$("$AGE_FILE" recipients own.txt) spouse=$("$AGE_FILE" recipients spouse.txt)
for size in 0 1 65535 65536 65537 1048576; do
  head -c "$size" /dev/urandom >plain
  "$AGE_FILE" encrypt "$own" "$spouse" <plain >ours.age
  node peer.mjs encrypt "$spouse" "$own" <plain >theirs.age
  for keys in own spouse; do
    node peer.mjs decrypt "$keys.txt" <ours.age >out || fail "$size bytes: age-encryption refuses ours"
    cmp out plain || fail "$size bytes: age-encryption reads something else"
    "$AGE_FILE" decrypt "$keys.txt" <theirs.age >out || fail "$size bytes: what age-encryption wrote is refused"
    cmp out plain || fail "$size bytes: what age-encryption wrote is read as something else"
  done
done
