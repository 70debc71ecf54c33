#!/usr/bin/env bash
# What the documents say of this repository is there.
. "$(dirname "$0")/lib.sh"

# docs/security.md names a test for each thing that a thief can or cannot do.
names=0
while IFS= read -r name; do
  names=$((names + 1))
  case $name in
    tests/*) [ -x "$name" ] || fail "docs/security.md names $name, which is no test" ;;
    *) grep -rqE "TEST(_F|_P)?\(${name%.*}, ${name#*.}\)" tests || fail "docs/security.md names $name, which is no test" ;;
  esac
done < <(grep -E '^\| [0-9]+ \|' docs/security.md | grep -oE '`[^`]+`' | tr -d '`')
[ "$names" -ge 10 ] || fail "docs/security.md names $names tests alone"

# Links between documents lead to a file.
while IFS=: read -r document link; do
  target=${link%%#*}
  [ -z "$target" ] || [ -e "$(dirname "$document")/$target" ] || fail "$document links to $target, which is not there"
done < <(git ls-files '*.md' | xargs grep -oHE '\]\([^)]+\)' | sed -E 's/\]\(([^)]*)\)/\1/' | grep -v ':http' | grep -v ':mailto')
