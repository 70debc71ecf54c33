#!/usr/bin/env bash
# A bucket whose readers pay (requester pays) is refused in words, and served once it is said which
# project pays.
. "$(dirname "$0")/lib.sh"

make_library
echo '{"name": "photos", "billing": {"requesterPays": true}}' >"$work/bucket.json"
start_emulator --bucket-config "$work/bucket.json"
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos

for command in "init --no-database" "backup --no-database" status "verify --all"; do
  # shellcheck disable=SC2086
  program 2 $command
  says err 'requester pays bucket'
  says err '--billing-project'
done

program 0 init --no-database --billing-project payer
export IMMICH_BACKUP_BILLING_PROJECT=payer
dd if=/dev/urandom of="$library/upload/large.mov" bs=1M count=20 status=none # needs more than one request
program 0 backup --no-database
program 0 status
program 0 verify --all
program 0 restore --target "$target" --yes
cmp "$library/upload/large.mov" "$target/upload/large.mov"
program 0 prune --keep-last 1 --yes
