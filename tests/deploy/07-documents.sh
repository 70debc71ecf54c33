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

# The CronJobs that the documents name are those of the manifests.
while IFS= read -r name; do
  grep -rqxE "  name: ${name#*/}" components/immich || fail "the documents name $name, which no manifest has"
done < <(git ls-files '*.md' | xargs grep -ohE 'cronjob/[a-z-]+[a-z]' | sort -u)

# Flux puts back what `kubectl patch` changes of an object that it keeps, within its interval: who is told to patch one is told to suspend Flux.
patched=0
while IFS=: read -r document line _; do
  patched=$((patched + 1))
  sed -n "$line,$((line + 2))p" "$document" | tr '\n' ' ' | grep -qE 'flux suspend kustomization +immich-backup' ||
    fail "$document:$line: patches what Flux keeps, and does not say to suspend Flux"
done < <(git ls-files '*.md' | xargs grep -nE 'kubectl (patch|edit|set|annotate|scale)[^`]*immich-backup' -H)
[ "$patched" -ge 2 ] || fail "no document patches anything: is the pattern right?"

# Links between documents lead to a file.
while IFS=: read -r document link; do
  target=${link%%#*}
  [ -z "$target" ] || [ -e "$(dirname "$document")/$target" ] || fail "$document links to $target, which is not there"
done < <(git ls-files '*.md' | xargs grep -oHE '\]\([^)]+\)' | sed -E 's/\]\(([^)]*)\)/\1/' | grep -v ':http' | grep -v ':mailto')

# A test types each block of commands, or the line above it says why none does. A page whose first lines say so is one test's as a whole.
while IFS=: read -r document line above; do
  case $above in
    '<!-- not run by the tests: '*' -->') continue ;;
    '<!-- typed by tests/'*' -->') read -ra tests < <(grep -oE 'tests/[a-z0-9/-]+\.sh' <<<"$above" | paste -sd' ') ;;
    *) fail "$document:$line: neither says which test types it (<!-- typed by tests/... -->), nor why none does (<!-- not run by the tests: ... -->)" ;;
  esac
  for test in "${tests[@]}"; do
    { [ -x "$test" ] && grep -qF "$document" "$test"; } || fail "$document:$line: $test does not read this page"
  done
done < <(git ls-files '*.md' | xargs awk '
  FNR == 1 { inside = whole = 0; above = "" }
  FNR < 5 && /^<!-- each block is typed by / { whole = 1; sub(/each block is /, ""); sub(/,.* -->/, " -->"); page = $0 }
  /^ *```/ { inside = !inside; if (inside && $1 != "```") { sub(/^ */, "", above); print FILENAME ":" FNR ":" (whole && above !~ /^<!-- not run/ ? page : above) } next }
  !inside { above = $0 }')
