#!/usr/bin/env bash
# Notices by mail, with a mail server: what arrives, what is refused, and that no password leaves without TLS.
. "$(dirname "$0")/lib.sh"
needs socat
/usr/bin/python3 -c 'import aiosmtpd' || fail "no mail server: scripts/packages test installs python3-aiosmtpd"

make_media_root
echo photo >"$library/upload/a.jpg"
export IMMICH_BACKUP_NO_DATABASE=1
program 0 init
password='geheim "1" ü'
wire=$(printf '\0%s\0%s' me "$password" | base64) # as AUTH PLAIN sends it
printf '%s\n' "$password" >"$work/password"
tests/support/certificates "$work/tls" DNS:mail.example.org
tests/support/certificates "$work/other-tls" DNS:mail.example.org

# The servers are on this machine. The program finds them by a name, as it would elsewhere.
wrapper=$(find /usr/lib -name libnss_wrapper.so -print -quit)
[ -n "$wrapper" ] || fail "no libnss_wrapper.so: scripts/packages test installs libnss-wrapper"
echo '127.0.0.1 mail.example.org' >"$work/hosts"
cat >"$work/immich-backup" <<END
#!/bin/sh
export NSS_WRAPPER_HOSTS='$work/hosts' LD_PRELOAD='$wrapper' ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
exec '$IMMICH_BACKUP' "\$@"
END
chmod +x "$work/immich-backup"
IMMICH_BACKUP=$work/immich-backup

stop_what_runs() { kill ${server:-} ${silent:-} ${serve:-} 2>/dev/null || true; }
# start_server ARGUMENT...: a new one, with an empty $mails, at $host.
start_server() {
  kill ${server:-} 2>/dev/null && wait "$server" 2>/dev/null || true
  mails=$work/mails
  rm -rf "$mails"
  tests/support/mail-server "$mails" --certificates "$work/tls" "$@" 2>"$work/server" &
  server=$!
  for _ in {1..300}; do [ ! -e "$mails/port" ] || break; kill -0 "$server" || break; sleep 0.1; done
  [ -e "$mails/port" ] || fail "the mail server does not start: $(cat "$work/server")"
  host=mail.example.org:$(cat "$mails/port")
  export IMMICH_BACKUP_MAIL_SERVER=smtp://$host
}
with_login=(--user me --password "$password")
mails_are() { # COUNT
  local count
  count=$(find "$mails" -name '*.eml' | wc -l)
  [ "$count" -eq "$1" ] || fail "$count mails, not $1: $(cat "$mails"/*.eml "$work/server")"
}
# mail N FILTER VALUE: jq's FILTER on what Python's parser reads.
mail() {
  local got
  got=$(jq -r "$2" "$mails/$1.json")
  [ "$got" = "$3" ] || fail "$2 of mail $1 is '$got', not '$3': $(cat "$mails/$1.eml")"
}
warns() { says err "warning: --mail-server: $host: $1"; }
no_warning() { ! grep warning "$work/err" || fail "it warns"; }
no_secret() { # FILE...
  ! grep -F -e geheim -e "$wire" "$@" || fail "the password is shown"
}

export IMMICH_BACKUP_MAIL_USER=me IMMICH_BACKUP_MAIL_PASSWORD_FILE=$work/password IMMICH_BACKUP_CA_BUNDLE=$work/tls/ca.pem
export IMMICH_BACKUP_MAIL_FROM=backup@example.org IMMICH_BACKUP_MAIL_TO=me@example.org

# After a good backup nobody gets mail, unless always is meant.
start_server --tls starttls "${with_login[@]}"
program 0 backup
mails_are 0
program 0 backup --mail-on always
mails_are 1
mail 1 .headers.subject "immich-backup: backup ok (file://$store)"
no_warning

