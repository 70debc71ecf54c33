#!/usr/bin/env bash
# Google's own code keeps the emulator honest and reads what this program wrote: npm's @google-cloud/storage, and the
# gcloud CLI where it is installed. Skipped (77) without node and npm, or where npm cannot fetch the client.
. "$(dirname "$0")/lib.sh"

skip() { echo "skipped: $*"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || skip "there is no node and npm"
cp -r tests/emulator-peers "$work/peers"
(cd "$work/peers" && npm ci --no-audit --no-fund --silent >"$work/npm" 2>&1) || skip "npm cannot fetch @google-cloud/storage: $(tail -n 1 "$work/npm")"

start_emulator --bucket peers --bucket photos

(cd "$work/peers" && node peer.mjs "$url" peers) || fail "Google's client and the emulator disagree"

# What we wrote, as Google's client reads it: names, sizes, CRC32Cs and bytes.
make_library
dd if=/dev/urandom of="$library/upload/large.mov" bs=1M count=20 status=none # more than one request takes
export STORAGE_EMULATOR_HOST=$url
program 0 backup --no-database --store gs://photos/home
STORAGE_EMULATOR_HOST='' curl -sf "$url/storage/v1/b/photos/o?prefix=home/library/" |
  jq -j '.items[] | "read\u0000", .name, "\u0000", .size, "\u0000", .crc32c, "\u0000"' >"$work/objects"
[ "$(tr -cd '\000' <"$work/objects" | wc -c)" -gt 100 ] || fail "no objects to read"
unset STORAGE_EMULATOR_HOST
(cd "$work/peers" && xargs -0 node peer.mjs "$url" photos <"$work/objects") >"$work/out" || { cat "$work/out"; fail "Google's client does not read what we wrote"; }

if command -v gcloud >/dev/null; then
  bash "$work/peers/gcloud.sh" "$url" peers || fail "gcloud and the emulator disagree"
else
  echo "gcloud is not installed: not tried"
fi
