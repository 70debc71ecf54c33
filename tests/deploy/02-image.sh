#!/usr/bin/env bash
# The image as a cluster runs it: read-only root, no capabilities, nobody's user, little memory, the library read-only. It backs up a library and a real
# PostgreSQL into an emulated bucket, proves by itself that a restore works, and knows its predecessor's names.
#
# Then README's lines for Docker Compose are typed, and each pod of the manifests does its work in it: backup, drill, prune, fleet, the page, and both restores, and
# once more those of an encrypted store. The base is
# made here, of Debian's packages, since no registry need be in reach. The program in the image is the one under test: compiling it once more takes minutes, and
# IMAGE_TEST=whole does it; IMAGE_TEST=no leaves all of this out.
. "$(dirname "$0")/lib.sh"
[ "${IMAGE_TEST:-}" != no ] || skip "IMAGE_TEST=no"
needs buildah podman catatonit mmdebstrap age-keygen
[ "$(id -u)" -eq 0 ] || skip "images are built as root here"
! ldd "${IMMICH_BACKUP:?}" | grep -qE 'lib(a|t|ub)san' || skip "the image lacks the sanitizer's libraries"

# Storage of its own, in a folder of its own; inside a container limits cannot be raised, and there is no systemd.
disk=$(mktemp -d -p /var/tmp)
printf '[containers]\ndefault_ulimits = ["nofile=16384:16384","nproc=4096:4096"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n' >"$disk/containers.conf"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/storage"\nrunroot = "%s/run"\n' "$disk" "$disk" >"$disk/storage.conf"
export CONTAINERS_CONF=$disk/containers.conf CONTAINERS_STORAGE_CONF=$disk/storage.conf TMPDIR=$disk
drill_server=$disk/drill
stop_what_runs() { # before its storage goes
  podman pod rm -fa >/dev/null 2>&1 || true
  podman rm -fa >/dev/null 2>&1 || true
  demo/postgres stop "$drill_server"
}

base=${DEPLOY_CACHE:?}/debian-bookworm.tar
if [ ! -s "$base" ]; then
  mkdir -p "$DEPLOY_CACHE"
  mmdebstrap --variant=minbase bookworm "$disk/base.tar" >"$work/err" 2>&1 || skip "Debian's packages are out of reach: $(tail -n 1 "$work/err")"
  mv "$disk/base.tar" "$base"
fi
podman import -q "$base" docker.io/library/debian:bookworm-slim >"$work/out" 2>"$work/err" || skip "containers do not work here: $(tail -n 1 "$work/err")"

# --passwd=false: podman would give each user a name, which Docker and Kubernetes do not.
as_a_pod=(podman run --pull=never --rm --network host --read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges --memory 512m
  --passwd=false)
"${as_a_pod[@]}" docker.io/library/debian:bookworm-slim true >"$work/out" 2>"$work/err" || skip "containers do not run here: $(tail -n 1 "$work/err")"

if [ "${IMAGE_TEST:-}" = whole ]; then
  cp Dockerfile "$disk/Dockerfile"
else
  mkdir "$disk/built"
  strip -o "$disk/built/immich-backup" "$IMMICH_BACKUP"
  printf 'FROM scratch\nCOPY immich-backup /out/immich-backup\n' >"$disk/built/Dockerfile"
  buildah bud --isolation chroot -q -t localhost/built "$disk/built" >"$work/out" 2>"$work/err" || skip "buildah does not work here: $(tail -n 1 "$work/err")"
  { echo "FROM localhost/built AS build"; sed -n '/^FROM/{x;s/^/x/;/^xx/{x;:a;p;n;ba};x}' Dockerfile; } >"$disk/Dockerfile"
fi
image=localhost/immich-backup:test
buildah bud --isolation chroot --pull-never --build-arg PG_SOURCE=debian --build-arg PG_MAJORS=15 -q -t "$image" -f "$disk/Dockerfile" . \
  >"$work/out" 2>"$work/err" || fail "the image cannot be built"

size=$(podman save "$image" 2>"$work/err" | gzip -1 | wc -c)
echo "the image has $((size >> 20)) MiB, compressed"
# At most 250 MB with apt.postgresql.org's packages, which are four more clients and pgvector.
[ "$size" -lt 200000000 ] || fail "the image is too large: $size bytes, compressed"

