#!/usr/bin/env bash
# recovery-kit prints one page without secrets. Its commands bring everything back exactly as they
# are printed.
. "$(dirname "$0")/lib.sh"

disk=$(mktemp -d -p /var/tmp) # doctor reports a store in memory as a problem
store=$disk/store
export IMMICH_BACKUP_STORE=file://$store
make_library
start_database
program 2 recovery-kit
says err "there is no backup here yet"
program 0 init
program 0 backup
program 0 verify
program 0 recovery-kit --json
json '.complete and .last_verified_ok' true

program 0 recovery-kit
cp "$work/out" "$work/page"
[ "$(wc -l <"$work/page")" -le 72 ] || fail "it is longer than a page: $(wc -l <"$work/page") lines"
[ "$(wc -L <"$work/page")" -le 96 ] || fail "it is wider than a page: $(wc -L <"$work/page") columns"
! grep -qF "$DB_PASSWORD" "$work/page" || fail "the page holds the database's password"
says out "away from the house"
says out "no damage found"
says out "Its folder with manifest.store.json was $store"
says out "A copy of machine.key"
says out "init --new-machine-key --sign"

# Without Docker: the program of the package, with the key that the page has.
key=$(grep -o '^ed25519:[0-9a-f]*' "$work/page")
sed -n '/^  immich-backup restore /,/--yes$/p' "$work/page" | sed -e "s|ed25519:\.\.\.|$key|" -e "s|/srv/immich/library|$work/by-package|" >"$work/typed"
mkdir "$work/bin" "$work/home" "$work/srv"
ln -s "$IMMICH_BACKUP" "$work/bin/immich-backup"
env -i PATH="$work/bin:$PATH" HOME="$work/home" TMPDIR="$work" bash -euo pipefail "$work/typed" >"$work/out" 2>"$work/err" ||
  fail "the page's restore without Docker failed: $(cat "$work/typed" "$work/out")"
rm "$work/bin/immich-backup"
diff -r --exclude=.immich "$library/upload" "$work/by-package/upload" || fail "other files came back without Docker"

# The worst day: a machine with an empty home and no settings, where somebody types the page with other folders. Docker is stood in for by what it does
# with these words: files under other names, an environment of its own, one program. tests/deploy/02-image.sh types the page with containers.
cat >"$work/bin/docker" <<'SH'
#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
  "logs -f") exec cat "$STAND_IN/$3.log" ;;
  "compose up") [ -s .env ] && [ -s docker-compose.yml ] && exit ;;
