#!/usr/bin/env bash
# Follows docs/restore-by-hand.md with exactly its commands: sqlite3, cp, gunzip and psql, without
# the program.
. "$(dirname "$0")/lib.sh"

# block_after TEXT: prints the first code block after the line that contains TEXT, and notes that it was typed.
block_after() {
  awk -v text="$1" -v typed="$work/typed" '
    index($0, text) { found = 1 }
    /^```/ { if (inside) exit; inside = found; if (inside) print NR >>typed; next }
    inside' docs/restore-by-hand.md
}

make_library
start_database
program 0 init
program 0 backup
# The library changes: one file is moved, one is changed, one is removed.
first=$(find "$store" -name 'manifest-*.json' | sort | tail -1)
mkdir -p "$library/library/moved"
some=$(find "$library/library" -name 'DSC*.jpg' | sort | sed -n 1p)
mv "$some" "$library/library/moved/here.jpg"
rm "$(find "$library/library" -name '*.xmp' | sort | sed -n 1p)"
printf 'changed' >"$(find "$library" -name '*.xmp' | sort | sed -n 1p)" # not a photo, whose checksum Immich would know
program 0 backup
# The program's own restores are what the page has to bring: a moved photo lies where the database
# names it, too.
time=$(jq -r .time "$first")
program 0 restore --target "$work/newest"
demo/fingerprint library "$work/newest" >"$work/library.before"
program 0 restore --target "$work/older" --at "$time"
demo/fingerprint library "$work/older" >"$work/library.first"
diff "$work/library.before" "$work/library.first" >"$work/diff" && fail "the two restore points are the same"
pg demo/fingerprint database >"$work/database.before"
rm -rf "$library"
pg psql -X -q -d postgres -c 'DROP DATABASE immich WITH (FORCE)'

mkdir "$work/by-hand"
root=$PWD
read_manifest() { # NAME: follows chapter 2 for this manifest
  (
    cd "$work/by-hand"
    (cd "$root" && block_after 'Save this as `apply.sql`') >apply.sql
    {
      printf 'store=%q\n' "$store"
      (cd "$root" && block_after 'that time with `gcloud storage ls -l`' && block_after 'and make one manifest of the two' && block_after 'Now it can be read') |
        sed -e "s|manifest-20260115T030000Z.db|$1|"
    } >steps.sh
    rm -f manifest.db delta.db
    sh -eu steps.sh >"$work/out" 2>"$work/err" || fail "the steps that read a manifest fail"
  )
  [ ! -s "$work/err" ] || fail "the steps complain"
  says out ok
}
manifest=$work/by-hand/manifest.db
newest=$(find "$store" -name 'manifest-*.db' | sort | tail -1)
[ -n "$(sqlite3 -readonly "$newest" "SELECT value FROM manifest_metadata WHERE key = 'base'")" ] || fail "the second night left no delta"
read_manifest "${newest##*/}"
says out "5.0"
follow() { # LIST-SQL: follows chapters 3 and 4
  (
    cd "$work/by-hand"
    printf '%s\n' "$1" >list.sql
    (cd "$root" && block_after 'Save this as `restore.sh`') | sed "s|cp -- |${copying:-cp} -- |" >restore.sh
    export store target manifest
    {
      printf 'store=%q target=%q manifest=%q\n' "$store" "$target" "$manifest"
      (cd "$root" && block_after 'and run it:' && block_after 'and run it in the same shell')
    } >steps.sh
    sh -eu steps.sh >"$work/out" 2>"$work/err" || fail "the steps fail"
  )
  [ ! -s "$work/err" ] || fail "the steps complain"
}
list=$(block_after 'Save this as `list.sql`')
follow "$list"
demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
[ -f "$target/thumbs/.immich" ] || fail "no markers"
{
  printf 'store=%q target=%q manifest=%q\n' "$store" "$target" "$manifest"
  block_after 'Ownership is not part'
  { block_after '## 2. Choose' && block_after 'Each restore point names' && block_after 'a newer one remembers'; } |
    sed -e "s|manifest-20260110T030000Z.json|$(basename "$first")|"
} >"$work/look.sh"
if [ "$(id -u)" -eq 0 ]; then
  sh -eu "$work/look.sh" >"$work/out" 2>"$work/err" || fail "what is to be looked at is not there"
  [ "$(stat -c %u:%g "$target/upload")" = 1000:1000 ] || fail "the files belong to $(stat -c %u:%g "$target/upload")"
  says out "${newest##*/}"
  says out '"checkpoints"'
  says out "1|1|"
fi

# The earlier state: the manifest that the first restore point names.
read_manifest "$(jq -r .manifest.object "$first")"
says out "it is a full one"
rm -rf "$target"
follow "$list"
demo/fingerprint library "$target" | diff - "$work/library.first" || fail "the library of the first restore point differs"

# The database: chapter 5 with the dump of this store and the server of this test.
dump=$(find "$store/database" -name '*.sql.gz' | sort | tail -1)
(
  cd "$work/by-hand"
  {
    printf 'store=%q\n' "$store"
    (cd "$root" && block_after 'Look up which dump')
    (cd "$root" && block_after 'Unpack it to a file' && block_after 'Dumps empty the search path' && block_after 'Restore into an **empty** database') |
      sed -e "s|2026-01-15T03-00-00-immich-v2.3.1.sql.gz|$(basename "$dump")|" -e '/^export PG/d'
  } >steps.sh
  pg sh -eu steps.sh >"$work/out" 2>"$work/err" || fail "the database steps fail"
)
says out whole
says out "PostgreSQL database dump complete"
says out restored
pg demo/fingerprint database | diff - "$work/database.before" || fail "the database differs"

# Without any manifest, each path comes back with its first content.
rm -rf "$target"
mkdir "$target"
{
  printf 'store=%q target=%q\n' "$store" "$target"
  block_after '## Without any manifest'
} >"$work/without.sh"
sh -eu "$work/without.sh" >"$work/out" 2>"$work/err" || fail "the last step fails"
cmp "$target/${some#"$library"/}" "$work/older/${some#"$library"/}" || fail "a path does not have its first content"

# each_is_typed [TEXT]: no block of the page is left over, but for those that say why, and for those between a line with TEXT and the next heading.
each_is_typed() {
  awk -v typed="$work/typed" -v text="${1:-}" '
    BEGIN { while ((getline line <typed) > 0) is_typed[line] = 1 }
    /^## / { skipped = 0 } text != "" && index($0, text) { skipped = 1 }
    /^```/ { inside = !inside; if (inside && !skipped && !(NR in is_typed) && above !~ /^<!-- not run/) print NR }
    { above = $0 }' docs/restore-by-hand.md >"$work/left"
  [ ! -s "$work/left" ] || fail "blocks of docs/restore-by-hand.md that nobody types, in line $(paste -sd' ' "$work/left")"
}