run() { # STATUS OPTION-OR-ARGUMENT...: as the CronJob's pod does. /tmp has $tmp bytes.
  local wanted=$1 status=0
  shift
  "${as_a_pod[@]}" --tmpfs "/tmp:rw,size=${tmp:-256m},mode=1777" -v "$library:/data:ro" -v "$disk/config:/config" -e IMMICH_BACKUP_MACHINE_KEY_FILE=/config/machine.key -e LIBRARY_PATH=/data -e GCS_BUCKET=photos \
    -e STORAGE_EMULATOR_HOST="$url" -e DB_HOSTNAME -e DB_PORT -e DB_USERNAME -e DB_PASSWORD -e DB_DATABASE_NAME "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "podman run $*: exit status $status, not $wanted"; }
}

library=$disk/library
make_library
chmod -R a+rX "$library" "$disk"
mkdir -m 700 "$disk/config"
chown 10001 "$disk/config"
start_database
start_emulator --bucket photos
run 0 "$image" --version
run 2 "$image" backup
says err "immich-backup init --store gs://photos"
run 2 -e IMMICH_BACKUP_MACHINE_KEY_FILE=/home/machine.key "$image" init
says err "lies in the container's own layer"
run 0 "$image" init
key=$(grep -o -m 1 'ed25519:[^ ]*' "$work/out" || grep -o -m 1 'ed25519:[^ ]*' "$work/err")
run 0 "$image" backup --json
json '.result, .database.bytes > 0, .files.failed' $'ok\ntrue\n0'
run 0 "$image" status
run 0 --entrypoint /app/backup "$image" --json
json '.command, .files.new' $'backup\n0'
run 0 --entrypoint /app/backup.py "$image" --env UPLOAD_WORKERS=2 --json
# The drill, on the server in the image.
run 0 --entrypoint /app/verify-restore "$image" --sample 1000000 --json
json '.verdict, .database.restored, .read_back.objects == .files.total' $'proven\ntrue\ntrue'
json '.database.server | startswith("PostgreSQL 15.")' true
# As any user, in a volume. It has no machine key, and so stores no proof.
scratch=$disk/scratch
mkdir -m 1777 "$scratch"
anybody=(--user 12345:12345 -e IMMICH_BACKUP_MACHINE_KEY_FILE= -e IMMICH_BACKUP_TRUSTED_KEY="$key")
run 0 "${anybody[@]}" -v "$scratch:/scratch" -e TMPDIR=/scratch --entrypoint /app/verify-restore.py "$image" --json
json '.verdict, .database.restored' $'proven\ntrue'
[ -z "$(ls -A "$scratch")" ] || fail "the drill left something: $(ls -A "$scratch")"
# Where there is no room, it says so before it begins.
tmp=16m run 3 "${anybody[@]}" --entrypoint /app/verify-restore "$image" --json
json '.verdict, .dump.read, .database.restored' $'not_proven\ntrue\nfalse'
json '.problems[0].message | contains("/tmp is too small") and contains("16 MiB is free")' true
# Stopped in the middle, it ends, and takes everything with it.
"${as_a_pod[@]}" -d --name stopped "${anybody[@]}" -v "$scratch:/scratch" -e TMPDIR=/scratch -e GCS_BUCKET=photos -e STORAGE_EMULATOR_HOST="$url" \
  --entrypoint /app/verify-restore "$image" --bwlimit 8k >"$work/out" 2>"$work/err" || fail "podman does not start a drill"
until pgrep -f "postgres -D /scratch" >/dev/null; do podman container exists stopped || fail "the drill ended before its server began"; done
podman wait stopped >"$work/status" 2>/dev/null &
podman kill -s TERM stopped >/dev/null
wait $!
[ "$(cat "$work/status")" = 130 ] || fail "a drill that was stopped ends with $(cat "$work/status")"
! pgrep -f "postgres -D /scratch" >/dev/null || fail "the drill's PostgreSQL lives on"
[ -z "$(ls -A "$scratch")" ] || fail "the stopped drill left something: $(ls -A "$scratch")"
# On a server that is given, which is not Immich's own.
demo/postgres start "$drill_server"
drill=$(. "$drill_server/env" && echo "postgresql://$DB_USERNAME:$DB_PASSWORD@$DB_HOSTNAME:$DB_PORT/postgres")
run 0 --entrypoint /app/verify-restore -e DRILL_DB_URL="$drill" "$image" --sample 1000000 --json
json '.verdict, .database.restored, .read_back.objects == .files.total' $'proven\ntrue\ntrue'
run 0 --entrypoint /bin/sh "$image" -c 'test "$(id -u)" = 10001 && ! id -un && ! touch /x 2>/dev/null && ! touch /data/x 2>/dev/null && test -f /usr/share/zoneinfo/Europe/Berlin'

