#!/usr/bin/env bash
# A thief with the backup's credential knows to whom an encrypted store is encrypted: its marker says so. What he plants is named,
# by the machine that backs up and by the owner, and nothing of it counts.
. "$(dirname "$0")/lib.sh"
needs age age-keygen jq

make_library
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
age-keygen -o "$keys/owner.txt" 2>/dev/null
IMMICH_BACKUP_ENCRYPT_TO=$(age-keygen -y "$keys/owner.txt")
export IMMICH_BACKUP_ENCRYPT_TO
program 0 init --no-database --identity "$keys/owner.txt" --json
key=$(jq -r .public_key "$work/out")
program 0 backup --no-database --json
point=$(jq -r .restore_point "$work/out")
newest=$(jq -r .manifest.object "$work/out")
newest=${newest%.db}

address() { echo "$url/storage/v1/b/photos/o/$(jq -rn --arg name "$1" '$name | @uri')"; }
metadata() { curl -sf "$(address "$1")" | jq -c '.metadata // {}'; }
fetch() { curl -sf "$(address "$1")?alt=media" -o "$2"; }
plant() { # NAME FILE [METADATA]
  {
    printf -- '--b\r\ncontent-type: application/json\r\n\r\n'
    jq -n --arg name "$1" --argjson metadata "${3:-null}" '{$name, $metadata}'
    printf -- '\r\n--b\r\ncontent-type: application/octet-stream\r\n\r\n'
    cat "$2"
    printf -- '\r\n--b--\r\n'
  } >"$work/body"
  curl -sf -H 'content-type: multipart/related; boundary=b' --data-binary @"$work/body" \
    "$url/upload/storage/v1/b/photos/o?uploadType=multipart&ifGenerationMatch=0" >"$work/reply" || fail "cannot plant $1"
}
sealed() { age -r "$IMMICH_BACKUP_ENCRYPT_TO" >"$1"; }
later() { date -u -d "${point/T/ } + $1 seconds" +manifest-%Y%m%dT%H%M%SZ; }
# is_set_aside NAME REASON: by the machine, and by the owner who reads elsewhere. Both restore the honest state.
is_set_aside() {
  program 3 status
  says out "$1"
  says out "$2"
  says out "$point"
  XDG_CONFIG_HOME=$keys/reader IMMICH_BACKUP_TRUSTED_KEY=$key program 3 status --identity "$keys/owner.txt" --json
  json .restores "$point"
  rm -rf "$target"
  program 0 restore --target "$target" --identity "$keys/owner.txt"
  demo/fingerprint library "$target" | diff - "$work/before" || fail "the library differs"
  curl -sf -X DELETE "$(address "${3:-$1}")" || fail "cannot remove $1"
}
demo/fingerprint library "$library" >"$work/before"

# A restore point that has no files: plain, sealed to the owner, and sealed with metadata of his own.
printf '{"document": "restore point", "time": "2030-01-01T00:00:00Z"}' >"$work/point.json"
plant "$(later 1).json" "$work/point.json"
is_set_aside "$(later 1).json" "not encrypted"
sealed "$work/point.age" <"$work/point.json"
plant "$(later 2).json.age" "$work/point.age"
is_set_aside "$(later 2).json" "not signed" "$(later 2).json.age"
plant "$(later 3).json.age" "$work/point.age" "$(printf '{"run": "r", "verdict": "complete", "generation": "9"}' | age -r "$IMMICH_BACKUP_ENCRYPT_TO" |
  base64 -w0 | tr -d = | jq -R '{age: .}')"
is_set_aside "$(later 3).json" "not signed" "$(later 3).json.age"

# Honest objects under later names: they open, and their signature is for another name.
fetch "$newest.json.age" "$work/honest"
plant "$(later 4).json.age" "$work/honest" "$(metadata "$newest.json.age")"
is_set_aside "$(later 4).json" "its signature is not for what it says" "$(later 4).json.age"
fetch "$newest.db.age" "$work/honest"
plant "$(later 5).db.age" "$work/honest" "$(metadata "$newest.db.age")"
is_set_aside "$(later 5).db" "its signature is not for what it says" "$(later 5).db.age"

