#!/usr/bin/env bash
# The image as a cluster runs it: read-only root, no capabilities, nobody's user, little memory, the library read-only. It backs up a library and a real
# PostgreSQL into an emulated bucket, and knows its predecessor's names.
#
# The base is made here, of Debian's packages, since no registry need be in reach. The program in it is the one under test: compiling it once more takes
# minutes, and IMAGE_TEST=whole does it.
. "$(dirname "$0")/lib.sh"
case ${IMAGE_TEST:-} in
yes | whole) ;;
*) skip "building and running an image takes many minutes: IMAGE_TEST=yes does it" ;;
esac
needs buildah podman mmdebstrap
[ "$(id -u)" -eq 0 ] || skip "images are built as root here"

# Storage of its own, in a folder of its own; inside a container limits cannot be raised, and there is no systemd.
disk=$(mktemp -d -p /var/tmp)
printf '[containers]\ndefault_ulimits = ["nofile=16384:16384","nproc=4096:4096"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n' >"$disk/containers.conf"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/storage"\nrunroot = "%s/run"\n' "$disk" "$disk" >"$disk/storage.conf"
export CONTAINERS_CONF=$disk/containers.conf CONTAINERS_STORAGE_CONF=$disk/storage.conf TMPDIR=$disk

base=${DEPLOY_CACHE:?}/debian-bookworm.tar
if [ ! -s "$base" ]; then
  mkdir -p "$DEPLOY_CACHE"
  mmdebstrap --variant=minbase bookworm "$disk/base.tar" >"$work/err" 2>&1 || skip "Debian's packages are out of reach: $(tail -n 1 "$work/err")"
  mv "$disk/base.tar" "$base"
fi
podman import -q "$base" docker.io/library/debian:bookworm-slim >"$work/out" 2>"$work/err" || skip "containers do not work here: $(tail -n 1 "$work/err")"

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

run() { # STATUS OPTION-OR-ARGUMENT...: as the CronJob's pod does
  local wanted=$1 status=0
  shift
  podman run --pull=never --rm --network host --read-only --read-only-tmpfs=false --tmpfs /tmp:rw,size=256m,mode=1777 --cap-drop ALL \
    --security-opt no-new-privileges --memory 512m -v "$library:/data:ro" -e LIBRARY_PATH=/data -e GCS_BUCKET=photos \
    -e STORAGE_EMULATOR_HOST="$url" -e DB_HOSTNAME -e DB_PORT -e DB_USERNAME -e DB_PASSWORD -e DB_DATABASE_NAME "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "podman run $*: exit status $status, not $wanted"; }
}

library=$disk/library
make_library
chmod -R a+rX "$library" "$disk"
start_database
start_emulator --bucket photos
run 0 "$image" --version
run 0 "$image" backup --json
json '.result, .database.bytes > 0, .files.failed' $'ok\ntrue\n0'
run 0 "$image" status
run 0 --entrypoint /app/backup "$image" --json
json '.command, .files.new' $'backup\n0'
run 0 --entrypoint /app/backup.py "$image" --env UPLOAD_WORKERS=2 --json
run 0 --entrypoint /app/verify-restore "$image" --help
run 0 --entrypoint /bin/sh "$image" -c 'test "$(id -u)" = 10001 && ! touch /x 2>/dev/null && ! touch /data/x 2>/dev/null && test -f /usr/share/zoneinfo/Europe/Berlin'

# What is left unset in the manifests is found by the doctor in the pod.
run 3 -e STORAGE_EMULATOR_HOST= -e GCS_BUCKET=REPLACE_ME "$image" doctor
says out REPLACE_ME
run 3 -e STORAGE_EMULATOR_HOST= -e GCS_CREDENTIALS=REPLACE_ME "$image" doctor
says out GCS_CREDENTIALS