# The worst day, by the page that recovery-kit prints, which somebody types who has nothing else. The network is the host's, where the emulated bucket is.
run 0 "$image" recovery-kit --image "$image"
day=$disk/worst-day
mkdir -p "$day/bin" "$day/home" "$day/library"
printf '#!/bin/bash\n[ "$1" != run ] || set -- run --pull=never --network host -e STORAGE_EMULATOR_HOST=%q "${@:2}"\nexec podman "$@"\n' "$url" >"$day/bin/docker"
chmod +x "$day/bin/docker"
echo '{}' >"$day/reader.json"
sed -n '/^  docker run -d/,/docker logs/p' "$work/out" | sed "s|/srv/immich/library|$day/library|" >"$day/typed"
(cd "$day" && env -i PATH="$day/bin:$PATH" HOME="$day/home" TMPDIR="$disk" CONTAINERS_CONF="$CONTAINERS_CONF" CONTAINERS_STORAGE_CONF="$CONTAINERS_STORAGE_CONF" \
  bash -euo pipefail typed) >"$work/out" 2>"$work/err" || fail "the recovery kit's page does not run: $(cat "$day/typed" "$work/out")"
[ "$(podman wait immich-restore)" = 0 ] || { cat "$work/out" >&2; fail "the restore of the recovery kit's page failed"; }
diff -r "$library/upload" "$day/library/upload" || fail "the recovery kit's page brought other files back"
[ -n "$(find "$day/library/backups" -name 'restored-*-v3.1.0-dump.sql.gz' -size +1k)" ] || fail "the dump is not where Immich looks for it"
[ "$(stat -c %u:%g "$day/library/upload")" = 0:0 ] || fail "the files are not root's"

# What is left unset in the manifests is found by the doctor in the pod.
run 3 -e STORAGE_EMULATOR_HOST= -e GCS_BUCKET=REPLACE_ME "$image" doctor
says out REPLACE_ME
run 3 -e STORAGE_EMULATOR_HOST= -e GCS_CREDENTIALS=REPLACE_ME "$image" doctor
says out GCS_CREDENTIALS
sed -n '/^  immich-backup.json: |/,/^    }/{/json: |/d;p}' components/immich/components/workload-identity-jwks/credential-config.yaml >"$disk/credential.json"
chmod a+r "$disk/credential.json"
run 3 -v "$disk/credential.json:/credential.json:ro" -e STORAGE_EMULATOR_HOST= -e GOOGLE_APPLICATION_CREDENTIALS=/credential.json "$image" doctor
says out PROJECT_NUMBER

# Beside Immich's own compose file, with its .env as it is: a disk, and back from it, as README, docs/restore.md and the example say. The network is the host's
# here, so that the test's database is reached.
if command -v podman-compose >/dev/null; then
  typed_blocks README.md "$disk/readme"
  typed_blocks docs/restore.md "$disk/restore"
  mkdir "$disk/bin"
  # podman-compose 1.0 asks for a network of its own beside the host's, which podman refuses, hides podman's exit status, and passes on no -v and -e of `run`.
  printf '#!/bin/bash\nwords=("$@")\n[ "$1" != run ] || words=(run $RUN_OPTIONS "${@:2}")\nfor i in "${!words[@]}"; do case ${words[i]} in --net | --network-alias) unset "words[i]" "words[i + 1]" ;; esac; done\nexec %s "${words[@]}"\n' \
    "$(command -v podman)" >"$disk/bin/podman"
  cat >"$disk/bin/docker" <<'SH'
#!/bin/bash
# docker compose -f FILE -f FILE run --rm SERVICE ARGUMENT..., or up -d SERVICE
if [ "$1 $2 $4 $6 $7" = 'compose -f -f up -d' ]; then exec podman-compose -f "$3" -f "$5" -f host.yml up -d --no-deps "$8" >compose.out 2>&1; fi
[ "$1 $2 $4 $6 $7" = 'compose -f -f run --rm' ] || { echo "docker $*: unknown here" >&2 && exit 125; }
words=("${@:8}")
while [[ ${words[0]} = -[ev] ]]; do
  RUN_OPTIONS="${RUN_OPTIONS:-} ${words[0]} ${words[1]}"
  words=("${words[@]:2}")
