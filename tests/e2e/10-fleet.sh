#!/usr/bin/env bash
# Several machines upload a library at the same time, each its part. One is killed and started
# again, and one never starts. The next backup of the whole library puts everything together. No
# object is sent twice.
. "$(dirname "$0")/lib.sh"

make_library
mkdir -p "$library/upload/many"
for i in $(seq 400); do printf 'photo %s' "$i" >"$library/upload/many/$i.jpg"; done
start_database
start_emulator --bucket photos --latency 10
export STORAGE_EMULATOR_HOST=$url IMMICH_BACKUP_STORE=gs://photos
program 0 init
part() { # INDEX OPTION...: runs one part as a pod of an Indexed Job
  local index=$1
  shift
  JOB_COMPLETION_INDEX=$index "$IMMICH_BACKUP" backup --shards 5 --workers 1 --json "$@" >"$work/part$index" 2>"$work/err$index"
}
of() { jq -r "$2" "$work/part$1"; }

# Four of five, at the same time. The third is killed in the middle.
pids=()
for index in 0 1 2 3; do
  part "$index" &
  pids[index]=$!
done
until [ "$(curl -sf "$url/storage/v1/b/photos/o?prefix=library/&maxResults=1000" | jq '.items | length')" -ge 120 ]; do sleep 0.05; done
pkill -KILL -P "${pids[2]}"
for index in 0 1 3; do wait "${pids[index]}" || fail "part $index: $(cat "$work/err$index")"; done
wait "${pids[2]}" && fail "the third part was not killed in the middle"
for index in 1 3; do
  [ "$(of "$index" '.result, .restore_point, .database, .shard.part' | xargs)" = "ok null null $index" ] || fail "part $index: $(cat "$work/part$index")"
done
# The first one took the dump, but does not call this a backup.
[ "$(of 0 '.result, (.restore_point != null), (.database.bytes > 0)' | xargs)" = "ok true true" ] || fail "part 0: $(cat "$work/part0")"
program 3 status
says out "incomplete"

# The third one is started again and continues. A finished part has nothing to do.
part 2 || fail "part 2: $(cat "$work/err2")"
[ "$(of 2 '.files.failed, (.uploaded.objects < .files.scanned)' | xargs)" = "0 true" ] || fail "part 2 began anew: $(cat "$work/part2")"
part 1 || fail "part 1: $(cat "$work/err1")"
[ "$(of 1 .uploaded.objects)" = 0 ] || fail "part 1 was sent again"
part 4 --dry-run || fail "part 4: $(cat "$work/err4")"
left=$(of 4 .plan.to_read)
[ "$left" -gt 0 ] || fail "the fifth part is empty"

# The backup of the whole library only has to do the fifth part.
program 0 backup --json
json .uploaded.objects "$left"
json ".totals.files == .files.scanned" true
json '.audit.proven == .audit.originals' true
program 0 backup --json
json .uploaded.objects 0
json '.notes | map(select(startswith("run "))) | length' 0
# The exception is the object that was on its way when the third one was killed.
curl -sf "$url/emulator/stats" | jq -e '[.objects | to_entries[] | select(.key | startswith("photos/library/")) |
  (.value.requests.insert // 0) + (.value.requests.start // 0)] | length > 400 and (map(select(. > 1)) | length <= 1)' >"$work/ok" ||
  fail "objects were sent twice: $(curl -sf "$url/emulator/stats" | jq -c '.objects' | head -c 600)"

# No part mistook the uploads of another part for something else: each file has had only one state.
program 0 history '/upload/many/*.jpg' --json
json '.paths | length' 400
json '[.paths[].states | length] | max' 1
# A part marks nothing as gone. The backup of the whole library does.
rm "$library/upload/many/7.jpg"
for index in 0 1 2 3 4; do part "$index" || fail "part $index: $(cat "$work/err$index")"; done
program 0 ls /upload/many/7.jpg
says out "/upload/many/7.jpg"
program 0 backup --json
json .files.archived 1
printf 'photo 7' >"$library/upload/many/7.jpg"
program 0 backup --quiet

# verify --all can also be divided. Each part says that it did not read the rest.
read_back=0
for index in 0 1 2; do
  program 0 verify --all --shards 3 --shard "$index" --json
  json .dump_checked "$([ "$index" = 0 ] && echo true || echo false)"
  read_back=$((read_back + $(jq .read_back.objects "$work/out")))
done
[ "$read_back" = "$(jq .objects.named "$work/out")" ] || fail "the parts read $read_back objects"
program 0 verify --all --shards 3 --shard 1
says out "part 2 of 3 (--shard 1)"
program 0 restore --target "$target"
diff -r "$library/upload" "$target/upload" || fail "other files came back"

program 2 backup --shards 4
says err "the number of this part is missing"
program 2 verify --shards 4 --shard 1
says err "--all"
