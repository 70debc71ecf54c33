#!/usr/bin/env bash
# A folder store keeps its promises on whatever people mount: without hard links, exclusive renames,
# extended attributes or permissions, where upper and lower case are one, and where a store spans
# several file systems. Each file system that this machine cannot mount is named and left out.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "mounting needs root"
disk=$(mktemp -d -p /var/tmp)
mounted=() loops=()
stop_what_runs() {
  local at
  for at in ${mounted[@]+"${mounted[@]}"}; do umount "$at" 2>/dev/null || fusermount -u "$at" 2>/dev/null || umount -l "$at" 2>/dev/null || true; done
  [ ${#loops[@]} -eq 0 ] || losetup -d "${loops[@]}"
}

# Names that only some file systems tell from each other, and names that only some can hold.
make_media_root
mkdir -p "$library/upload/u/aa" "$library/library/Admin/2021" "$library/library/admin/2021"
printf 'lower' >"$library/upload/u/aa/photo.jpg"
printf 'UPPER' >"$library/upload/u/aa/PHOTO.jpg"
printf 'same bytes' >"$library/upload/u/aa/twin.jpg"
printf 'same bytes' >"$library/upload/u/aa/TWIN.jpg"
printf 'of one user' >"$library/library/Admin/2021/a.jpg"
printf 'of another' >"$library/library/admin/2021/a.jpg"
printf 'composed' >"$library/library/admin/2021/caf"$'\u00e9'".jpg"
printf 'decomposed' >"$library/library/admin/2021/cafe"$'\u0301'".jpg"
printf 'a colon' >"$library/library/admin/2021/12:30 what?.jpg"
head -c 3000000 /dev/urandom >"$library/upload/u/aa/film.mov"
demo/fingerprint library "$library" >"$work/library.before"

tried=()
# backs_up NAME FOLDER: a store in FOLDER takes the library, and gives it back.
backs_up() {
  local name=$1
  store=$2/store
  export IMMICH_BACKUP_STORE=file://$store
  echo "$name"
  program 0 init --no-database
  program 0 backup --no-database --json
  json .result ok
  local sent
  sent=$(jq .uploaded.objects "$work/out")
  [ "$sent" -ge 9 ] || { cat "$work/out"; fail "$name: $sent objects for nine contents"; }
  program 0 verify --all
  rm -rf "$target"
  program 0 restore --target "$target"
  demo/fingerprint library "$target" | diff - "$work/library.before" >"$work/diff" || { cat "$work/diff"; fail "$name: the restore differs"; }
  program 0 backup --no-database --json
  json '.result, .uploaded.objects, .files.new, .files.changed' $'ok\n0\n0\n0'
  printf 'new %s' "$name" >"$library/upload/u/aa/new.jpg"
  program 0 backup --no-database --json
  json .uploaded.objects 1
  rm "$library/upload/u/aa/new.jpg"
  # Nothing is left of what was being written.
  [ -z "$(find "$store" -name '.incomplete-*' -o -path '*/.incomplete/*')" ] || fail "$name: temporary files are left"
  # Where the manifest is lost, it is made again with every content that has its path in its name, or
  # in an attribute.
  rm -f "$store"/manifest-*.db "$store"/manifest.db
  "$IMMICH_BACKUP" rebuild-manifest >"$work/out" 2>"$work/err" || [ $? -eq 3 ] || fail "$name: rebuild-manifest"
  program 0 ls --json
  for path in upload/u/aa/photo.jpg library/admin/2021/a.jpg upload/u/aa/film.mov; do
    # Where case is folded, which of two came first is chance.
    jq -e --arg path "/$path" '.files | any(.path | ascii_downcase == $path)' "$work/out" >/dev/null || fail "$name: the new manifest lacks $path"
  done
  tried+=("$name")
}
# image NAME MKFS...: a file system in a file, as the block device $device, to be mounted at $at.
image() {
  at=$disk/$1
  mkdir "$at"
  truncate -s 100M "$disk/$1.img"
  "${@:2}" "$disk/$1.img" >"$work/mkfs" 2>&1
  device=$(losetup -f --show "$disk/$1.img" 2>"$work/err") || return
  loops+=("$device")
}

at=$disk/ext4
mkdir "$at"
backs_up "the disk" "$at"

# Nobody else reads what is stored, but for the group where init was told so.
[ -z "$(find "$store" -perm /077)" ] || fail "others may read: $(find "$store" -perm /077 | head -n 3)"
store=$at/shared
export IMMICH_BACKUP_STORE=file://$store
program 0 init --no-database --group-readable
program 0 backup --no-database
[ -z "$(find "$store" -type f ! -perm 640 -o -type d ! -perm 750)" ] || fail "the group may not read, or others may"

# The disk again, as if it lacked what others lack, one thing after the other and all together.
for lacking in locks links renames "links renames" attributes flushes "locks links renames attributes flushes"; do
  on_poor_disk "$lacking" "$IMMICH_BACKUP" init --no-database --json --store "file://$at/lacking $lacking/store" >"$work/out"
  # One of the two is enough.
  case $lacking in
    links | renames) json '.notes[0] | test("has all that a store makes use of")' true ;;
    *) json '.notes[0] | test("has no ")' true ;;
  esac
  mkdir -p "$at/without $lacking"
  LACKING=$lacking LD_PRELOAD=$POOR_DISK ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 backs_up "without $lacking" "$at/without $lacking"
done

# Where there are no locks, what a killed run left goes by its age; a file that is being written stays.
store=$at/unlocked
export IMMICH_BACKUP_STORE=file://$store
on_poor_disk locks program 0 init --no-database
touch -d '2 days ago' "$store/.incomplete/left"
touch "$store/.incomplete/busy"
on_poor_disk locks program 0 backup --no-database
[ ! -e "$store/.incomplete/left" ] || fail "a file that a killed run left stays for ever"
[ -e "$store/.incomplete/busy" ] || fail "a file that may be in use was removed"