done
export RUN_OPTIONS
podman-compose -f "$3" -f "$5" -f host.yml run --rm --no-deps -T "${words[@]}" 2>&1 | tee compose.out
exit "$(sed -n 's/^exit code: //p' compose.out | tail -n 1)"
SH
  printf '#!/bin/sh\nexec "$@"\n' >"$disk/bin/sudo"
  chmod +x "$disk/bin"/*
  # FOLDER BACKUP-FILE UPLOAD_LOCATION: as somebody has it who runs Immich.
  beside_immich() {
    mkdir "$1"  # and no folder for the store: the lines that are typed make it
    printf 'services:\n  database:\n    image: %s\n' "$image" >"$1/docker-compose.yml"
    sed -e "s|/mnt/usb/immich-backup|$1/disk|" -e "s|image: immich-backup\$|image: $image|" "$2" >"$1/docker-compose.backup.yml"
    local host='    network_mode: host\n    environment: {DB_HOSTNAME: 127.0.0.1, DB_PORT: "%s"}\n'
    # shellcheck disable=SC2059
    { printf "services:\n  immich-backup:\n$host" "$DB_PORT"; ! grep -q '^  immich-restore:' "$2" || printf "  immich-restore:\n$host" "$DB_PORT"; } >"$1/host.yml"
    upload_location "$1" "$3"
  }
  upload_location() { # FOLDER UPLOAD_LOCATION
    printf 'UPLOAD_LOCATION=%s\nDB_PASSWORD=%s\nDB_USERNAME=%s\nDB_DATABASE_NAME=%s\nIMMICH_VERSION=release\nIMMICH_BACKUP_IMAGE=%s\n' \
      "$2" "$DB_PASSWORD" "$DB_USERNAME" "$DB_DATABASE_NAME" "$image" >"$1/.env"
  }
  typed() { # FOLDER FILE: in the folder of Immich's own file
    (cd "$1" && env -u LIBRARY_PATH -u IMMICH_BACKUP_STORE -u DB_PASSWORD PATH="$disk/bin:$PATH" bash -O expand_aliases -euo pipefail <(sed "s|/mnt/usb/immich-backup|$1/disk|" "$2")) \
      >"$work/out" 2>"$work/err" || fail "compose: $(cat "$2" "$work/out")"
  }
  # FOLDER: what `up` has started there serves its page, and ends in order.
  serves() {
    local container password
    container=$(podman ps --format '{{.Names}}' | grep "^$(basename "$1")_immich-backup") || fail "nothing was started: $(cat "$1/compose.out")"
    for _ in {1..300}; do [ "$(curl -s http://127.0.0.1:2284/healthz)" != ok ] || break; sleep 0.2; done
    password=$(cat "$1/immich-backup/state/web-password") || fail "there is no password: $(podman logs "$container" 2>&1)"
    curl -sSf -c "$work/cookies" -d "password=$password" http://127.0.0.1:2284/login >"$work/out" 2>"$work/err" ||
      fail "it lets nobody in: $(podman logs "$container" 2>&1)"
    for _ in {1..100}; do
      curl -sf -b "$work/cookies" http://127.0.0.1:2284/api/v1/overview >"$work/out"
      [ "$(jq -r .colour "$work/out")" = grey ] || break
      sleep 0.2
    done
    json .colour green
    says out "originals would come back"
    podman stop -t 60 "$container" >/dev/null
    [ "$(podman inspect -f '{{.State.ExitCode}}' "$container")" = 0 ] || fail "it did not end in order: $(podman logs "$container" 2>&1)"
    podman rm "$container" >/dev/null
  }
  echo "== README's lines for Docker Compose"
  beside_immich "$disk/compose" "$disk/readme/1" "$library"
  typed "$disk/compose" "$disk/readme/2"
  says out complete
  says out proven
  serves "$disk/compose"

  echo "== the example for Docker Compose"
  beside_immich "$disk/example" examples/docker-compose.backup.yml "$library"
  sed -n '/^#  *sudo install/,/^#  *docker compose/p; /^#  *docker compose.*up -d/q' examples/docker-compose.backup.yml |
    sed -e 's/^# *//' -e "s/ \{4,\}[^']*\$//" >"$disk/example.typed"
  [ "$(wc -l <"$disk/example.typed")" = 7 ] || fail "the example's head has other lines: $(cat "$disk/example.typed")"
  typed "$disk/example" "$disk/example.typed"
  says out complete
  says out proven
  serves "$disk/example"
  mkdir "$disk/new-library"
  upload_location "$disk/example" "$disk/new-library"
  typed "$disk/example" "$disk/restore/1"
  diff -r "$library/upload" "$disk/new-library/upload" || fail "compose brought other files back"

  echo "== the example for Docker Compose, with an encrypted store"
  age-keygen -o "$disk/owner.txt" 2>/dev/null
  sed -e 's|# \(IMMICH_BACKUP_DRILL_SCHEDULE: \)|\1|' -e "s|# \(IMMICH_BACKUP_ENCRYPT_TO: \).*|\1$(age-keygen -y "$disk/owner.txt")|" examples/docker-compose.backup.yml >"$disk/encrypted.yml"
  [ "$(diff "$disk/encrypted.yml" examples/docker-compose.backup.yml | grep -c '^<')" = 2 ] || fail "the example has no lines for an encrypted store"
  beside_immich "$disk/encrypted" "$disk/encrypted.yml" "$library"
  head -n 2 "$disk/example.typed" >"$disk/encrypted.typed"
  sed -n '/^#  *sudo install -m 400/,/^#  *sudo rm/p' examples/docker-compose.backup.yml |
    sed -e 's/^# *//' -e "s/ \{4,\}[^']*\$//" -e "s|/media/key/owner.txt|$disk/owner.txt|" -e "s|/dev/shm/owner.txt|$disk/shown.txt|" >>"$disk/encrypted.typed"
  [ "$(wc -l <"$disk/encrypted.typed")" = 5 ] || fail "the example's head has other lines: $(cat "$disk/encrypted.typed")"
  echo 'ib backup' >>"$disk/encrypted.typed"
  typed "$disk/encrypted" "$disk/encrypted.typed"
  says out "the identity that you gave opens it"
  says out complete
  [ ! -e "$disk/shown.txt" ] || fail "the identity is still there"
  rm -r "$disk/new-library"
  mkdir "$disk/new-library"
  upload_location "$disk/encrypted" "$disk/new-library"
  options=$(sed -n 's/^  # of an encrypted store with \(.*\) after --rm$/\1/p' examples/docker-compose.backup.yml)
  [ -n "$options" ] || fail "the example does not say how the restore gets the identity"
  sed "s|run --rm|& ${options//\/media\/key\/owner.txt/$disk/owner.txt}|" "$disk/restore/1" >"$disk/encrypted.typed"
  typed "$disk/encrypted" "$disk/encrypted.typed"
  diff -r "$library/upload" "$disk/new-library/upload" || fail "compose brought other files back from an encrypted store"