# A problem: one mail, over TLS and after a login, that any program reads. A stranger's names become no headers, and lines of dots stay.
name=$'café €\nBcc: x@example.net\n.'$(printf '.%.0s' {1..200})
ln -s nowhere "$library/upload/$name"
before=$(date +%s)
program 3 backup
no_warning
mails_are 2
mail 2 '.from, .to[], .tls, .user' $'backup@example.org\nme@example.org\ntrue\nme'
mail 2 '.defects | length' 0
mail 2 '.headers | keys | join(" ")' "auto-submitted content-transfer-encoding content-type date from message-id mime-version subject to"
mail 2 .headers.from "immich-backup <backup@example.org>"
mail 2 .headers.to me@example.org
mail 2 .headers.subject "immich-backup: backup incomplete (file://$store)"
mail 2 '.headers["auto-submitted"]' auto-generated
mail 2 '.headers["content-type"]' 'text/plain; charset="utf-8"'
mail 2 ".date >= $before and .date <= $(date +%s)" true
mail 2 '.text | split("\n")[0] | startswith("backup: incomplete, 1 problem, restore point ")' true
shown=/upload/${name//$'\n'/\\n}
mail 2 ".text | split(\"\\n\")[1] | startswith($(jq -n --arg name "$shown" '$name + ": "')) and endswith(\"(symlink)\")" true
[ "$(jq -r '.headers["message-id"]' "$mails"/*.json | sort -u | wc -l)" -eq 2 ] || fail "two mails have the same Message-ID"
LC_ALL=C grep -qv $'\r$' "$mails/2.eml" && fail "a line does not end with CRLF"
! LC_ALL=C grep -q '[^ -~	'$'\r'']' "$mails/2.eml" || fail "a mail is not ASCII"
no_secret "$work/out" "$work/err" "$mails/log" "$mails"/*.eml
grep -q STARTTLS "$mails/log" || fail "nothing asked for TLS"
! grep -qi -e AUTH -e MAIL "$mails/log" || fail "more than STARTTLS was asked in the clear: $(cat "$mails/log")"

# A subject that is not ASCII, of a run that cannot begin.
program 2 backup --store "file://$work/Fotos für Ömi 📷"
mails_are 3
mail 3 .headers.subject "immich-backup: backup failed (file://$work/Fotos für Ömi 📷)"
mail 3 '.defects | length' 0

# A wrong password: a warning without it, and the exit status of the run.
echo geheim2 >"$work/wrong"
program 3 backup --mail-password-file "$work/wrong"
warns "the server refused the login with status 535"
mails_are 3
no_secret "$work/out" "$work/err"

# TLS from the first byte.
start_server --tls at-once "${with_login[@]}"
IMMICH_BACKUP_MAIL_SERVER=smtps://$host program 3 backup
no_warning
mails_are 1
mail 1 .user me

# A certificate of somebody else, or for another name: nothing is sent.
IMMICH_BACKUP_MAIL_SERVER=smtps://$host program 3 backup --ca-bundle "$work/other-tls/ca.pem"
warns "the server's certificate does not verify"
start_server --tls starttls "${with_login[@]}"
program 3 backup --ca-bundle "$work/other-tls/ca.pem"
warns "the server's certificate does not verify"
echo '127.0.0.1 other.example.org' >>"$work/hosts"
IMMICH_BACKUP_MAIL_SERVER=smtp://other.example.org:${host#*:} program 3 backup
says err "warning: --mail-server: other.example.org:${host#*:}: the server's certificate does not verify"
mails_are 0

# A server without TLS, or somebody between who removes it, asks for the password in vain.
start_server "${with_login[@]}"
program 3 backup
warns "the server offers no TLS (STARTTLS), so nothing was sent"
grep -q EHLO "$mails/log" || fail "it did not get that far"
! grep -qi -e AUTH -e MAIL "$mails/log" || fail "something was sent without TLS: $(cat "$mails/log")"
no_secret "$work/out" "$work/err" "$mails/log"
program 2 backup --mail-without-tls
says err "a password is never sent without TLS"
# Not even this machine gets it.
IMMICH_BACKUP_MAIL_SERVER=smtp://127.0.0.1:${host#*:} program 3 backup
says err "the server offers no TLS"
no_secret "$mails/log"
mails_are 0

# Without a login: in the clear only where somebody says so, and on this machine.
unset IMMICH_BACKUP_MAIL_USER IMMICH_BACKUP_MAIL_PASSWORD_FILE
start_server
program 3 backup
warns "the server offers no TLS (STARTTLS), so nothing was sent"
! grep -qi MAIL "$mails/log" || fail "the mail was sent without TLS"
program 3 backup --mail-without-tls
no_warning
mails_are 1
# A proxy is not asked: it would read the mail, and has a localhost of its own.
ALL_PROXY=http://127.0.0.1:1 IMMICH_BACKUP_MAIL_SERVER=smtp://localhost:${host#*:} program 3 backup
no_warning
mails_are 2

# The server takes one of two recipients, none, or not the sender.
export IMMICH_BACKUP_MAIL_WITHOUT_TLS=true
start_server --refuse gone@example.org=550 --refuse thief@example.org=553
IMMICH_BACKUP_MAIL_TO=me@example.org,gone@example.org program 3 backup
warns "of 2 recipients, the server refused number 2 (status 550)"
mails_are 1
mail 1 '.to | join(" ")' me@example.org
mail 1 .headers.to "me@example.org, gone@example.org"
program 3 backup --mail-to gone@example.org
warns "the server refused the recipient with status 550"
program 3 backup --mail-from thief@example.org
warns "the server refused the sender with status 553"
mails_are 1
! grep -q -e gone@ -e thief@ "$work/err" || fail "a warning names an address"

# What the server refuses for now is tried again.
start_server --refuse-once
program 3 backup
no_warning
mails_are 1

# A reply is lost: nobody knows whether there was mail, so there is another, which a mailbox recognises as the same.
start_server --lose-reply
program 3 backup
says err "warning: --mail-server: $host: "
mails_are 2
diff "$mails/1.eml" "$mails/2.eml" >"$work/out" || fail "the second try sent another mail: $(cat "$work/out")"

# A server that is silent holds nobody up for long: before the mail, and after it.
listen_into /dev/null
silent=$listener
start=$(date +%s)
IMMICH_BACKUP_MAIL_SERVER=smtp://mail.example.org:$port program 3 backup
says err "warning: --mail-server: mail.example.org:$port: no reply in time"
[ $(($(date +%s) - start)) -lt 60 ] || fail "it waited for $(($(date +%s) - start)) seconds"
start_server --silent-at QUIT
start=$(date +%s)
program 3 backup
no_warning
mails_are 1
[ $(($(date +%s) - start)) -lt 40 ] || fail "it waited for $(($(date +%s) - start)) seconds for a goodbye"

# Ctrl-C ends both waits, and changes nothing of what the run says.
ends_with_ctrl_c() { # WHEN: a command that succeeds once it waits
  "$IMMICH_BACKUP" backup >"$work/out" 2>"$work/err" &
  local run=$! start status=0
  for _ in {1..300}; do ! "$1" || break; sleep 0.1; done
  "$1" || fail "it does not wait"
  start=$(date +%s)
  kill -INT "$run"
  wait "$run" || status=$?
  [ "$status" -eq 3 ] || fail "the mail changed the exit status: $status"
  [ $(($(date +%s) - start)) -lt 6 ] || fail "Ctrl-C did not end the wait"
}
has_second_mail() { [ -e "$mails/2.json" ]; }
ends_with_ctrl_c has_second_mail
connections=$(grep -c ' accepting connection' "$work/socat")
has_new_connection() { [ "$(grep -c ' accepting connection' "$work/socat")" -gt "$connections" ]; }
IMMICH_BACKUP_MAIL_SERVER=smtp://mail.example.org:$port ends_with_ctrl_c has_new_connection

# serve tells of a night that did not run.
export IMMICH_BACKUP_STATE=$work/state IMMICH_BACKUP_RANDOM_DELAY=off IMMICH_BACKUP_LISTEN=off
start_server
mkdir -p "$work/state"
printf '{"event":"schedule","job":"backup","schedule":"31 3 * * *","time":"%s"}\n' "$(date -u -d '2 days ago' +%FT%TZ)" >>"$work/state/journal.jsonl"
# The hook's parent is the job.
IMMICH_BACKUP_BEFORE_BACKUP='kill -KILL $PPID' "$IMMICH_BACKUP" serve --schedule '31 3 * * *' --drill-schedule off --verify-schedule off >"$work/out" 2>"$work/err" &
serve=$!
for _ in {1..300}; do [ ! -e "$mails/1.json" ] || break; kill -0 "$serve" || break; sleep 0.1; done
[ -e "$mails/1.json" ] || fail "nobody was told"
kill -TERM "$serve"
wait "$serve" || fail "serve did not end in order"
mail 1 .headers.subject "immich-backup: backup failed (file://$store)"
mail 1 '.text | contains("signal 9 ended it") and contains("(no_run)")' true

# The password is in nothing that stays.
for place in "$store" "$work/state"; do ! grep -r -F -e geheim -e "$wire" "$place" || fail "the password is in $place"; done
