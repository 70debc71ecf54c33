#!/usr/bin/env bash
# The workflows are in order, and the steps of a release that can be taken without GitHub do what they say: the notes, the checks before
# it, bills of materials, checksums, and one image for two architectures.
. "$(dirname "$0")/lib.sh"
root=$PWD

echo "== release notes"
begin() { # CHANGELOG: a repository of its own, with version 0.2.0
  rm -rf "$work/repository"
  mkdir -p "$work/repository"/{scripts,changes,docs,components/immich/overlays/site}
  cd "$work/repository"
  cp "$root/scripts/release" "$root/scripts/release-notes" "$root/scripts/sbom" scripts/
  cp "$root/changes/README.md" changes/
  echo 0.2.0 >VERSION
  echo "    newTag: 0.2.0" >components/immich/overlays/site/kustomization.yaml
  sed -E 's/(immich-backup:|ref=v)[0-9]+\.[0-9]+\.[0-9]+/\10.2.0/g' "$root/docs/install-kubernetes.md" >docs/install-kubernetes.md
  cat >CHANGELOG.md
}
notes() { scripts/release-notes "$@" >"$work/out" 2>"$work/err" || fail "release-notes $* failed"; }
refuses() { # TEXT COMMAND...: names what is wrong, and changes nothing
  local text=$1
  shift
  cp -r . "$work/before"
  if "$@" >"$work/out" 2>"$work/err"; then fail "it would go through: $text"; fi
  says err "$text"
  diff -r . "$work/before" || fail "a refusal changed something: $text"
  rm -rf "$work/before"
}
released() { printf '# Changelog\n\nNewest version first.\n\n## 0.1.0 (2026-01-15)\n\nThe first version.\n\n### Restore\n\n- Restores.\n'; }

# This repository's own section, as it is.
begin <"$root/CHANGELOG.md"
notes 0.1.0
diff "$work/out" <(awk '$1 == "##" { inside = $2 == "0.1.0"; next } inside' CHANGELOG.md | sed '/./,$!d') || fail "the notes of 0.1.0 are not what CHANGELOG.md says"
notes=$(cat "$work/out")
# And with what is in changes/, in its section. A released version keeps its notes, whatever is in changes/ by then.
echo 0.1.0 >VERSION
printf 'Does more, in\ntwo lines.\n' >changes/more.proof.md
notes 0.1.0
diff <(echo "$notes") "$work/out" >"$work/difference" || true
[ "$(grep '^[<>]' "$work/difference")" = $'> - Does more, in\n>   two lines.' ] || { cat "$work/difference"; fail "the notes have another change than that of changes/"; }
grep -B 1 -F -- '- Does more, in' "$work/out" | head -n 1 | grep -qv '^###' || fail "what CHANGELOG.md says of the section is gone"
notes=$(cat "$work/out")
notes --release 0.1.0
[ ! -e changes/more.proof.md ] && [ -e changes/README.md ] || fail "changes/ is not as it should be after a release"
printf 'A later change.\n' >changes/later.backup.md
notes 0.1.0
[ "$(cat "$work/out")" = "$notes" ] || fail "the notes of a released version changed"
[ "$(grep -c '^## 0.1.0' CHANGELOG.md)" -eq 1 ] || fail "a heading is there twice, or gone"
grep -qx "## 0.1.0 ([0-9-]*)" CHANGELOG.md || fail "0.1.0 has no date"
diff <(sed -e 's/^## 0.1.0 (.*/## 0.1.0 (not released yet)/' -e '/^- Does more, in$/,+1d' CHANGELOG.md) "$root/CHANGELOG.md" ||
  fail "a release changes more of CHANGELOG.md than it should"

# A version that is in changes/ alone goes above the earlier ones.
begin < <(released)
printf '\nIs faster.\n\n' >changes/faster.backup.md
printf 'Restores `more`,\n\n    and code.\n' >changes/code.restore.md
printf 'Asks.\n' >changes/asks.restore.md
notes 0.2.0
expected=$'### Backup\n\n- Is faster.\n\n### Restore\n\n- Asks.\n- Restores `more`,\n\n      and code.'
[ "$(cat "$work/out")" = "$expected" ] || { cat "$work/out"; fail "the notes of 0.2.0"; }
scripts/release-notes --release 0.2.0
diff CHANGELOG.md <(released | sed '3q'; printf '\n## 0.2.0 (%s)\n\n%s\n\n' "$(date -u +%F)" "$expected"; released | sed '1,4d') || fail "CHANGELOG.md of 0.2.0"

