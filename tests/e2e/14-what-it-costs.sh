#!/usr/bin/env bash
# Each command says what it costs. No command does anything expensive without asking.
. "$(dirname "$0")/lib.sh"

start_emulator --bucket photos
stats() { curl -sf "$url/emulator/stats" | jq -r "$1"; }
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos/home
make_library

program 0 backup --no-database --dry-run
says out 'class A at ARCHIVE'
says out 'a month'
says out 'us-central1, of 20'
program 0 backup --no-database --dry-run --json
json '.cost.location' us-central1
json '.requests.by_class.ARCHIVE.class_a == .plan.to_read' true
[ "$(stats '.kinds.insert // 0')" -eq 0 ] || fail "a dry run has stored something"
program 0 init --no-database

# With auto, small photos do not go to ARCHIVE, because its cheap storage never pays for their
# insert.
program 0 backup --no-database --storage-class auto --json
json '.requests.by_class.STANDARD.class_a > .requests.by_class.ARCHIVE.class_a' true
[ "$(stats '.storageClasses.ARCHIVE.classA // 0')" -lt "$(stats '.storageClasses.STANDARD.classA')" ] || fail "auto put all into ARCHIVE"
program 2 backup --no-database --storage-class GLACIER
says err "there is no class 'GLACIER'"

program 0 cost
says out originals
says out 'full restore'
says out 'of 20'
program 0 cost --json
json '[.stored[].bytes] | add > 1000' true
json '.prices.location' us-central1

# A price file with prices so high that every command asks.
cat >"$work/prices.toml" <<'TOML'
date = "2030-01"
[[prices]]
locations = ["*", "us-central1"]
egress = 0
STANDARD = { storage = 1, class_a = 0, class_b = 1000000, retrieval = 0, minimum_days = 0 }
NEARLINE = { storage = 1, class_a = 0, class_b = 1000000, retrieval = 0, minimum_days = 0 }
COLDLINE = { storage = 1, class_a = 0, class_b = 1000000, retrieval = 0, minimum_days = 0 }
ARCHIVE = { storage = 1, class_a = 0, class_b = 1000000, retrieval = 0, minimum_days = 0 }
TOML
export IMMICH_BACKUP_PRICES=$work/prices.toml
program 2 restore --target "$target" </dev/null
says err 'nobody is here to ask, nothing was fetched'
says err '--yes goes on'
[ -z "$(find "$target" -type f 2>/dev/null)" ] || fail "something was fetched unasked"
program 2 restore --target "$target" --budget 5
says err 'more than --budget $5.00'
program 0 restore --target "$target" --dry-run
says out 'would cost'
program 2 verify --all </dev/null
program 0 verify --sample 3 --ask-above 1000000000
program 0 verify --budget 20000 --json # enough for fewer than twenty objects
json '.budget_spent' true
json '.read_back.objects < 20' true
program 2 verify --budget much
says err 'is not an amount of dollars'
printf 'date = "2030-01"\nprices = 1\n' >"$work/prices.toml"
program 2 cost
says err 'has no [[prices]]'
unset IMMICH_BACKUP_PRICES
program 0 restore --target "$target"

# A folder costs nothing.
program 0 init --no-database --store "file://$store"
program 0 backup --no-database --store "file://$store" --dry-run --json
json .cost null
program 0 init --no-database --store "file://$store"
program 0 backup --no-database --store "file://$store"
program 0 cost --store "file://$store"
says out 'a folder bills nothing'