# A file that the place cannot hold is that file's problem. The rest is stored.
store=$at/small
export IMMICH_BACKUP_STORE=file://$store
program 0 init --no-database
status=0
(trap '' XFSZ && ulimit -f 2000 && exec "$IMMICH_BACKUP" backup --no-database --json) >"$work/out" 2>"$work/err" || status=$?
[ "$status" -eq 3 ] || fail "exit status $status where one file is too large"
json '[.problems[] | .code, .path] | join(" ")' "too_large /upload/u/aa/film.mov"
json '.uploaded.objects >= 8' true
program 0 backup --no-database --json
json '.result, .uploaded.objects' $'ok\n1'
if command -v mount.exfat-fuse >/dev/null && command -v mkfs.exfat >/dev/null; then
  image exfat mkfs.exfat && mount.exfat-fuse "$device" "$at" >/dev/null 2>"$work/err" && mounted+=("$at") && backs_up "exFAT" "$at"
  # Restored to such a place, a photo never takes the place of another one, whatever is asked for.
  if mountpoint -q "$at"; then
    for _ in 1 2; do
      program 3 restore --target "$at/restored" --overwrite if-different --json upload/u/aa/photo.jpg upload/u/aa/PHOTO.jpg
      json '[.problems[].code] | join(" ")' name_taken
      left=$(jq -r '.problems[0].path' "$work/out")
      kept=$(find "$at/restored/upload/u/aa" -type f)
      [[ ${kept,,} == */photo.jpg ]] || fail "not one photo: $kept"
      [ "$(cat "$kept")" = "$(cat "$library/upload/u/aa/$(basename "$kept")")" ] || fail "$kept has the bytes of $left"
    done
    tried+=("a restore to exFAT")
    program 0 keygen "$at/key.txt"
    says out "everybody on this machine can read the file, since its file system keeps no permissions"
    program 2 keygen "$at/KEY.TXT"
    says err "KEY.TXT: is there already"
  fi
fi
if command -v lowntfs-3g >/dev/null && image ntfs mkntfs -F -Q; then
  # It shows every name in lower case, that of a manifest too.
  if lowntfs-3g -o ignore_case "$device" "$at" 2>"$work/err"; then
    mounted+=("$at")
    program 2 init --no-database --store "file://$at/store"
    says err "shows names in another spelling"
    [ -z "$(find "$at" -name '*incomplete*')" ] && [ ! -e "$at/store" ] || fail "a refused init has left something"
    umount "$at"
    tried+=("NTFS with ignore_case: refused")
  fi
  ntfs-3g "$device" "$at" 2>"$work/err" && mounted+=("$at") && backs_up "NTFS" "$at"
fi
if command -v bindfs >/dev/null; then
  at=$disk/bindfs
  mkdir "$at" "$disk/bound"
  bindfs "$disk/bound" "$at" 2>"$work/err" && mounted+=("$at") && backs_up "bindfs" "$at"
fi
if command -v mergerfs >/dev/null; then
  at=$disk/mergerfs
  mkdir -p "$at" "$disk/branch1" "$disk/branch2/store/library"
  mergerfs -o category.create=epmfs "$disk/branch1:$disk/branch2" "$at" 2>"$work/err" && mounted+=("$at") && backs_up "mergerfs, two branches" "$at"
fi
if command -v rclone >/dev/null; then
  at=$disk/rclone
  mkdir "$at" "$disk/remote"
  rclone mount --daemon --vfs-cache-mode writes --cache-dir "$disk/cache" --config /dev/null "$disk/remote" "$at" 2>"$work/err" &&
    mounted+=("$at") && backs_up "rclone mount" "$at"
fi
if command -v sshfs >/dev/null && [ -x /usr/lib/openssh/sftp-server ]; then
  at=$disk/sshfs
  mkdir "$at" "$disk/host"
  # In place of ssh: the server itself, without a network.
  printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >"$disk/ssh"
  chmod +x "$disk/ssh"
  sshfs -o "ssh_command=$disk/ssh" "host:$disk/host" "$at" 2>"$work/err" && mounted+=("$at") && backs_up "sshfs" "$at"
fi
at=$disk/overlay
mkdir "$at" "$disk/layers"
if mount -t tmpfs -o size=50m tmpfs "$disk/layers" 2>"$work/err"; then
  mkdir "$disk/layers/below" "$disk/layers/above" "$disk/layers/work"
  if mount -t overlay -o "lowerdir=$disk/layers/below,upperdir=$disk/layers/above,workdir=$disk/layers/work" overlay "$at" 2>"$work/err"; then
    mounted+=("$at")
    backs_up "overlay" "$at"
  fi
  mounted+=("$disk/layers")
fi
if image casefold mkfs.ext4 -q -O casefold && mount "$device" "$at" 2>"$work/err"; then
  mounted+=("$at")
  mkdir "$at/folded"
  chattr +F "$at/folded"
  backs_up "ext4 with casefold" "$at/folded"
fi
if command -v mkfs.vfat >/dev/null && image fat mkfs.vfat -F 32 && mount -t vfat -o utf8 "$device" "$at" 2>"$work/err"; then
  mounted+=("$at")
  backs_up "FAT32" "$at"
fi
at=$disk/spanning
mkdir -p "$at/store/library"
if mount -t tmpfs -o size=50m tmpfs "$at/store/library" 2>"$work/err"; then
  mounted+=("$at/store/library")
  backs_up "a store over two file systems" "$at"
fi
printf 'tried: %s\n' "${tried[@]}"
