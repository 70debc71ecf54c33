#!/usr/bin/env bash
# The page of `serve` in a real browser: log in, look, back up, find damage, log out.
. "$(dirname "$0")/lib.sh"
npm_packages page
needs unzip
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "chromium is not installed"

make_library
# A name that would be a script, were it markup. Its content is its own, so that it has an object of its own.
photo=$(find "$library/upload" -type f -name '*.jpg' | sort | head -n 1)
start_database
name='/upload/<img src=x onerror="window.wasRun=1">.jpg'
{ cat "$photo" && echo another; } >"$library$name"
# An album, a photo of the locked folder, and one that a browser can show: a GIF of one pixel, whatever its name is.
shown=$library$(pg psql -X -q -A -t -c "SELECT substr(\"originalPath\", 6) FROM asset WHERE \"originalFileName\" = 'IMG_0037.jpg'")
printf 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' | base64 -d >"$shown"
pg psql -X -q -v ON_ERROR_STOP=1 <<SQL
UPDATE asset SET visibility = 'locked' WHERE "originalFileName" = 'IMG_0036.jpg';
UPDATE asset SET checksum = decode('$(sha1sum "$shown" | cut -d' ' -f1)', 'hex'), "originalFileName" = 'shown.jpg' WHERE "originalFileName" = 'IMG_0037.jpg';
INSERT INTO album_asset ("albumId", "assetId") SELECT album.id, asset.id FROM album, asset
  WHERE "albumName" = 'Summer' AND "originalFileName" IN ('IMG_0001.HEIC', 'shown.jpg', 'IMG_0036.jpg', 'IMG_0038.jpg');
SQL
"$IMMICH_BACKUP" init >/dev/null 2>&1
stop_what_runs() { kill ${serve:-} 2>/dev/null || true; wait ${serve:-} 2>/dev/null || true; }
# A drill that reads everything back finds the damage.
IMMICH_BACKUP_SAMPLE=1000000 IMMICH_BACKUP_STATE=$work/state "$IMMICH_BACKUP" serve --listen 127.0.0.1:0 >"$work/out" 2>"$work/err" &
serve=$!
for _ in {1..100}; do ! grep -q "the page is at" "$work/err" || break; sleep 0.1; done
url=$(sed -n 's/.*the page is at //p' "$work/err")
[ -n "$url" ] || fail "there is no page"
[ "$(stat -c %a "$work/state/web-password")" = 600 ] || fail "others may read the password"
! grep -qF "$(cat "$work/state/web-password")" "$work/err" || fail "the log has the password"
[ "$(curl -s "${url}healthz")" = ok ] || fail "it is not well"

# What the page has claimed is restored and compared: each original that the database names, at its path. Then a photo is damaged.
pg psql -X -q -A -t -0 -c "SELECT substr(\"originalPath\", length('/data') + 1) FROM asset" >"$work/originals"
cat >"$work/damage" <<SH
set -eu
'$IMMICH_BACKUP' restore --target '$target' --yes >'$work/restored' 2>&1
count=0
while IFS= read -r -d '' path; do
  cmp "$library\$path" "$target\$path"
  count=\$((count + 1))
done <'$work/originals'
grep -q "^\$count of \$count originals would come back" '$work/sentence'
printf x | dd of='$store/library$name' bs=1 seek=20 conv=notrunc status=none
SH
(cd "$npm" && node try.mjs "$url" "$(cat "$work/state/web-password")" "$browser" "$work") >"$work/out" 2>&1 || fail "$(cat "$work/out")"

# What was downloaded is what a restore brings of the album, without the locked photo.
cmp "$shown" "$work/photo.jpg"
mkdir "$work/album"
unzip -q "$work/album.zip" -d "$work/album"
[ "$(find "$work/album" -type f | wc -l)" -eq 5 ] || fail "the album's ZIP file has $(ls "$work/album")"
cmp "$shown" "$work/album/shown.jpg"
for name in IMG_0001.HEIC IMG_0038.jpg IMG_0001.MOV; do
  cmp "$library$(pg psql -X -q -A -t -c "SELECT substr(\"originalPath\", 6) FROM asset WHERE \"originalFileName\" = '$name'")" "$work/album/$name"
done