# What nobody should release.
begin < <(released)
refuses "there is nothing to say of 0.2.0" scripts/release-notes 0.2.0
printf 'One.\n' >changes/same.backup.md
printf 'Other.\n' >changes/same.restore.md
refuses "changes/same.restore.md and changes/same.backup.md have the same name" scripts/release-notes --release 0.2.0
mv changes/same.restore.md changes/other.restores.md
refuses "changes/other.restores.md: there is no section restores" scripts/release-notes --release 0.2.0
mv changes/other.restores.md changes/other
refuses "changes/other is not named as NAME.SECTION.md" scripts/release-notes --release 0.2.0
mv changes/other changes/other.restore.md
printf ' \n\n' >changes/empty.proof.md
refuses "changes/empty.proof.md is empty" scripts/release-notes --release 0.2.0
printf -- '- One.\n- Two.\n' >changes/empty.proof.md
refuses "changes/empty.proof.md: a change is one item" scripts/release-notes --release 0.2.0
rm changes/empty.proof.md
refuses "CHANGELOG.md has 0.1.0 already" scripts/release-notes --release 0.1.0
refuses "VERSION says 0.2.0, not 0.3.0" scripts/release-notes --release 0.3.0
refuses "v0.2.0 is no version" scripts/release-notes v0.2.0
printf '\n## 0.1.0 (2026-01-16)\n' >>CHANGELOG.md
refuses "CHANGELOG.md has 0.1.0 twice" scripts/release-notes 0.1.0
released | sed 's/### Restore/### Restoring/; s/(2026-01-15)/(not released yet)/' >CHANGELOG.md
refuses "a heading that no change can name: Restoring" scripts/release-notes 0.1.0

echo "== the checks before a release"
begin < <(released)
printf 'Is faster.\n' >changes/faster.backup.md
refuses "CHANGELOG.md has no date for 0.2.0" scripts/release check v0.2.0
scripts/release-notes --release 0.2.0
scripts/release check v0.2.0
refuses "the tag must be v0.2.0" scripts/release check v0.2.1
refuses "the tag must be v0.2.0" scripts/release check 0.2.0
printf 'Is slower.\n' >changes/slower.backup.md
refuses "changes/ has what is not in CHANGELOG.md yet: changes/slower.backup.md" scripts/release check v0.2.0
rm changes/slower.backup.md
echo "    newTag: 0.1.0" >components/immich/overlays/site/kustomization.yaml
refuses "names another version of the image than 0.2.0" scripts/release check v0.2.0
echo "    newTag: 0.2.0" >components/immich/overlays/site/kustomization.yaml
sed -i 's/ref=v0.2.0/ref=v0.1.0/' docs/install-kubernetes.md
refuses "docs/install-kubernetes.md names another version than 0.2.0: ref=v0.1.0" scripts/release check v0.2.0
# Whatever the state of this repository is, the manifests name its version.
grep -qx "    newTag: $(cat "$root/VERSION")" "$root/components/immich/overlays/site/kustomization.yaml" || fail "the manifests name another version than VERSION"

echo "== the release's page"
digest=sha256:$(printf x | sha256sum | cut -d' ' -f1)
scripts/release notes ghcr.io/immich-backup/immich-backup "$digest" >"$work/out"
says out "ghcr.io/immich-backup/immich-backup:0.2.0@$digest"
says out "- Is faster."
says out "/v0.2.0/docs/releases.md#verify-a-release"
grep -qx '## Verify a release' "$root/docs/releases.md" || fail "docs/releases.md has not what the page links to"
refuses "is no digest" scripts/release notes ghcr.io/immich-backup/immich-backup latest

echo "== checksums"
mkdir "$work/files"
printf a >"$work/files/b.deb"
printf b >"$work/files/a b.json"
scripts/release checksums "$work/files"
scripts/release checksums "$work/files" # once more: the list itself is not in it
[ "$(cut -c 67- "$work/files/SHA256SUMS")" = $'a b.json\nb.deb' ] || fail "other files are listed: $(cat "$work/files/SHA256SUMS")"
(cd "$work/files" && sha256sum --check --strict --quiet SHA256SUMS) || fail "the checksums are wrong"
printf c >"$work/files/b.deb"
if (cd "$work/files" && sha256sum --check --quiet SHA256SUMS) >/dev/null 2>&1; then fail "sha256sum finds nothing"; fi
cd "$root"

