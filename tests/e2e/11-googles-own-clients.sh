#!/usr/bin/env bash
# Google's own clients work with the emulator and read what this program wrote:
# @google-cloud/storage from npm, and the gcloud CLI if it is installed. Skipped (77) without node
# and npm, or if npm cannot fetch the client.
. "$(dirname "$0")/lib.sh"

needs node npm
cp -r tests/emulator-peers "$work/peers"
(cd "$work/peers" && npm ci --no-audit --no-fund --silent >"$work/npm" 2>&1) || skip "npm cannot fetch @google-cloud/storage: $(tail -n 1 "$work/npm")"

start_emulator --bucket peers --bucket photos

(cd "$work/peers" && node peer.mjs "$url" peers) || fail "Google's client and the emulator disagree"

# Google's client reads what this program wrote: names, sizes, CRC32Cs and bytes.
make_library
dd if=/dev/urandom of="$library/upload/large.mov" bs=1M count=20 status=none # needs more than one request
export STORAGE_EMULATOR_HOST=$url
program 0 init --no-database --store gs://photos/home
program 0 backup --no-database --store gs://photos/home
curl -sf "$url/storage/v1/b/photos/o?prefix=home/library/" |
  jq -j '.items[] | "read\u0000", .name, "\u0000", .size, "\u0000", .crc32c, "\u0000"' >"$work/objects"
[ "$(tr -cd '\000' <"$work/objects" | wc -c)" -gt 100 ] || fail "no objects to read"
unset STORAGE_EMULATOR_HOST
(cd "$work/peers" && xargs -0 node peer.mjs "$url" photos <"$work/objects") >"$work/out" || { cat "$work/out"; fail "Google's client does not read what we wrote"; }

# The manifest is stored in gzip. Google's client, and curl without Accept-Encoding, get it as plain
# SQLite.
manifest=home/$(curl -sf "$url/storage/v1/b/photos/o/home%2Fmanifest.json?alt=media" | jq -r .manifest.object)
sha256=$(curl -sf "$url/storage/v1/b/photos/o/home%2Fmanifest.json?alt=media" | jq -r .manifest.sha256)
(cd "$work/peers" && node peer.mjs "$url" photos plain "$manifest" "$sha256" - plain home/manifest.db "$sha256" -) >"$work/out" ||
  { cat "$work/out"; fail "Google's client does not read the manifest as plain SQLite"; }
curl -sf "$url/storage/v1/b/photos/o/home%2Fmanifest.db?alt=media" -o "$work/manifest.db"
[ "$(sqlite3 -readonly "$work/manifest.db" 'PRAGMA integrity_check')" = ok ] || fail "curl does not get plain SQLite"
[ "$(sha256sum <"$work/manifest.db" | cut -d' ' -f1)" = "$sha256" ] || fail "curl gets other bytes"

if command -v gcloud >/dev/null; then
  bash "$work/peers/gcloud.sh" "$url" peers || fail "gcloud and the emulator disagree"
else
  echo "gcloud is not installed: not tried"
fi