fi

# The pods as kustomize renders them: nothing is changed but where the emulator is (tests/deploy/kubernetes/pod.mjs). Volumes of podman's are the claims.
needs kubectl
npm_packages kubernetes
echo "== the pods of the manifests"
cp -r components/immich "$disk/immich"
site=$disk/immich/overlays/site
sed -i -e 's|components/service-account-key|components/workload-identity-gke|' "$disk/immich/overlays"/{prod,restore-only}/kustomization.yaml
sed -i -e 's|# - ../../resources/web$|- ../../resources/web|' -e 's|# - web-secrets|- web-secrets|' -e 's|# - ../../resources/fleet|- ../../resources/fleet|' -e 's|# - ../../components/drill-alone|- ../../components/drill-alone|' "$disk/immich/overlays/prod/kustomization.yaml"
sed -i -e 's|- name: ghcr.io/immich-backup/immich-backup$|&\n    newName: localhost/immich-backup|' -e 's|newTag: 0.1.0|newTag: test|' "$site/kustomization.yaml"
sed -i -e "s|trusted_key: .*|trusted_key: \"$key\"|" -e 's|restore_owner: .*|restore_owner: "1000:1000"|' "$site/backup-config.yaml"
kubectl kustomize "$disk/immich/overlays/prod" >"$disk/rendered.yaml"
# podman 4 keeps the Secrets of pods so: names and values in base64 for the environment, and for a volume a whole Secret, whose values it does not decode.
database_secret() { # DATABASE
  podman secret rm immich-database-secret >/dev/null 2>&1 || true
  jq -n --arg database "$1" '{DB_HOSTNAME: env.DB_HOSTNAME, DB_PORT: env.DB_PORT, DB_USERNAME: env.DB_USERNAME, DB_PASSWORD: env.DB_PASSWORD,
    DB_DATABASE_NAME: $database} | map_values(@base64)' | podman secret create immich-database-secret - >/dev/null
}
database_secret "$DB_DATABASE_NAME"
for credential in immich-backup-secrets immich-backup-reader-secrets immich-backup-pruner-secrets; do
  jq -n '{GCS_BUCKET: ("photos" | @base64)}' | podman secret create "$credential" - >/dev/null