echo "== the workflows"
npm_packages workflows
judge() { (cd "$npm" && node check.mjs "$@") >"$work/verdict" 2>&1; }
judge workflows "$root"/.github/workflows/*.yml || { cat "$work/verdict"; fail "the workflows are not in order"; }
tail -n 1 "$work/verdict"
# Each is spoiled in one way, and all are judged at once, since actionlint takes seconds to start.
expected=()
spoil() { # WORKFLOW SED-EXPRESSION TEXT
  local file=$work/spoiled/${#expected[@]}.yml
  mkdir -p "$work/spoiled"
  sed "$2" ".github/workflows/$1.yml" >"$file"
  ! cmp -s ".github/workflows/$1.yml" "$file" || fail "$2 changes nothing"
  expected+=("$3")
}
spoil release 's/needs: \[ci, image\]/needs: [ci, images]/' 'needs job "images" which does not exist'
spoil release 's/steps\.push\.outputs/steps.pushed.outputs/' 'property "pushed" is not defined'
spoil release 's/attestations: write/attestation: write/' 'unknown permission scope "attestation"'
spoil release 's/^permissions: {}/permissions: write-all/' 'write-all gives more than is needed'
spoil release 's/ # v4.2.2//' 'is not pinned by a commit with its version'
spoil ci 's/@[0-9a-f]\{40\}/@v7/' 'is not pinned by a commit with its version'
spoil ci 's/"\$ARCHITECTURE"/${{ matrix.architecture }}/' 'an expression in a script'
spoil ci '/persist-credentials/d' 'the token stays in the tree'
spoil ci '/timeout-minutes/d' 'may run for six hours'
! command -v shellcheck >/dev/null || spoil ci 's/"\$package"/$package/' 'SC2086'
if judge workflows "$work"/spoiled/*.yml; then fail "the check finds nothing"; fi
for number in "${!expected[@]}"; do
  grep -F -- "/$number.yml:" "$work/verdict" | grep -qF -- "${expected[number]}" || { cat "$work/verdict"; fail "the check does not find: ${expected[number]}"; }
done

# Dependabot looks at each lock file and at the image's bases.
while IFS= read -r file; do
  grep -qx "      - /$(dirname "$file")" .github/dependabot.yml || fail "Dependabot does not look at $file"
done < <(git ls-files '*package-lock.json')

echo "== bills of materials"
needs jq dpkg-deb dpkg-query
# A system of four packages, and one with what is compiled in: what Debian's own list says of them here.
mkdir -p "$work"/{first,last}/{etc,var/lib/dpkg/info}
for system in first last; do cp /etc/os-release "$work/$system/etc/"; done
dpkg-query -s libjs-chart.js libtomlplusplus-dev libutf8proc-dev nlohmann-json3-dev >"$work/first/var/lib/dpkg/status"
dpkg-query -s base-files libssl3 zlib1g >"$work/last/var/lib/dpkg/status"
scripts/sbom image "$work/last" "$work/first" >"$work/image.json"
judge sbom "$work/image.json" || { cat "$work/verdict"; fail "the bill of materials of an image is not CycloneDX"; }
[ "$(jq -r '[.components[].name] | sort | join(" ")' "$work/image.json")" = "base-files libjs-chart.js libssl3 libtomlplusplus-dev libutf8proc-dev nlohmann-json3-dev zlib1g" ] ||
  fail "the image has other components: $(jq -c '[.components[].name]' "$work/image.json")"
jq -e --arg version "$(dpkg-query -W -f '${Version}' libssl3)" '.components[] | select(.name == "libssl3")
  | .version == $version and (.purl | startswith("pkg:deb/debian/libssl3@") and contains("upstream=openssl"))' "$work/image.json" >/dev/null || fail "libssl3 is told otherwise"
sed -i 's/"type": "library"/"type": "thing"/' "$work/image.json"
if judge sbom "$work/image.json"; then fail "CycloneDX's schema finds nothing"; fi
sed -i '/^Package: libutf8proc-dev/,/^$/d' "$work/first/var/lib/dpkg/status"
if scripts/sbom image "$work/last" "$work/first" >"$work/image.json" 2>/dev/null; then fail "a library that is compiled in may be missing"; fi

mkdir -p "$work/package/DEBIAN"
printf 'Package: immich-backup\nVersion: 0.1.0\nArchitecture: %s\nDepends: libc6 (>= 2.36), adduser\nMaintainer: nobody <nobody@example.org>\nDescription: x\n' \
  "$(dpkg --print-architecture)" >"$work/package/DEBIAN/control"
dpkg-deb --build "$work/package" "$work/immich-backup.deb" >/dev/null
scripts/sbom package "$work/immich-backup.deb" >"$work/package.json"
judge sbom "$work/package.json" || { cat "$work/verdict"; fail "the bill of materials of a package is not CycloneDX"; }
[ "$(jq -r '[.components[] | .name + ": " + .properties[0].value] | join("\n")' "$work/package.json")" = \
  $'libc6: depends on libc6 (>= 2.36)\nadduser: depends on adduser\nlibcpp-httplib-dev: brought along\nlibjs-chart.js: compiled in\nlibtomlplusplus-dev: compiled in\nlibutf8proc-dev: compiled in\nnlohmann-json3-dev: compiled in' ] ||
  fail "the package has other components: $(cat "$work/package.json")"
# What is compiled in is what is built with, and nothing more is.
for library in libcpp-httplib-dev libjs-chart.js libtomlplusplus-dev libutf8proc-dev nlohmann-json3-dev; do
  grep -q "$library" scripts/packages || fail "$library is not built with any more"
done
linked=$(ldd "$IMMICH_BACKUP")
for library in curl ssl crypto sqlite3 pq qrencode z; do grep -q "lib$library\.so" <<<"$linked" || fail "lib$library is linked statically, and scripts/sbom does not say so"; done
! grep -q libutf8proc <<<"$linked" || fail "libutf8proc is not compiled in"

echo "== one image for two architectures"
needs buildah
[ "$(id -u)" -eq 0 ] || skip "images are built as root here; all else was tested"
disk=$(mktemp -d -p /var/tmp)
printf '[containers]\ndefault_ulimits = ["nofile=16384:16384","nproc=4096:4096"]\n' >"$disk/containers.conf"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/storage"\nrunroot = "%s/run"\n' "$disk" "$disk" >"$disk/storage.conf"
export CONTAINERS_CONF=$disk/containers.conf CONTAINERS_STORAGE_CONF=$disk/storage.conf TMPDIR=$disk BUILDAH_ISOLATION=chroot
begin < <(released)
dpkg-query -s libjs-chart.js libtomlplusplus-dev libutf8proc-dev nlohmann-json3-dev >"$work/first/var/lib/dpkg/status"
cp -r "$work/first" "$work/last" .
printf 'FROM scratch AS build\nCOPY first /\n\nFROM scratch\nCOPY last /\nUSER 10001\n' >Dockerfile
scripts/release image "$disk/image" >"$work/out" 2>"$work/err" || skip "buildah does not work here: $(tail -n 1 "$work/err")"
architecture=$(dpkg --print-architecture)
[ "$(ls "$disk/image")" = "$(printf '%s\n' "image-$architecture.tar" "immich-backup-image_0.2.0_$architecture.cdx.json")" ] || fail "other files: $(ls "$disk/image")"
judge sbom "$disk/image/immich-backup-image_0.2.0_$architecture.cdx.json" || { cat "$work/verdict"; fail "the image's bill of materials is not CycloneDX"; }
[ "$(jq '.components | length' "$disk"/image/*.json)" -eq 7 ] || fail "the image's bill of materials has other components"
# As the other machine builds it: nothing runs in this one.
other=$([ "$architecture" = arm64 ] && echo amd64 || echo arm64)
buildah build -q --arch "$other" --iidfile "$disk/id" . >"$work/out" 2>"$work/err" || fail "no image for $other"
buildah push -q "$(cat "$disk/id")" "oci-archive:$disk/image/image-$other.tar" >"$work/out" 2>"$work/err" || fail "no archive for $other"
digest=$(scripts/release push "oci:$disk/pushed:0.2.0" "$disk"/image/*.tar 2>"$work/err") || fail "the image is not pushed"
[ "$(jq -r '.manifests[0].digest' "$disk/pushed/index.json")" = "$digest" ] || fail "the digest is not that of the image: $digest"
[ "$(jq -r '[.manifests[].platform.architecture] | sort | join(" ")' "$disk/pushed/blobs/sha256/${digest#sha256:}")" = "amd64 arm64" ] ||
  fail "the image is not for both: $(cat "$disk/pushed/blobs/sha256/${digest#sha256:}")"
if scripts/release push docker://127.0.0.1:1/immich-backup:0.2.0 "$disk"/image/*.tar >"$work/out" 2>"$work/err"; then fail "a registry that is not there took the image"; fi
