#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Google's own command line writes, lists, reads and deletes on an emulator, and what it gets is checked.
# usage: gcloud.sh URL BUCKET          (exit 77 where gcloud is not installed)
#        gcloud.sh URL BUCKET cat NAME (only reads an object that somebody else has written)
set -euo pipefail

url=${1:?usage: gcloud.sh URL BUCKET [cat NAME]}
bucket=${2:?usage: gcloud.sh URL BUCKET [cat NAME]}
if ! command -v gcloud >/dev/null; then
  echo "SKIP: gcloud is not installed" >&2
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CLOUDSDK_CONFIG=$work/config  # tracker files of another run would break this one
export CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=$url/storage/v1/
export CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true
export CLOUDSDK_CORE_PROJECT=p
export CLOUDSDK_CORE_DISABLE_PROMPTS=1
export CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true
export CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=true
export CLOUDSDK_STORAGE_TRACKER_FILES_DIRECTORY=$work/trackers

if [[ ${3:-} == cat ]]; then
  exec gcloud storage cat "gs://$bucket/${4:?cat NAME}"
fi

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

head -c 100000 /dev/urandom >"$work/small file ä.bin"
printf 'ends with a carriage return\r' >"$work/cr.txt"
head -c 20000000 /dev/urandom >"$work/large.bin"
: >"$work/empty"

gcloud storage cp "$work/small file ä.bin" "$work/cr.txt" "$work/large.bin" "$work/empty" "gs://$bucket/gcloud/" 2>"$work/log" ||
  fail "cp: $(cat "$work/log")"
gcloud storage ls "gs://$bucket/gcloud/" | sort >"$work/list"
printf '%s\n' cr.txt empty large.bin 'small file ä.bin' | sed "s,^,gs://$bucket/gcloud/," | sort | diff - "$work/list" ||
  fail "ls shows something else"
for name in cr.txt large.bin 'small file ä.bin'; do
  gcloud storage cat "gs://$bucket/gcloud/$name" | cmp - "$work/$name" || fail "cat of $name differs"
done
mkdir "$work/back"
gcloud storage cp -r "gs://$bucket/gcloud" "$work/back/" 2>"$work/log" || fail "cp back: $(cat "$work/log")"
for name in cr.txt large.bin 'small file ä.bin' empty; do
  cmp "$work/back/gcloud/$name" "$work/$name" || fail "$name came back different"
done
gcloud storage rm "gs://$bucket/gcloud/cr.txt" 2>"$work/log" || fail "rm: $(cat "$work/log")"
if gcloud storage cat "gs://$bucket/gcloud/cr.txt" >/dev/null 2>&1; then fail "cr.txt is still there"; fi
if gcloud storage cp --if-generation-match=0 "$work/cr.txt" "gs://$bucket/gcloud/empty" 2>"$work/log"; then
  fail "a taken name was overwritten"
fi
grep -qi 'pre-\?condition' "$work/log" || fail "not refused by its precondition: $(cat "$work/log")"
echo "ok: gcloud storage cp, ls, cat, rm"