done
jq -n --rawfile key "$disk/config/machine.key" '{apiVersion: "v1", kind: "Secret", data: {"machine.key": $key}}' | podman secret create immich-backup-machine-key - >/dev/null
claim() { # FOLDER: is immich-library from now on
  podman volume rm -f "$(sed -n 's/^  library_claim: *//p' "$site/backup-config.yaml")" >/dev/null 2>&1 || true
  podman volume create --opt type=none --opt o=bind --opt device="$1" "$(sed -n 's/^  library_claim: *//p' "$site/backup-config.yaml")" >/dev/null
}
start_pod() { # OWNER [INDEX]
  (cd "$npm" && node pod.mjs "$disk/rendered.yaml" "$1" "pod-$1" "$url" "${@:2}") >"$disk/pod.yaml"
  podman play kube --network host "$disk/pod.yaml" >"$work/out" 2>"$work/err" || fail "podman does not take the pod of $1"
}
pod() { # STATUS CRONJOB CONTAINER [INDEX]: runs it to its end; $work/out is its log
  local status
  start_pod "$2" "${@:4}"
  status=$(podman wait "pod-$2-$3")
  podman inspect "pod-$2-$3" >"$work/inspected"
  podman logs "pod-$2-$3" >"$work/out" 2>"$work/err"
  podman pod rm -f "pod-$2" >/dev/null
  [ "$status" = "$1" ] || { cat "$work/out" >&2; fail "the pod of $2 ended with $status"; }
  jq -e '.[0].HostConfig.ReadonlyRootfs' "$work/inspected" >/dev/null || fail "the pod of $2 may write into its root"
}
user() { jq -r '.[0].Config.User' "$work/inspected"; }
claim "$library"

printf 'new in the pod' >"$library/upload/in-the-pod.jpg"
chmod a+r "$library/upload/in-the-pod.jpg"
run 0 "$image" status --json
first=$(jq -r .newest.time "$work/out")
before=$(curl -sf "$url/storage/v1/b/photos/o?prefix=manifest-" | jq '.items | length')
pod 0 immich-backup backup
says out "complete"
[[ $(user) = 10001* ]] || fail "the backup ran as $(user)"
[ "$(curl -sf "$url/storage/v1/b/photos/o?prefix=manifest-" | jq '.items | length')" -gt "$before" ] || fail "the pod left no restore point"
curl -sf "$url/storage/v1/b/photos/o?prefix=library/upload/in-the-pod.jpg" | jq -e '.items | length == 1' >/dev/null || fail "the pod did not store the new photo"
pod 0 immich-verify-restore verify
says out "it can be restored"
pod 0 immich-backup-prune prune
# A part of the fleet, of which the next backup knows.
printf 'of the fleet' >"$library/upload/of-the-fleet.jpg"
chmod a+r "$library/upload/of-the-fleet.jpg"
for index in 0 1 2 3; do pod 0 immich-backup-fleet backup "$index"; done
curl -sf "$url/storage/v1/b/photos/o?prefix=library/upload/of-the-fleet.jpg" | jq -e '.items | length == 1' >/dev/null || fail "the fleet did not store the new photo"
pod 0 immich-backup backup
says out "complete"

