#!/usr/bin/env bash
# A store with manifests of version 3.0 is carried on. store-3.0.tar.gz holds two runs: in the
# second, a.jpg was edited, b.jpg moved to c.jpg, and d.jpg was new. Each restore point brings what
# it brought before, also after further runs.
. "$(dirname "$0")/lib.sh"

tar -C "$work" -xzf "$(dirname "$0")/store-3.0.tar.gz"
mapfile -t points < <(cd "$store" && printf '%s\n' manifest-2*.json | sed 's/manifest-//; s/.json//')
[ "${#points[@]}" -eq 2 ] || fail "the fixture has ${#points[@]} restore points"
brings() { # POINT FILE=CONTENT...: exactly these
  local point=$1
  shift
  rm -rf "$target"
  program 0 restore --target "$target" --at "$point"
  (cd "$target" && find . -type f ! -name .immich -exec sh -c 'printf "%s=%s\n" "${1#./}" "$(cat "$1")"' _ {} \;) | LC_ALL=C sort >"$work/got"
  printf '%s\n' "$@" | LC_ALL=C sort | diff - "$work/got" || fail "$point brings something else"
}
both_bring_what_they_brought() {
  brings "${points[0]}" upload/a.jpg=one library/b.jpg=two
  brings "${points[1]}" 'upload/a.jpg=one, edited' library/c.jpg=two upload/d.jpg=three
}
both_bring_what_they_brought
program 0 status
program 0 verify --all

# The next run sends what is new, and nothing else.
make_media_root
printf 'one, edited' >"$library/upload/a.jpg"
printf two >"$library/library/c.jpg"
printf four >"$library/upload/e.jpg"
# Old enough to be trusted: a file that was written just now is read once more.
touch -d @1600000001 "$library/upload/a.jpg"
touch -d @1600000002 "$library/upload/e.jpg"
touch -d @1600000000 "$library/library/c.jpg"
program 0 backup --no-database --json
json .uploaded.objects 1
brings latest 'upload/a.jpg=one, edited' library/c.jpg=two upload/e.jpg=four
both_bring_what_they_brought
program 0 history /upload/d.jpg --json
json '[.paths[0].states[].event] | join(" ")' "new gone"
program 0 diff "${points[0]}" "${points[1]}"
says out "moved"
manifests() { find "$store" -name 'manifest-2*.db' | wc -l; }
before=$(manifests)
program 0 backup --no-database
[ "$(manifests)" -eq "$before" ] || fail "a run without changes wrote a manifest"
both_bring_what_they_brought