esac
shift
words=() environment=() name=none maps=()
while [ "${1:0:1}" = - ]; do
  case $1 in
    -d | --rm) ;;
    --name) name=$2 && shift ;;
    --user) shift ;;
    --network) shift ;;
    -e) environment+=("$2") && shift ;;
    --env-file) mapfile -O "${#environment[@]}" -t environment <"$2" && shift ;;
    -v)
      host=${2%%:*} inside=${2#*:}
      case $host in /*) ;; *) host=$STAND_IN/$host ;; esac
      mkdir -p "$([ -e "$host" ] && echo "$STAND_IN" || echo "$host")"
      maps+=("s,\(^\|[=/]\)${inside%%:*}\(/\|$\),\1$host\2,")
      shift
      ;;
    *) echo "an option that was not expected: $1" >&2 && exit 1 ;;
  esac
  shift
done
echo "$1" >>"$STAND_IN/images"
shift
mapped() { sed -e "$(printf '%s\n' "${maps[@]}")" <<<"$1"; }
for word in "$@"; do words+=("$(mapped "$word")"); done
for i in "${!environment[@]}"; do environment[i]=$(mapped "${environment[i]}"); done
env -i PATH="$PATH" TMPDIR="$STAND_IN" "${environment[@]}" $OTHERWISE "$IMMICH_BACKUP" "${words[@]}" >"$STAND_IN/$name.log" 2>&1 ||
  { cat "$STAND_IN/$name.log" >&2 && exit 1; }
SH
printf '#!/bin/sh\necho "$2" >>"$STAND_IN/urls"\necho services: >docker-compose.yml\n' >"$work/bin/curl"
chmod +x "$work/bin/docker" "$work/bin/curl"

# typed PAGE: what a person types of it, in one shell.
typed() {
  sed -n '/^THE WORST DAY/,$p' "$1" | sed -n '/^  docker run -d/,/docker logs/p;/^  cd /,/^  END/p;/^  docker compose/,/^  docker compose/p' |
    sed -e "s|/srv/immich|$work/srv|g" -e 's/^  END/END/' -e '/<<END/,/^END/s/^  //'
}
type_in() { # PAGE
  typed "$1" >"$work/typed"
  rm -rf "$work/stand-in"
  mkdir "$work/stand-in"
  env -i PATH="$work/bin:$PATH" HOME="$work/home" IMMICH_BACKUP="$IMMICH_BACKUP" STAND_IN="$work/stand-in" OTHERWISE="$otherwise" \
    bash -euo pipefail "$work/typed" >"$work/out" 2>"$work/err" || fail "a command of the page failed: $(cat "$work/typed" "$work/out")"
}
otherwise="DB_PORT=$DB_PORT DB_PASSWORD=$DB_PASSWORD DB_DATABASE_NAME=immich_again"

# Immich 3.1 restores the dump itself.
grep -q 'on its first page' "$work/page" || fail "the page does not tell of Immich's own restore"
! grep -q restore-database "$work/page" || fail "two ways to restore one database"
type_in "$work/page"
diff -r --exclude=.immich "$library/upload" "$work/srv/library/upload" || fail "other files came back"
dump=("$work"/srv/library/backups/restored-*-v3.1.0-dump.sql.gz)
[ -s "${dump[0]}" ] || fail "Immich finds no dump: $(ls "$work/srv/library/backups")"
grep -qx 'https://github.com/immich-app/immich/releases/download/v3.1.0/docker-compose.yml' "$work/stand-in/urls" || fail "another release: $(cat "$work/stand-in/urls")"
grep -qx 'IMMICH_VERSION=v3.1.0' "$work/srv/.env" || fail "another version: $(cat "$work/srv/.env")"
grep -qxE 'DB_PASSWORD=[a-z0-9]{20}' "$work/srv/.env" || fail "no password: $(cat "$work/srv/.env")"
[ "$(sort -u "$work/stand-in/images")" = "ghcr.io/immich-backup/immich-backup:$(cat VERSION)" ] || fail "another image"

# One before 2.5 does not.
query "UPDATE version_history SET version = '2.4.1' WHERE version = '3.1.0'" >"$work/out"
program 0 backup
program 2 recovery-kit --image "immich-backup; reboot"
program 0 recovery-kit --image immich-backup
says out "docker load -i FILE"
! grep -q 'cannot fetch it' "$work/out" || fail "it sends people to a registry that has no such image"
program 0 recovery-kit --image registry.example/immich-backup@sha256:0123abcd
cp "$work/out" "$work/page"
grep -q 'releases/download/v2.4.1/' "$work/page" || fail "another release"
grep -q 'where step 3 cannot fetch it' "$work/page" || fail "it does not tell where the image is"
[ "$(wc -l <"$work/page")" -le 72 ] || fail "it is longer than a page: $(wc -l <"$work/page") lines"
rm -rf "$work/srv" && mkdir "$work/srv"
query 'CREATE DATABASE immich_again' >"$work/out"
type_in "$work/page"
diff -r --exclude=.immich "$library/upload" "$work/srv/library/upload" || fail "other files came back"
[ "$(query 'SELECT count(*) FROM asset')" = "$(DB_DATABASE_NAME=immich_again query 'SELECT count(*) FROM asset')" ] ||
  fail "other rows came back"
[ "$(cat "$work/stand-in/images" | sort -u)" = registry.example/immich-backup@sha256:0123abcd ] || fail "another image"

# Of a store that nobody signs, a restore puts no dump where Immich would run it: the page has restore-database, and it brings the rows.
query "UPDATE version_history SET version = '3.1.0' WHERE version = '2.4.1'" >"$work/out"
export IMMICH_BACKUP_STORE=file://$disk/unsigned
program 0 init --unsigned
program 0 backup
program 0 recovery-kit
cp "$work/out" "$work/page"
! grep -q 'on its first page' "$work/page" || fail "the page sends people to a dump that is not there"
! grep -q 'machine.key' "$work/page" || fail "the page speaks of a key that this store has not"
rm -rf "$work/srv" && mkdir "$work/srv"
query 'DROP DATABASE immich_again' >"$work/out"
query 'CREATE DATABASE immich_again' >"$work/out"
type_in "$work/page"
diff -r --exclude=.immich "$library/upload" "$work/srv/library/upload" || fail "other files came back"
[ "$(query 'SELECT count(*) FROM asset')" = "$(DB_DATABASE_NAME=immich_again query 'SELECT count(*) FROM asset')" ] ||
  fail "other rows came back"
[ -z "$(find "$work/srv/library/backups" -name 'restored-*')" ] || fail "a dump that nobody has signed lies where Immich would run it"

# For a bucket, the page tells how the owner signs in and how to set up the new cluster. It quotes a
# prefix with an odd name.
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE="gs://photos/anna's photos"
program 2 backup --no-database
eval "program 0 $(grep -o 'init --store .*' "$work/err") --no-database"
program 0 backup --no-database
program 0 recovery-kit
says out "This restore point has no database"
says out "console.cloud.google.com"
says out "-e GCS_BUCKET='photos/anna'\\''s photos'"
says out "--from-literal=GCS_BUCKET='photos/anna'\\''s photos' --from-file=GCS_CREDENTIALS=reader.json"
says out "never: run \`immich-backup verify-restore\`"
says out "outside Google's network"
[ "$(wc -l <"$work/out")" -le 80 ] || fail "it is longer than a page: $(wc -l <"$work/out") lines"
# What it names of the manifests is there.
for name in $(grep -oE 'cronjob/[a-z-]+' "$work/out"); do
  grep -rqx "  name: ${name#*/}" components/immich/resources || fail "there is no $name"
done
for folder in $(grep -oE 'components/immich/[a-z/-]+' "$work/out"); do
  [ -d "$folder" ] || fail "there is no $folder"
done
says out cronjob/immich-restore-database
