#!/usr/bin/env bash
# Follows docs/restore-by-hand.md with exactly its commands: sqlite3, cp or age, gunzip and psql, without
# the program.
. "$(dirname "$0")/lib.sh"
needs age age-keygen

# block_after TEXT: prints the first code block after the line that contains TEXT, and notes that it was typed.
block_after() {
  awk -v text="$1" -v typed="$work/typed" '
    index($0, text) { found = 1 }
    /^```/ { if (inside) exit; inside = found; if (inside) print NR >>typed; next }
    inside' docs/restore-by-hand.md
}

make_library
start_database
pg demo/fingerprint database >"$work/database.before"
root=$PWD
owner=$keys/owner.txt
age-keygen -o "$owner" 2>/dev/null

# What is typed before all else: where the store is, and how an object is fetched from it.
begin() {
  printf 'store=%q target=%q\n' "$store" "$target"
  block_after 'All that follows fetches objects'
  if [ "$kind" = encrypted ]; then block_after '**In an encrypted store** the names' | sed "s|/media/key/owner.txt|$owner|"; fi
  block_after 'keep manifests in gzip'
}
read_manifest() { # NAME: follows chapter 2 for this manifest
  begin >"$work/begin"
  (
    cd "$work/by-hand"
    (cd "$root" && block_after 'Save this as `apply.sql`') >apply.sql
    {
      cat "$work/begin"
      (cd "$root" && block_after 'that time with `gcloud storage ls -l`' && block_after 'and make one manifest of the two' && block_after 'Now it can be read') |
        sed -e "s|manifest-20260115T030000Z.db|${1%.age}|"
    } >steps.sh
    rm -f manifest.db delta.db
    sh -eu steps.sh >"$work/out" 2>"$work/err" || fail "the steps that read a manifest fail"
  )
  [ ! -s "$work/err" ] || fail "the steps complain"
  says out ok
}
manifest=$work/by-hand/manifest.db
follow() { # LIST-SQL [TEXT]: follows chapters 3 and 4, with the block after TEXT before them
  begin >"$work/begin"
  (
    cd "$work/by-hand"
    printf '%s\n' "$1" >list.sql
    (cd "$root" && block_after 'Save this as `restore.sh`') >restore.sh
    {
      cat "$work/begin"
      printf 'manifest=%q\n' "$manifest"
      (cd "$root" && { [ -z "${2:-}" ] || block_after "$2"; } && block_after 'and run it:' && block_after 'and run it in the same shell')
    } >steps.sh
    sh -eu steps.sh >"$work/out" 2>"$work/err" || fail "the steps fail"
  )
  [ ! -s "$work/err" ] || fail "the steps complain"
}
list=$(block_after 'Save this as `list.sql`')
full_manifest_of() { # MANIFEST: empty of one that is full itself
  if [ "$kind" = encrypted ]; then age -d -i "$owner" "$1" | gunzip -c >"$work/newest.db"; else cp "$1" "$work/newest.db"; fi
  sqlite3 -readonly "$work/newest.db" "SELECT value FROM manifest_metadata WHERE key = 'base'"
}

for kind in plain encrypted; do
  rm -rf "$store" "$target" "$library" "$XDG_CONFIG_HOME/immich-backup" "$work"/{newest,older,by-hand}
  mkdir "$work/by-hand"
  suffix='' identity=()
  if [ "$kind" = encrypted ]; then
    suffix=.age identity=(--identity "$owner")
    IMMICH_BACKUP_ENCRYPT_TO=$(age-keygen -y "$owner")
    export IMMICH_BACKUP_ENCRYPT_TO
  fi
  make_library
  program 0 init "${identity[@]}"
  program 0 backup
  # The library changes: one file is moved, one is changed, one is removed.
  first=$(find "$store" -name "manifest-*.json$suffix" | sort | tail -1)
  mkdir -p "$library/library/moved"
  some=$(find "$library/library" -name 'DSC*.jpg' | sort | sed -n 1p)
  mv "$some" "$library/library/moved/here.jpg"
  rm "$(find "$library/library" -name '*.xmp' | sort | sed -n 1p)"
  printf 'changed' >"$(find "$library" -name '*.xmp' | sort | sed -n 1p)" # not a photo, whose checksum Immich would know
  program 0 backup
  # The program's own restores are what the page has to bring: a moved photo lies where the database
  # names it, too.
  program 0 restore-points --json
  time=$(jq -r '.restore_points[0].time' "$work/out")
  older=$(jq -r '.restore_points[0].manifest.object' "$work/out")
  program 0 restore --target "$work/newest" "${identity[@]}"
  demo/fingerprint library "$work/newest" >"$work/library.before"
  program 0 restore --target "$work/older" --at "$time" "${identity[@]}"
  demo/fingerprint library "$work/older" >"$work/library.first"
  diff "$work/library.before" "$work/library.first" >"$work/diff" && fail "the two restore points are the same"
  rm -rf "$library"
  pg psql -X -q -d postgres -c 'DROP DATABASE immich WITH (FORCE)'

  newest=$(find "$store" -name "manifest-*.db$suffix" | sort | tail -1)
  [ -n "$(full_manifest_of "$newest")" ] || fail "the second night left no delta"
  read_manifest "${newest##*/}"
  says out "5.0"
  if [ "$kind" = encrypted ]; then
    left=$(sqlite3 -readonly "$manifest" 'SELECT count(*) FROM contents LEFT JOIN encrypted ON content = contents.number LEFT JOIN recipients ON recipients.number = recipients WHERE keys IS NULL')
    [ "$left" = 0 ] || fail "of $left contents nothing tells to whom they are encrypted"
  fi
  follow "$list"
  demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
  [ -f "$target/thumbs/.immich" ] || fail "no markers"
  {
    begin
    [ "$(id -u)" -ne 0 ] || block_after 'Ownership is not part'
    printf 'manifest=%q\n' "$manifest"
    { block_after '## 2. Choose' && block_after 'Each restore point names' && block_after 'a newer one remembers'; } |
      sed -e "s|manifest-20260110T030000Z.json|$(basename "$first" .age)|"
  } >"$work/look.sh"
  (cd "$work/by-hand" && sh -eu "$work/look.sh") >"$work/out" 2>"$work/err" || fail "what is to be looked at is not there"
  [ "$(id -u)" -ne 0 ] || [ "$(stat -c %u:%g "$target/upload")" = 1000:1000 ] || fail "the files belong to $(stat -c %u:%g "$target/upload")"
  says out "${newest##*/}"
  says out '"checkpoints"'
  says out "1|1|"

  # The earlier state: the manifest that the first restore point names.
  read_manifest "$older"
  says out "it is a full one"
  rm -rf "$target"
  follow "$list"
  demo/fingerprint library "$target" | diff - "$work/library.first" || fail "the library of the first restore point differs"

  # The database: chapter 5 with the dump of this store and the server of this test.
  dump=$(find "$store/database" -name "*.sql.gz$suffix" | sort | tail -1)
  {
    begin
    block_after 'Look up which dump'
    { block_after 'Unpack it to a file' && block_after 'Dumps empty the search path' && block_after 'Restore into an **empty** database'; } |
      sed -e "s|2026-01-15T03-00-00-immich-v2.3.1.sql.gz|$(basename "$dump" .age)|" -e '/^export PG/d'
  } >"$work/by-hand/steps.sh"
  (cd "$work/by-hand" && pg sh -eu steps.sh) >"$work/out" 2>"$work/err" || fail "the database steps fail"
  says out "$(basename "$dump")"
  says out whole
  says out "PostgreSQL database dump complete"
  says out restored
  grep -q "\"$(sha256sum <"$work/by-hand/dump.sql.gz" | cut -c1-64)\"" "$work/out" || fail "the restore point has another digest of the dump"
  pg demo/fingerprint database | diff - "$work/database.before" || fail "the database differs"

  # What a page without the identity would leave: files of which each is named, and no photo.
  if [ "$kind" = encrypted ]; then
    rm -rf "$target"
    { begin && printf 'manifest=%q\ncd %q\n. ./restore.sh\n' "$manifest" "$work/by-hand"; } | sed "s|^identity=.*|identity=$keys/stranger.txt|" >"$work/stranger.sh"
    age-keygen -o "$keys/stranger.txt" 2>/dev/null
    sh -u "$work/stranger.sh" >"$work/out" 2>"$work/err" || true
    [ "$(grep -c '^not restored: ' "$work/err")" -eq "$(grep -c '^put ' "$work/by-hand/files.sh")" ] || fail "a file that nothing opens is not named"
    find "$target" -type f -size +0 | grep . && fail "something was restored with a stranger's identity"
    continue
  fi
  # Without any manifest, each path comes back with its first content.
  rm -rf "$target"
  mkdir "$target"
  {
    printf 'store=%q target=%q\n' "$store" "$target"
    block_after '## Without any manifest'
  } >"$work/without.sh"
  sh -eu "$work/without.sh" >"$work/out" 2>"$work/err" || fail "the last step fails"
  cmp "$target/${some#"$library"/}" "$work/older/${some#"$library"/}" || fail "a path does not have its first content"
done
unset IMMICH_BACKUP_ENCRYPT_TO
rm -rf "$XDG_CONFIG_HOME/immich-backup"
kind=plain

# each_is_typed [PATTERN]: no block of the page is left over, but for those that say why, and for those between a line of PATTERN and the next heading.
each_is_typed() {
  awk -v typed="$work/typed" -v text="${1:-}" '
    BEGIN { while ((getline line <typed) > 0) is_typed[line] = 1 }
    /^## / { skipped = 0 } text != "" && $0 ~ text { skipped = 1 }
    /^```/ { inside = !inside; if (inside && !skipped && !(NR in is_typed) && above !~ /^<!-- not run/) print NR }
    { above = $0 }' docs/restore-by-hand.md >"$work/left"
  [ ! -s "$work/left" ] || fail "blocks of docs/restore-by-hand.md that nobody types, in line $(paste -sd' ' "$work/left")"
}