# Keys of his own, to which the next backup would encrypt its manifests.
age-keygen -o "$work/thief.txt" 2>/dev/null
jq -n --arg identity "$(grep AGE-SECRET "$work/thief.txt")" --arg store "$(curl -sf "$(address manifest.store.json)?alt=media" | jq -r .id)" \
  '{document: "store keys", $store, names: ("00" * 32), documents: [$identity], signature: ("ed25519:" + ("11" * 32) + " " + ("22" * 64))}' |
  sealed "$work/keys.age"
plant "$(later 6 | sed 's/manifest-/manifest.keys-/').age" "$work/keys.age" "$(base64 -w0 "$work/keys.age" | tr -d = | jq -R '{"store-keys": .}')"
echo new >"$library/upload/new.txt"
program 0 backup --no-database --json
json .result ok
json .uploaded.objects 1
curl -sf "$url/storage/v1/b/photos/o?prefix=manifest-" | jq -r '.items[].name' | while IFS= read -r name; do
  fetch "$name" "$work/object"
  if age -d -i "$work/thief.txt" "$work/object" >/dev/null 2>&1; then fail "the thief opens $name"; fi
  age -d -i "$keys/owner.txt" "$work/object" >/dev/null || fail "the owner does not open $name"
done
# For the owner who has lost the machine key as well, they are still a stranger's.
rm -rf "$target"
XDG_CONFIG_HOME=$keys/reader IMMICH_BACKUP_TRUSTED_KEY=$key program 0 restore --target "$target" --identity "$keys/owner.txt"
rm "$library/upload/new.txt"
[ -f "$target/upload/new.txt" ] || fail "the new file was not restored"
XDG_CONFIG_HOME=$keys/other program 0 init --no-database --new-machine-key --sign --identity "$keys/owner.txt"
XDG_CONFIG_HOME=$keys/other program 0 backup --no-database --json
json .uploaded.objects 0
curl -sf "$url/storage/v1/b/photos/o?prefix=manifest-" | jq -r '.items[].name' | while IFS= read -r name; do
  fetch "$name" "$work/object"
  if age -d -i "$work/thief.txt" "$work/object" >/dev/null 2>&1; then fail "the thief opens $name"; fi
done

# What a killed run has stored, and was damaged before any manifest names it. Nobody here can decrypt it, and it says of itself
# what the file holds.
export IMMICH_BACKUP_STORE=file://$store
head -c 20000000 /dev/urandom >"$library/upload/0.mp4"
mkdir "$library/upload/many"
seq 1 3000 | (cd "$library/upload/many" && while read -r n; do echo "$n" >"$n.jpg"; done)
program 0 init --no-database --unproven
setsid "$IMMICH_BACKUP" backup --no-database >/dev/null 2>&1 &
pid=$!
until [ -n "$(find "$store/library" -name '*.age' -size +19M -print -quit 2>/dev/null)" ]; do
  kill -0 "$pid" 2>/dev/null || fail "it ended before it could be killed"
  read -rt 0.01 <> <(:) || true
done
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
find "$store/library" -name '*.age' >"$work/killed"
while IFS= read -r object; do damage "$object" $(($(stat -c %s "$object") - 1)); done <"$work/killed"
program 0 backup --no-database --json
json .result ok
demo/fingerprint library "$library" >"$work/sent"
restores_all() {
  rm -rf "$target"
  program 0 restore --target "$target" --identity "$keys/owner.txt"
  demo/fingerprint library "$target" | diff - "$work/sent" || fail "the library differs"
}
restores_all
# Nor does who has lost the manifests take them for what they say.
rm "$store"/manifest-* "$store"/manifest.db* "$store"/manifest.json*
program 3 rebuild-manifest
says out "does not hold what was stored and is not taken up"
program 0 backup --no-database --json
json .uploaded.objects 0
restores_all
