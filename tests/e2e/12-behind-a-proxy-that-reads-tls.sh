#!/usr/bin/env bash
# A proxy has a certificate of a private authority. The program refuses it and says what to do. It
# trusts it if --ca-bundle, CURL_CA_BUNDLE or SSL_CERT_FILE names the authority.
. "$(dirname "$0")/lib.sh"

start_emulator --bucket photos --behind-tls
url=$(tests/support/tls-proxy "$work/tls" "$url") || fail "no proxy"
proxy=$(cat "$work/tls/pid")
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
make_library
dd if=/dev/urandom of="$library/upload/large.mov" bs=1M count=20 status=none # becomes a resumable upload

program 2 restore-points
says err "the server's certificate does not verify"
says err "--ca-bundle"

program 2 --ca-bundle "$work/none.pem" restore-points
says err "the trusted certificates cannot be read"

program 0 init --no-database --ca-bundle "$work/tls/ca.pem"
program 0 backup --no-database --ca-bundle "$work/tls/ca.pem"
CURL_CA_BUNDLE=$work/tls/ca.pem program 0 verify --all
SSL_CERT_FILE=$work/tls/ca.pem program 0 restore --target "$target"
cmp "$library/upload/large.mov" "$target/upload/large.mov" || fail "the large file differs"

# A machine whose clock has stopped is told the time soon, mostly. Until then it waits.
if command -v faketime >/dev/null; then
  faketime -f -400d "$IMMICH_BACKUP" --ca-bundle "$work/tls/ca.pem" restore-points >"$work/out" 2>"$work/err" &
  waiting=$!
  sleep 8
  kill -0 "$waiting" 2>/dev/null || fail "it does not wait for the clock: $(cat "$work/err")"
  kill -TERM "$(pgrep -P "$waiting" -x immich-backup || echo "$waiting")"
  wait "$waiting" && fail "it ended well" || true
  says err "certificate is not valid yet, says this machine's clock"
fi
