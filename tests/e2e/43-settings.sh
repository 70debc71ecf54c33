#!/usr/bin/env bash
# The config files in their usual places, and what `config` says of the settings: where each comes from, and no secret.
. "$(dirname "$0")/lib.sh"
[ ! -e /etc/immich-backup/config.toml ] || skip "this machine has settings of its own"

unset IMMICH_BACKUP_CONFIG LIBRARY_PATH IMMICH_BACKUP_STORE CURL_CA_BUNDLE
mkdir -p "$keys/immich-backup"
config=$keys/immich-backup/config.toml
make_media_root
echo photo >"$library/upload/a.jpg"
printf 'library = "%s"\nstore = "file://%s"\nno-database = true\nworkers = 3\n' "$library" "$store" >"$config"

# A backup from nothing but the file.
program 0 init
program 0 backup
cmp "$library/upload/a.jpg" "$store/library/upload/a.jpg" || fail "the backup did not do what the file says"
program 0 config get library
says out "$library"
IMMICH_BACKUP_WORKERS=5 program 0 config show --json
json '.settings[] | select(.name == "workers") | .values[0], .from' $'5\nIMMICH_BACKUP_WORKERS in the environment'
json '.settings[] | select(.name == "store") | .from' "$config:2: store"
program 0 config show
says out "$config"
IMMICH_BACKUP_STOER=x program 0 backup
says err "warning: IMMICH_BACKUP_STOER in the environment is no setting, and is ignored. Did you mean IMMICH_BACKUP_STORE?"

# No other file is read where one is named.
program 2 status --config /dev/null
says err "store"

# No secret is shown, however it is written.
secrets=(geheim1 geheim2 geheim3 geheim4 geheim5 geheim6 geheim7)
export DB_PASSWORD=geheim1 DB_URL=postgresql://immich:geheim2@db.example/immich DRILL_DB_URL="postgresql://a:geheim3/x@db" \
  IMMICH_BACKUP_PING=https://hc.example/geheim4 IMMICH_BACKUP_WEBHOOK="https://u:geheim5@hook.example?key=geheim5" \
  IMMICH_BACKUP_MAIL_PASSWORD=geheim6 IMMICH_BACKUP_MAIL_SERVER=smtps://u:geheim7@mail.example
for words in "show" "show --json" "check"; do
  # shellcheck disable=SC2086  # two words
  program 0 config $words
  for secret in "${secrets[@]}"; do ! grep -q "$secret" "$work/out" "$work/err" || fail "config $words shows $secret"; done
done
program 0 config show
says out hc.example
says out db.example
for name in db-password db-url ping webhook mail-password mail-server; do
  program 2 config get "$name"
  for secret in "${secrets[@]}"; do ! grep -q "$secret" "$work/out" "$work/err" || fail "config get $name shows $secret"; done
done
IMMICH_BACKUP_MAIL_SERVER=smtps://mail.example program 0 config show
says out smtps://mail.example
# An address with a password in it is refused, and not repeated.
unset IMMICH_BACKUP_PING IMMICH_BACKUP_WEBHOOK
program 2 backup
says err "IMMICH_BACKUP_MAIL_SERVER"
! grep -q geheim "$work/out" "$work/err" || fail "the refusal shows a secret"
unset DB_PASSWORD DB_URL DRILL_DB_URL IMMICH_BACKUP_MAIL_PASSWORD IMMICH_BACKUP_MAIL_SERVER

# What is wrong is named with its place, and nothing is done.
echo 'keep-last = "many"' >>"$config"
program 2 config check
says err "$config:5: keep-last"
echo 'libary = "/x"' >"$config"
program 2 backup
says err "$config:1"
says err "Did you mean library?"
program 2 config --config /dev/null
says err "show, check, get NAME or template"

# Whoever may not read the file is told so, and no other settings are taken in its place.
[ "$(id -u)" -eq 0 ] || exit 0
chmod 755 "$keys" "$keys/immich-backup"
chmod 600 "$config"
! setpriv --reuid 65534 --regid 65534 --clear-groups "$IMMICH_BACKUP" status >"$work/out" 2>"$work/err" || fail "it goes on without a file that it may not read"
says err "--config /dev/null names none"
