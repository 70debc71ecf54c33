#!/usr/bin/env bash
# arm64, on another machine: cross-compiles the program and its package, and runs the unit tests and a backup under qemu.
: "${IMMICH_BACKUP:=is built here}"
. "$(dirname "$0")/lib.sh"
[ "${ARM64_TEST:-no}" = yes ] || skip "it compiles everything once more: 'make test-arm64' runs it, and so does ARM64_TEST=yes"
[ "$(dpkg --print-architecture)" != arm64 ] || skip "this is an arm64 machine"
needs aarch64-linux-gnu-g++ qemu-aarch64-static dpkg-deb lintian mmdebstrap arch-test
[ "$(id -u)" -eq 0 ] || skip "only root can make a Debian of another architecture"

echo "== builds"
cmake --preset test-arm64 >"$work/log" 2>&1 || fail "cmake: $(tail -n 5 "$work/log")"
cmake --build --preset test-arm64 --target unit_tests package-files >"$work/log" 2>&1 || fail "the build: $(tail -n 20 "$work/log")"

echo "== unit tests under qemu"
ctest --preset test-arm64 -R '^unit_tests$' -V >"$work/log" 2>&1 || fail "unit tests: $(tail -n 60 "$work/log")"
grep -E -A1 'Skipped$|\[(==========|  PASSED  |  SKIPPED )\]' "$work/log" | sed 's/^[0-9]*: //; /^--$/d; / Test *#/d; /^$/d'

echo "== the package"
(cd build/release-arm64 && cpack -B "$work/package") >"$work/log" 2>&1 || fail "cpack: $(tail -n 5 "$work/log")"
package=$(echo "$work"/package/*_arm64.deb)
[ "$(dpkg-deb -f "$package" Architecture)" = arm64 ] || fail "it says that it is for $(dpkg-deb -f "$package" Architecture)"
depends=$(dpkg-deb -f "$package" Depends)
echo "Depends: $depends"
for needed in libc6 libcurl4 libpq5 libqrencode4 libsqlite3-0 libssl3 libstdc++6 zlib1g; do
  grep -qE "(^|, )${needed//+/\\+}( |,|$)" <<<"$depends" || fail "it does not depend on $needed"
done
lintian --fail-on error "$package" || fail "lintian finds errors"

disk=$(mktemp -d -p /var/tmp)  # of half a gigabyte
chmod 755 "$disk"
root=$disk/root
if arch-test arm64 >"$work/log" 2>&1; then
  echo "== installed into a Debian 12"
  # shellcheck disable=SC2016  # mmdebstrap's $1
  mmdebstrap --arch=arm64 --variant=minbase --customize-hook="upload $package /tmp/immich-backup.deb" \
    --customize-hook='chroot "$1" apt-get install --yes -q /tmp/immich-backup.deb || touch "$1/refused"' \
    bookworm "$root" >"$work/log" 2>&1 || true
  [ ! -e "$root/refused" ] || fail "apt-get install: $(tail -n 12 "$work/log")"
  chroot "$root" immich-backup --version || fail "the installed program does not start"
else
  echo "== unpacked into a Debian 12: this kernel runs no arm64 programs (binfmt_misc), so nothing can be installed there"
  # The package with its dependencies, without their scripts.
  mmdebstrap --arch=arm64 --variant=extract --skip=check/qemu --include="$(sed 's/ *([^)]*)//g; s/ *|[^,]*//g; s/, */,/g' <<<"$depends")" \
    bookworm "$root" >"$work/log" 2>&1 || true
  [ ! -e "$root/usr/bin/pg_dump" ] || dpkg-deb -x "$package" "$root"
fi
[ -e "$root/usr/bin/immich-backup" ] || skip "mmdebstrap cannot make a Debian 12 for arm64: $(tail -n 1 "$work/log")"

echo "== a backup and its restore"
# By qemu itself, so that it sees this machine's folders as well.
IMMICH_BACKUP=$work/immich-backup
cat >"$IMMICH_BACKUP" <<SCRIPT
#!/bin/sh
exec qemu-aarch64-static -L '$root' '$root/usr/bin/immich-backup' "\$@"
SCRIPT
chmod +x "$IMMICH_BACKUP"
program 0 --version
cat "$work/out"
says out "$(cat VERSION)"
make_library
program 0 init --no-database
program 0 backup --no-database
program 0 verify --all
program 0 restore --target "$target"
for folder in upload library profile; do  # what Immich can make again is not backed up
  diff -r "$library/$folder" "$target/$folder" || fail "the restored library differs"
done
program 0 backup --no-database
says out "nothing has changed"

echo "== the same with a database"
if command -v psql >/dev/null; then
  IMMICH_BACKUP=$IMMICH_BACKUP tests/e2e/01-round-trip.sh
else
  echo "left out: PostgreSQL is not installed"
fi