# The page: who knows the password of the Secret sees how the backup is, and starts nothing. The pod leaves the bucket as it is.
run 0 "$image" status --json
newest=$(jq -r .newest.time "$work/out")
listing() { curl -sf "$url/storage/v1/b/photos/o" | jq -S '[.items[] | {name, generation, metageneration}]'; }
listing >"$work/before"
jq -n '{apiVersion: "v1", kind: "Secret", data: {password: "of the page\n"}}' | podman secret create immich-backup-web-secrets - >/dev/null
page=http://127.0.0.1:2284
page_of() { # PATH CURL-ARGUMENT...: into $work/out
  curl -sS -o "$work/out" -w '%{http_code}' -b "$work/page" "${@:2}" "$page$1" >"$work/status" 2>"$work/err" || fail "the page is gone: $(podman logs pod-immich-backup-web-web 2>&1)"
}
answers() { # STATUS PATH CURL-ARGUMENT...
  page_of "${@:2}"
  [ "$(cat "$work/status")" = "$1" ] || { cat "$work/out" >&2; fail "the page's answer to ${*:2} is $(cat "$work/status"), not $1"; }
}
is_up() { for _ in {1..300}; do [ "$(curl -s "$page/healthz")" != ok ] || return 0; sleep 0.2; done; fail "the page is not well: $(podman logs pod-immich-backup-web-web 2>&1)"; }
# let_in: logs in, and waits until the page knows how the store is.
let_in() {
  answers 303 /login -d 'password=of the page' -c "$work/page"
  for _ in {1..300}; do
    answers 200 /api/v1/overview
    [ "$(jq -r .colour "$work/out")" = grey ] || return 0
    sleep 0.2
  done
}
start_pod immich-backup-web
is_up
answers 401 /api/v1/overview
answers 403 /login -d password=REPLACE_ME
let_in
json '.colour' green
says out "originals would come back, as of $newest."
json '.next | map(. == null) | all' true
answers 200 /api/v1/session
json .read_only true
csrf=$(jq -r .csrf "$work/out")
for command in backup verify verify-restore prune; do
  answers 403 /api/v1/jobs -H "X-CSRF-Token: $csrf" -d "{\"command\": \"$command\"}"
  says out "nothing can be started from this page"
done
for question in status restore-points cost doctor config recovery-kit; do answers 200 "/api/v1/$question"; done
answers 200 /api/v1/runs
json '.runs | length' 0
podman inspect pod-immich-backup-web-web >"$work/inspected"
jq -e '.[0].HostConfig.ReadonlyRootfs' "$work/inspected" >/dev/null || fail "the page's pod may write into its root"
[[ $(user) = 10001* ]] || fail "the page ran as $(user)"
stop_page() {
  podman stop -t 30 pod-immich-backup-web-web >/dev/null
  [ "$(podman inspect -f '{{.State.ExitCode}}' pod-immich-backup-web-web)" = 0 ] || fail "the page did not end in order: $(podman logs pod-immich-backup-web-web 2>&1)"
  podman pod rm -f pod-immich-backup-web >/dev/null
}
stop_page
listing | diff "$work/before" - || fail "the page changed the bucket"
# Behind a proxy that logs people in, without a password. Other networks may name whom they like.
podman secret rm immich-backup-web-secrets >/dev/null
rm "$work/page"
cp -r "$disk/immich" "$disk/by-proxy"
sed -i 's|# - ../../components/web-login-by-proxy|- ../../components/web-login-by-proxy|' "$disk/by-proxy/overlays/prod/kustomization.yaml"
kubectl kustomize "$disk/by-proxy/overlays/prod" >"$disk/rendered.yaml"
user_header=$(sed -n '/name: IMMICH_BACKUP_USER_HEADER/{n;s/.*value: //p}' "$disk/rendered.yaml")
start_pod immich-backup-web
is_up
answers 403 /api/v1/session -H "$user_header: somebody"
stop_page
sed -i '/name: IMMICH_BACKUP_TRUSTED_PROXY/{n;s|value: .*|value: 127.0.0.0/8|}' "$disk/rendered.yaml"
start_pod immich-backup-web
is_up
answers 403 /api/v1/session
answers 200 /api/v1/session -H "$user_header: somebody"
json .read_only true
stop_page

