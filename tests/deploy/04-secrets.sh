#!/usr/bin/env bash
# No plain secret is committed, and the guard would find one; and a Secret that is encrypted by the rules of .sops.yaml with a throw-away key
# comes back as it was, with that key alone.
. "$(dirname "$0")/lib.sh"
needs git

scripts/check-secrets >"$work/out" 2>&1 || { cat "$work/out"; fail "a secret is not encrypted"; }

# Git ignores each file that the documents and the manifests make a Secret of.
files=0
while IFS= read -r file; do
  files=$((files + 1))
  git check-ignore -q "$file" || fail "a Secret is made of $file, which git does not ignore"
done < <(git ls-files '*.md' 'components/*.yaml' | xargs grep -ohE -e '--from-file=[^ `]+' | sed -E 's/^--from-file=//; s/^.*=//' | grep -v '^/dev/' | sort -u)
[ "$files" -ge 7 ] || fail "$files files alone are made a Secret of: is the pattern right?"

# The guard, in a repository of its own.
repository=$work/repository
mkdir -p "$repository/components"
git -C "$repository" init -q
example=components/immich/overlays/prod/backup-secrets.enc.yaml
guard() { scripts/check-secrets "$repository" >"$work/out" 2>&1; }
refuses() { # SED-EXPRESSION TEXT
  sed "$1" "$example" >"$repository/components/a.enc.yaml"
  guard && fail "the guard lets pass: $1"
  says out "$2"
  grep -q hunter2 "$work/out" && fail "the guard shows the secret"
  return 0
}
cp "$example" "$repository/components/a.enc.yaml"
guard || { cat "$work/out"; fail "the guard refuses the example"; }
refuses 's/GCS_CREDENTIALS: .*/GCS_CREDENTIALS: hunter2/' 'GCS_CREDENTIALS is not encrypted'
refuses 's/GCS_CREDENTIALS: .*/GCS_CREDENTIALS: |\n    hunter2/' 'is not encrypted'
refuses 's/^data:.*/data: {A: hunter2}/' 'data is not encrypted'
refuses 's/^data:/stringData:/; s/GCS_BUCKET: .*/GCS_BUCKET: hunter2/' 'GCS_BUCKET is not encrypted'
refuses 's/GCS_BUCKET: .*/GCS_BUCKET: aHVudGVyMg==/' 'GCS_BUCKET is not encrypted'
mv "$repository/components/a.enc.yaml" "$repository/components/a.sops.yaml"
guard && fail "the guard does not look into *.sops.yaml"
rm "$repository/components/a.sops.yaml"
printf 'a: AGE-SECRET-KEY-1%058d\n' 0 >"$repository/components/b.yaml"
guard && fail "the guard lets a private key pass"
says out 'components/b.yaml: a private key'
rm "$repository/components/b.yaml"

# The round trip.
needs age-keygen
npm_packages secrets
regex=$(sed -n 's/^ *encrypted_regex: //p' .sops.yaml)
age-keygen -o "$work/key" 2>/dev/null
age-keygen -o "$work/other" 2>/dev/null
# As the head of the example says; it needs no cluster.
needs kubectl
echo '{"type": "service_account", "private_key": "hunter2"}' >"$work/backup.json"
sed -n '/^# *kubectl create/,/^# *--from-file/p' "$example" | sed -e 's/^# *//' -e 's/=BUCKET/=photos/' -e 's|>components/.*|>plain.yaml|' >"$work/typed"
(cd "$work" && KUBECONFIG=/dev/null bash -eu typed) || fail "the example's command makes no Secret"
encrypted=$repository/components/a.enc.yaml
if command -v sops >/dev/null; then
  cp "$work/plain.yaml" "$encrypted"
  sops --encrypt --in-place --age "$(age-keygen -y "$work/key")" --encrypted-regex "$regex" "$encrypted" || fail "sops does not encrypt"
else
  echo "sops is not installed: its format is written by tests/deploy/secrets"
  (cd "$npm" && node encrypt.mjs "$work/plain.yaml" "$(age-keygen -y "$work/key")" "$regex") >"$encrypted" || fail "it cannot be encrypted"
fi
grep -qE "$(printf photos | base64)" "$encrypted" && fail "something stayed plain"
grep -q 'name: immich-backup-secrets' "$encrypted" || fail "more than the values is encrypted"
guard || { cat "$work/out"; fail "the guard refuses what is encrypted"; }
decrypt() { (cd "$npm" && SOPS_AGE_KEY=$(grep AGE-SECRET-KEY "$1") node decrypt.mjs "$encrypted") >"$work/out" 2>"$work/err"; }
decrypt "$work/key" || fail "it cannot be decrypted"
json '(.data.GCS_BUCKET | @base64d), (.data.GCS_CREDENTIALS | @base64d | fromjson | .private_key), .metadata.namespace' $'photos\nhunter2\nimmich'
decrypt "$work/other" && fail "another key decrypts it, too"
# What was changed afterwards is refused.
sed -i 's/\(GCS_BUCKET: ENC\[AES256_GCM,data:\)./\1_/' "$encrypted"
decrypt "$work/key" && fail "what was tampered with is accepted"
exit 0