# A bucket, copied by Google's own program: a night later, with a delta, names that a shell might take for something else, and
# no room for the photos twice.
if ! command -v gcloud >/dev/null; then
  each_is_typed '^[*][*]A bucket[*][*] is copied|^If there is no room for the photos twice'
  echo "gcloud is not installed: a bucket was not tried"
  exit
fi
export CLOUDSDK_CONFIG=$work/gcloud CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true CLOUDSDK_CORE_PROJECT=p CLOUDSDK_CORE_DISABLE_PROMPTS=1 \
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=true
library=$work/another
export LIBRARY_PATH=$library
make_library
find "$library" -name "$(printf 'n%.0s' {1..200})*" -delete # gcloud cannot write it, as the page says
mkdir -p "$library/upload/odd"
for name in 'a [1]*?.jpg' "it's \$HOME.jpg" 'a#b%20c;d.jpg' 'ü ü.jpg'; do echo "$name" >"$library/upload/odd/$name"; done
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos/home CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=$url/storage/v1/
program 0 init --no-database
program 0 backup --no-database
echo new >"$library/upload/odd/new.jpg"
program 0 backup --no-database
program 0 restore --target "$work/from-bucket"
demo/fingerprint library "$work/from-bucket" >"$work/library.before"
store=$work/copied target=$work/from-copied
mkdir "$store"
block_after '**A bucket** is copied' | sed -e '/^gcloud auth login/d' -e "s|/srv/immich-backup|$store|" -e 's|gs://my-immich-backup/prefix|gs://photos/home|' >"$work/copy.sh"
(cd "$work" && sh -eu copy.sh) >"$work/out" 2>"$work/err" || fail "gcloud does not copy the bucket"
newest=$(find "$store" -name 'manifest-*.db' | sort | tail -1)
read_manifest "${newest##*/}"
! grep -qx 'it is a full one' "$work/out" || fail "the second night left no delta in the bucket"
follow "$list" 'If there is no room for the photos twice'
# Files with the same content have one time then, as the page says.
without_times() { sed -E 's/^([0-9a-f]{64} +[0-9]+) +[-0-9.]+ /\1 /' "$@"; }
grep -q . "$work/library.before" || fail "there is nothing to compare"
demo/fingerprint library "$target" | without_times | diff - <(without_times "$work/library.before") || fail "the library from the bucket differs"
[ "$(stat -c %h "$target/upload/odd/new.jpg")" = 2 ] || fail "the photos take their room twice"
each_is_typed