# The worst day, by the overlay that has nothing else.
kubectl kustomize "$disk/immich/overlays/restore-only" >"$disk/rendered.yaml"
mkdir "$disk/claim"
claim "$disk/claim"
pod 0 immich-restore restore
[[ $(user) = 0* ]] || fail "the restore ran as $(user)"
diff -r "$library/upload" "$disk/claim/upload" || fail "the pod brought other files back"
[ "$(stat -c %u:%g "$disk/claim/upload/in-the-pod.jpg")" = 1000:1000 ] || fail "the files belong to $(stat -c %u:%g "$disk/claim/upload/in-the-pod.jpg")"
# Once more, as after a drain.
pod 0 immich-restore restore
pg psql -X -q -d postgres -c 'CREATE DATABASE restored'
database_secret restored
pod 0 immich-restore-database restore-database
DB_DATABASE_NAME=restored pg demo/fingerprint database | diff - <(pg demo/fingerprint database) || fail "the pod brought another database back"
# Without root, into a claim of that user's.
sed -i 's|# - ../../components/restore-as-user|- ../../components/restore-as-user|' "$disk/immich/overlays/restore-only/kustomization.yaml"
sed -i 's|restore_owner: .*|restore_owner: ""|' "$site/backup-config.yaml"
kubectl kustomize "$disk/immich/overlays/restore-only" >"$disk/rendered.yaml"
mkdir "$disk/users-claim"
chown 1000:1000 "$disk/users-claim"
claim "$disk/users-claim"
pod 0 immich-restore restore
[[ $(user) = 1000* ]] || fail "the restore ran as $(user)"
diff -r "$library/upload" "$disk/users-claim/upload" || fail "the pod without root brought other files back"
# An earlier state: as it was before the first pod.
sed -i "s|restore_at: .*|restore_at: \"$first\"|" "$site/backup-config.yaml"
kubectl kustomize "$disk/immich/overlays/restore-only" >"$disk/rendered.yaml"
mkdir "$disk/earlier-claim"
chown 1000:1000 "$disk/earlier-claim"
claim "$disk/earlier-claim"
pod 0 immich-restore restore
[ ! -e "$disk/earlier-claim/upload/in-the-pod.jpg" ] || fail "the pod brought the newest state back"
rm "$library/upload/in-the-pod.jpg" "$library/upload/of-the-fleet.jpg"
diff -r "$library/upload" "$disk/earlier-claim/upload" || fail "the pod brought another state back than the first one"

# An encrypted store in the same bucket: the machine key opens its manifests to the pods that read them, and the drill and the restores have an identity.
echo "== the pods of the manifests, with an encrypted store"
age-keygen -o "$disk/identity.txt" 2>/dev/null
to=$(age-keygen -y "$disk/identity.txt")
run 0 -e GCS_BUCKET=photos/encrypted -e IMMICH_BACKUP_ENCRYPT_TO="$to" "$image" init --unproven
for credential in immich-backup-secrets immich-backup-reader-secrets immich-backup-pruner-secrets; do
  podman secret rm "$credential" >/dev/null
  jq -n '{GCS_BUCKET: ("photos/encrypted" | @base64)}' | podman secret create "$credential" - >/dev/null
done
for name in immich-backup-drill-identity immich-backup-identity; do
  jq -n --rawfile identity "$disk/identity.txt" '{apiVersion: "v1", kind: "Secret", data: {"identity.txt": $identity}}' | podman secret create "$name" - >/dev/null
done
database_secret "$DB_DATABASE_NAME"
sed -i -e "s|encrypt_to: .*|encrypt_to: \"$to\"|" -e 's|restore_at: .*|restore_at: ""|' -e 's|restore_owner: .*|restore_owner: "1000:1000"|' "$site/backup-config.yaml"
sed -i -e 's|# - ../../components/encrypted|- ../../components/encrypted|' -e 's|# - ../../components/drill-identity|- ../../components/drill-identity|' "$disk/immich/overlays/prod/kustomization.yaml"
sed -i -e 's|- ../../components/restore-as-user|# &|' -e 's|# - ../../components/restore-identity|- ../../components/restore-identity|' "$disk/immich/overlays/restore-only/kustomization.yaml"
kubectl kustomize "$disk/immich/overlays/prod" >"$disk/rendered.yaml"
claim "$library"
pod 0 immich-backup backup
says out "complete"
pod 0 immich-verify-restore verify
says out "it can be restored"
pod 0 immich-backup-prune prune
jq -n '{apiVersion: "v1", kind: "Secret", data: {password: "of the page\n"}}' | podman secret create immich-backup-web-secrets - >/dev/null
start_pod immich-backup-web
is_up
let_in
json '.colour' green
stop_page
curl -sf "$url/storage/v1/b/photos/o?prefix=encrypted/library/" | jq -e '.items | length > 10 and all(.name | test("^encrypted/library/../[0-9a-f]{64}[.]age$"))' >/dev/null || fail "the pod's photos are not encrypted"
kubectl kustomize "$disk/immich/overlays/restore-only" >"$disk/rendered.yaml"
mkdir "$disk/encrypted-claim"
claim "$disk/encrypted-claim"
pod 0 immich-restore restore
diff -r "$library/upload" "$disk/encrypted-claim/upload" || fail "the pod brought other files back from an encrypted store"
pg psql -X -q -d postgres -c 'CREATE DATABASE decrypted'
database_secret decrypted
pod 0 immich-restore-database restore-database
DB_DATABASE_NAME=decrypted pg demo/fingerprint database | diff - <(pg demo/fingerprint database) || fail "the pod brought another database back from an encrypted store"
