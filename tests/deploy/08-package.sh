#!/usr/bin/env bash
# The Debian package: what lintian says of it, and in clean Debian 12 and 13 systems all that README says: it is installed, set up,
# and its units' own command lines make a backup and a drill. Then everything is lost but the store, and comes back.
. "$(dirname "$0")/lib.sh"
needs dpkg-deb lintian mmdebstrap
: "${PACKAGE_BUILD:?the folder of a build, to package}"

cmake --build "$PACKAGE_BUILD" --target package-files >"$work/log" 2>&1 || fail "package-files: $(tail -n 5 "$work/log")"
(cd "$PACKAGE_BUILD" && cpack -B "$work/package") >"$work/log" 2>&1 || fail "cpack: $(tail -n 5 "$work/log")"
package=$(echo "$work"/package/*.deb)

disk=$(mktemp -d -p /var/tmp)  # of gigabytes
chmod 755 "$disk"
echo "== lintian"
lintian --fail-on error "$package" || fail "lintian finds errors"

echo "== what is in it"
dpkg-deb -c "$package" >"$work/list"
for file in ./usr/bin/immich-backup ./usr/share/man/man1/immich-backup.1.gz ./usr/share/man/man1/immich-backup-verify-restore.1.gz \
  ./usr/share/bash-completion/completions/immich-backup ./usr/share/zsh/vendor-completions/_immich-backup \
  ./usr/share/fish/vendor_completions.d/immich-backup.fish ./etc/immich-backup/config.toml \
  ./usr/lib/systemd/system/immich-backup.service ./usr/lib/systemd/system/immich-backup-drill.timer; do
  grep -qF " $file" "$work/list" || fail "$file is not in the package"
done

# as_unit ROOT UNIT COMMAND...: as the unit's user, with its capabilities and environment. systemd itself cannot run here.
as_unit() {
  local root=$1 unit=$1/usr/lib/systemd/system/$2 user capabilities=()
  shift 2
  user=$(sed -n 's/^User=//p' "$unit")
  ! grep -q '^AmbientCapabilities=CAP_DAC_READ_SEARCH' "$unit" ||
    capabilities=(--inh-caps +dac_read_search --ambient-caps +dac_read_search)
  # shellcheck disable=SC2046  # several variables
  chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups "${capabilities[@]}" \
    env -i PATH=/usr/bin:/bin $(sed -n 's/^Environment=//p' "$unit") "$@"
}
run_unit() { # ROOT UNIT: its own command line
  # shellcheck disable=SC2046  # several words
  as_unit "$1" "$2" $(sed -n 's/^ExecStart=//p' "$1/usr/lib/systemd/system/$2")
}

typed_blocks README.md "$work/readme"
typed() { # ROOT FILE: as root, who has sudo, an editor and systemctl
  cp "$2" "$1/tmp/typed"
  chroot "$1" env -i PATH=/tmp/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LANG=C bash -euo pipefail -c 'cd; . /tmp/typed' >"$work/out" 2>"$work/err" ||
    fail "$(cat "$2" "$work/out")"
}
# stand_in ROOT NAME <SCRIPT
stand_in() { mkdir -p "$1/tmp/bin" && cat >"$1/tmp/bin/$2" && chmod 755 "$1/tmp/bin/$2"; }

try() { # SUITE
  local root=$disk/$1
  echo "== Debian $1"
  # The package is installed while the new system still has apt's lists.
  # shellcheck disable=SC2016  # mmdebstrap's $1
  mmdebstrap --variant=minbase --include=postgresql,systemd --customize-hook="upload $package /tmp/immich-backup.deb" \
    --customize-hook='chroot "$1" apt-get install --yes -q /tmp/immich-backup.deb || touch "$1/refused"' \
    "$1" "$root" >"$work/log" 2>&1 || true
  [ ! -e "$root/refused" ] || fail "apt-get install: $(tail -n 12 "$work/log")"
  [ -e "$root/usr/bin/immich-backup" ] || skip "mmdebstrap cannot make a Debian $1: $(tail -n 1 "$work/log")"
  chroot "$root" systemd-analyze verify --man=no immich-backup.service immich-backup.timer immich-backup-drill.service immich-backup-drill.timer ||
    fail "systemd does not like the units"

  local library=$root/srv/immich/library store=$root/mnt/usb/immich-backup
  mkdir -p "$library"/{upload/u/0a/1b,library,profile,thumbs,encoded-video,backups}
  touch "$library"/{upload,library,profile,thumbs,encoded-video,backups}/.immich
  echo "a photo" >"$library/upload/u/0a/1b/a.jpg"
  as_postgres() { chroot "$root" setpriv --reuid postgres --regid postgres --clear-groups env -i PATH=/usr/bin:/bin HOME=/tmp "$@"; }
  install -d -m 1777 "$root/dev/shm"  # for PostgreSQL
  version=$(chroot "$root" pg_lsclusters -h | awk '{ print $1; exit }')
  chroot "$root" pg_ctlcluster --skip-systemctl-redirect "$version" main start || fail "no PostgreSQL in $1"
  # pg_ctlcluster looks into /proc, which is not there.
  postgres=$(head -n 1 "$root/var/lib/postgresql/$version/main/postmaster.pid")
  stop_what_runs() {
    kill -QUIT "$postgres" 2>/dev/null || true
    while kill -0 "$postgres" 2>/dev/null; do sleep 0.1; done
  }
  as_postgres createuser immich-backup --superuser
  as_postgres createdb immich
  as_postgres psql -q -v ON_ERROR_STOP=1 immich <demo/schema.sql >"$work/log" 2>&1 || fail "the sample schema: $(cat "$work/log")"
  sha1=$(sha1sum <"$library/upload/u/0a/1b/a.jpg" | cut -d' ' -f1)
  as_postgres psql -q -v ON_ERROR_STOP=1 immich >"$work/log" 2>&1 <<SQL || fail "a photo's row: $(cat "$work/log")"
INSERT INTO "user" (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'anna@example.org');
INSERT INTO system_metadata VALUES ('MediaLocation', '{"location": "/data"}');
INSERT INTO version_history (version) VALUES ('3.1.0');
INSERT INTO asset ("ownerId", type, "originalPath", "originalFileName", checksum, "fileCreatedAt", "fileModifiedAt", "localDateTime")
  SELECT id, 'IMAGE', '/data/upload/u/0a/1b/a.jpg', 'a.jpg', decode('$sha1', 'hex'), now(), now(), now() FROM "user";
SQL

  mkdir -p "$root/root/build"
  cp "$package" "$root/root/build/"
  stand_in "$root" make <<<'#!/bin/true'
  stand_in "$root" sudo <<'SH'
#!/bin/sh
[ "$1" = -u ] || exec "$@"
user=$2
shift 2
exec setpriv --reuid "$user" --regid "$user" --clear-groups env -i PATH=/usr/bin:/bin HOME="$(getent passwd "$user" | cut -d: -f6)" "$@"
SH
  stand_in "$root" editor <<'SH'
#!/bin/sh
printf 'library = "/srv/immich/library"\nstore = "file:///mnt/usb/immich-backup"\ndb-url = "postgresql:///immich?host=/var/run/postgresql"\n' >>"$1"
SH
  # It enables units without a running systemd, but starts none.
  stand_in "$root" systemctl <<'SH'
#!/bin/sh
[ "$1 $2" = 'enable --now' ] || exit 1
shift 2
exec /usr/bin/systemctl enable "$@"
SH
  typed "$root" "$work/readme/1"
  key=$(grep -o -m 1 'ed25519:[0-9a-zA-Z+/=]*' "$work/out") || fail "init prints no key: $(cat "$work/out")"
  typed "$root" "$work/readme/2"
  for timer in immich-backup immich-backup-drill; do
    [ -L "$root/etc/systemd/system/timers.target.wants/$timer.timer" ] || fail "$timer.timer is not enabled"
  done

  mkdir -p "$root/tmp/units"
  chroot "$root" env -i PATH=/usr/bin:/bin /usr/lib/systemd/system-generators/immich-backup-generator /tmp/units
  for unit in immich-backup immich-backup-drill; do
    for folder in /srv/immich/library /mnt/usb/immich-backup; do
      grep -qxF "RequiresMountsFor=\"$folder\"" "$root/tmp/units/$unit.service.d/mounts.conf" || fail "$unit does not wait for the disk of $folder"
    done
  done

  # As private as Immich's folders may be: only the unit's capability reads them.
  chmod -R go= "$library"
  run_unit "$root" immich-backup.service >"$work/log" 2>&1 || fail "the backup's unit: $(cat "$work/log")"
  run_unit "$root" immich-backup-drill.service >"$work/log" 2>&1 || fail "the drill's unit: $(cat "$work/log")"
  as_unit "$root" immich-backup.service immich-backup status >"$work/out" 2>&1 || fail "status: $(cat "$work/out")"
  cat "$work/out"
  says out "no damage found"
  says out "a restore was tried, and worked"

  # Nothing is left but the store and the page.
  mv "$library" "$disk/lost"
  rm -r "$root/var/lib/immich-backup" "$root/etc/immich-backup"
  as_postgres dropdb immich
  as_postgres createdb immich
  sed "s|ed25519:\.\.\.|$key|" "$work/readme/3" >"$work/worst-day"
  typed "$root" "$work/worst-day"
  diff -r "$disk/lost/upload" "$library/upload" || fail "another photo came back"
  [ -n "$(find "$library/backups" -name 'restored-*.sql.gz')" ] || fail "the dump is not where Immich looks for it"
  { grep ^export "$work/worst-day"; echo "sudo -u postgres env IMMICH_BACKUP_STORE=\$IMMICH_BACKUP_STORE IMMICH_BACKUP_TRUSTED_KEY=\$IMMICH_BACKUP_TRUSTED_KEY DB_URL='postgresql:///immich?host=/var/run/postgresql' immich-backup restore-database"; } >"$work/database"
  chmod -R o+rX "$store"
  typed "$root" "$work/database"
  [ "$(as_postgres psql -X -A -t -c 'SELECT count(*) FROM asset' immich)" = 1 ] || fail "the database did not come back"
  rm -r "$disk/lost"
  stop_what_runs
  unset -f stop_what_runs
  rm -rf --one-file-system "$root"
}
for suite in bookworm trixie; do try $suite; done
