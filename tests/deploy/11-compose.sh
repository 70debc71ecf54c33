#!/usr/bin/env bash
# The shipped Compose file, and the one that README shows, are what the Compose specification says. tests/deploy/02-image.sh runs the shipped one.
. "$(dirname "$0")/lib.sh"
npm_packages compose

check() { # FILE...: with a message for each fault in $work/out
  (cd "$npm" && node check.mjs "$@") >"$work/out" 2>"$work/err"
}
awk '/^```ya?ml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$work/readme.yml"
grep -q '^services:' "$work/readme.yml" || fail "README shows no Compose file"
check "$PWD/examples/docker-compose.backup.yml" "$work/readme.yml" || { cat "$work/out" >&2; fail "not as the specification says"; }

# What the check would not miss: a key that nobody knows, a value of another kind, a service without a list of volumes.
for fault in 's/read_only: true/read_olny: true/' 's/profiles: \[restore\]/profiles: restore/' 's/^services:/service:/'; do
  sed "$fault" examples/docker-compose.backup.yml >"$work/faulty.yml"
  ! cmp -s examples/docker-compose.backup.yml "$work/faulty.yml" || fail "$fault changes nothing"
  ! check "$work/faulty.yml" || fail "not found: $fault"
done