# A bucket, copied by Google's own program: a night later, with a delta, names that a shell might take for something else, and
# no room for the photos twice.
if ! command -v gcloud >/dev/null; then
  each_is_typed '**A bucket** is copied'
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
{ block_after '**A bucket** is copied' && block_after 'Then unpack the manifests'; } | sed -e '/^gcloud auth login/d' -e "s|/srv/immich-backup|$store|" -e 's|gs://my-immich-backup/prefix|gs://photos/home|' >"$work/copy.sh"
(cd "$work" && sh -eu copy.sh) >"$work/out" 2>"$work/err" || fail "gcloud does not copy the bucket"
newest=$(find "$store" -name 'manifest-*.db' | sort | tail -1)
[ -n "$(sqlite3 -readonly "$newest" "SELECT value FROM manifest_metadata WHERE key = 'base'")" ] || fail "the second night left no delta in the bucket"
read_manifest "${newest##*/}"
copying='cp -l'
follow "$list"
# Files with the same content have one time then, as the page says.
without_times() { sed -E 's/^([0-9a-f]{64} +[0-9]+) +[-0-9.]+ /\1 /' "$@"; }
grep -q . "$work/library.before" || fail "there is nothing to compare"
demo/fingerprint library "$target" | without_times | diff - <(without_times "$work/library.before") || fail "the library from the bucket differs"
[ "$(stat -c %h "$target/upload/odd/new.jpg")" = 2 ] || fail "the photos take their room twice"
each_is_typed
