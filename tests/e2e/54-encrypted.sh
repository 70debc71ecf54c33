#!/usr/bin/env bash
# An encrypted store, in a folder and in a bucket: what a restore brings, what lies there for all to see, and what each command
# does with the machine key alone.
. "$(dirname "$0")/lib.sh"
needs age age-keygen perl jq

owner=$keys/owner.txt spouse=$keys/spouse.txt stranger=$keys/stranger.txt
for identity in "$owner" "$spouse" "$stranger"; do age-keygen -o "$identity" 2>/dev/null; done
to=$(age-keygen -y "$owner"),$(age-keygen -y "$spouse")

# everything FOLDER: the bytes, names and metadata of all that is stored, as files.
everything() {
  rm -rf "$1"
  mkdir "$1"
  if [[ $IMMICH_BACKUP_STORE == file://* ]]; then
    cp -r "$store" "$1/store"
    (cd "$store" && find . && /usr/bin/python3 -c '
import os
for folder, _, files in os.walk("."):
  for name in files:
    path = os.path.join(folder, name)
    print(path, {key: os.getxattr(path, key) for key in os.listxattr(path)})') >"$1/names"
    return
  fi
  local page='' name
  while :; do
    curl -sf "$url/storage/v1/b/photos/o?maxResults=1000&pageToken=$page" >"$work/page"
    cat "$work/page" >>"$1/names"
    page=$(jq -r '.nextPageToken // ""' "$work/page")
    [ -n "$page" ] || break
  done
  jq -r '.items[].name' "$1/names" | while IFS= read -r name; do
    curl -sf "$url/storage/v1/b/photos/o/$(jq -rn --arg name "$name" '$name | @uri')?alt=media" -o "$1/$(printf %s "$name" | sha256sum | cut -c1-64)"
  done
}

# hides_all FOLDER: none of these is in it: paths, names, e-mail addresses, and digests in hexadecimal, base64 and binary.
hides_all() {
  (cd "$library" && find . -type f ! -name .immich -printf '/%P\n%f\n') >"$work/words"
  if [ -n "${DB_HOSTNAME:-}" ]; then query 'SELECT email FROM "user"' >>"$work/words"; fi
  (cd "$library" && find . -type f ! -name .immich -print0 | xargs -0 sha256sum -z | tr '\0\n' '\n ' | cut -c1-64
   find . -type f ! -name .immich -print0 | xargs -0 sha1sum -z | tr '\0\n' '\n ' | cut -c1-40) >"$work/digests"
  [ -s "$work/words" ] && [ -s "$work/digests" ] || fail "nothing to look for"
  perl -MMIME::Base64 -MFile::Find -e '
    my ($words, $digests, $folder) = @ARGV;
    open my $in, "<", $words or die; chomp(my @words = <$in>);
    open my $also, "<", $digests or die; chomp(my @digests = <$also>);
    push @words, map { my $raw = pack "H*", $_; ($_, uc $_, $raw, encode_base64($raw, "") =~ s/=+$//r) } @digests;
    @words = grep { length > 6 } @words; # cipher text in base64 may spell a shorter one
    my $all = join "|", map quotemeta, sort { length $b <=> length $a } @words;
    find({ no_chdir => 1, wanted => sub {
      return unless -f;
      open my $file, "<:raw", $_ or die; local $/; my $bytes = <$file>;
      die "$_ tells: $1\n" if $bytes =~ /($all)/;
    } }, $folder);' "$work/words" "$work/digests" "$1" 2>"$work/err" || fail "something is to be seen"
}

make_library
head -c 20000000 /dev/urandom >"$library/upload/video.mp4" # is encrypted while it is sent
start_database
demo/fingerprint library "$library" >"$work/library.before"
pg demo/fingerprint database >"$work/database.before"
start_emulator --bucket photos
export STORAGE_EMULATOR_HOST=$url

for place in "file://$store" gs://photos; do
  export IMMICH_BACKUP_STORE=$place
  unset IMMICH_BACKUP_ENCRYPT_TO IMMICH_BACKUP_IDENTITY_FILE
  rm -rf "$XDG_CONFIG_HOME/immich-backup" "$target" "$store"

  # Nobody begins an encrypted store whose key opens nothing.
  program 2 init --encrypt-to "$to"
  says err "--identity"
  program 2 init --encrypt-to "$to" --identity "$stranger"
  says err "does not open what is encrypted to"
  program 2 init --encrypt-to "$(grep AGE-SECRET "$owner")" --unproven
  grep -q "$(grep AGE-SECRET "$owner" | cut -c20-)" "$work/err" && fail "a secret key was repeated"
  program 0 init --encrypt-to "$to" --identity "$spouse" --json
  json .identity_opens true
  json '.recipients | length' 2
  public=$(jq -r .public_key "$work/out")

  # To whom it encrypts, a backup takes from its settings alone.
  program 2 backup
  says err IMMICH_BACKUP_ENCRYPT_TO
  program 2 backup --encrypt-to "$(age-keygen -y "$owner")"
  says err "--change-recipients"
  export IMMICH_BACKUP_ENCRYPT_TO=$to
  program 0 backup --json
  json .result ok
  json '.problems | length' 0
  point=$(jq -r .restore_point "$work/out")
  program 0 backup --json
  json .uploaded.objects 0
  # A photo moves, another one is new.
  moved=$(find "$library/library" -name '*.jpg' | sort | head -1)
  mv "$moved" "$moved.moved.jpg"
  echo new >"$library/upload/new.txt"
  program 0 backup --json
  json .uploaded.objects 1
  mv "$moved.moved.jpg" "$moved"
  rm "$library/upload/new.txt"
  program 0 backup --json
  json .uploaded.objects 0

  everything "$work/all"
  hides_all "$work/all"
  grep -q immich-v "$work/all/names" && fail "a dump's name tells Immich's version"

  # What an object says of itself is an age file, too; the store's keys have its passphrase.
  name=$(jq -r 'select(.items) | .items[].name | select(startswith("library/"))' "$work/all/names" 2>/dev/null | head -1 || true)
  if [ -n "$name" ]; then
    metadata=$(curl -sf "$url/storage/v1/b/photos/o/$(jq -rn --arg name "$name" '$name | @uri')" | jq -r .metadata.age)
    curl -sf "$url/storage/v1/b/photos/o/$(curl -sf "$url/storage/v1/b/photos/o?prefix=manifest.keys-" | jq -r '.items[-1].name | @uri')?alt=media" >"$work/keys.age"
  else
    name=$(cd "$store" && find library -type f | head -1)
    metadata=$(/usr/bin/python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "user.immich-backup").decode())' "$store/$name" | sed -n 's/^age=//p')
    cp "$(find "$store" -name 'manifest.keys-*.age' | sort | tail -1)" "$work/keys.age"
  fi
  while [ $((${#metadata} % 4)) -ne 0 ]; do metadata+='='; done
  base64 -d <<<"$metadata" >"$work/metadata.age"
  passphrase=$(age -d -i "$owner" "$work/keys.age" | jq -r '.documents[0]')
  tests/support/at-terminal 'Enter passphrase' "$passphrase"$'\n' -- age -d -o "$work/metadata.json" "$work/metadata.age" >"$work/out" ||
    fail "age does not open the metadata of $name"
  jq -e '.path and .sha256 and .tag and ."plain-size"' "$work/metadata.json" >/dev/null || fail "it does not say what $name is"

  # With the machine key alone.
  for command in status restore-points ls 'find DSC*' "diff $point latest" cost verify recovery-kit 'backup --dry-run' 'prune --keep-last 9 --yes'; do
    # shellcheck disable=SC2086 # words
    program 0 $command
  done
  "$IMMICH_BACKUP" doctor >"$work/out" 2>"$work/err" || true # this machine's disk may be in memory
  says out "all manifests and restore points are signed by a trusted key"
  says out "this machine reads no photos and dumps"
  "$IMMICH_BACKUP" doctor --identity "$stranger" >"$work/out" 2>"$work/err" || true
  says out "this machine reads no photos and dumps"
  "$IMMICH_BACKUP" doctor --identity "$spouse" >"$work/out" 2>"$work/err" || true
  says out "this machine has an identity that reads photos"
  IMMICH_BACKUP_ENCRYPT_TO='' "$IMMICH_BACKUP" doctor >"$work/out" 2>"$work/err" || true
  says out "a backup from here would be refused"
  program 0 history "${moved#"$library"}"
  for command in "restore --target $target" albums 'photos' 'verify --all' 'verify --sample 3' 'download --album x' "heal ${moved#"$library"}"; do
    # shellcheck disable=SC2086
    program 2 $command
    says err "needs an identity"
    says err "$(age-keygen -y "$spouse")"
  done
  [ ! -e "$target" ] || [ -z "$(ls -A "$target")" ] || fail "something was restored without a key"
  program 2 restore --target "$target" --identity "$stranger"

  # With either identity; and on another machine, with it and the public half of the machine's key.
  program 0 restore --target "$target" --identity "$owner"
  demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
  rm -rf "$target"
  XDG_CONFIG_HOME=$keys/elsewhere IMMICH_BACKUP_TRUSTED_KEY=$public IMMICH_BACKUP_IDENTITY_FILE=$spouse \
    program 0 restore --target "$target" --at "$point"
  demo/fingerprint library "$target" | diff - "$work/library.before" || fail "the library differs"
  XDG_CONFIG_HOME=$keys/elsewhere IMMICH_BACKUP_TRUSTED_KEY=$public program 2 status
  says err "no key here that opens it"
  program 0 verify --all --identity "$owner"
  says out "byte for byte as recorded"
  program 0 albums --identity "$owner"
  program 0 status
  program 2 verify-restore
  says err "needs an identity"
  program 0 verify-restore --identity "$owner" --json
  json .result ok
  program 0 status --json
  json .opened_before true
  pg psql -X -q -d postgres -c 'CREATE DATABASE again' >/dev/null
  DB_DATABASE_NAME=again program 0 restore-database --identity "$owner"
  DB_DATABASE_NAME=again pg demo/fingerprint database | diff - "$work/database.before" || fail "the database differs"
  pg psql -X -q -d postgres -c 'DROP DATABASE again WITH (FORCE)'
done
