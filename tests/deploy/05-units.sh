#!/usr/bin/env bash
# systemd understands the package's units as they are meant.
. "$(dirname "$0")/lib.sh"
needs systemd-analyze

mkdir -p "$work/units"
cp packaging/systemd/*.service packaging/systemd/*.timer "$work/units/"
# The program need not be installed here.
sed -i "s|/usr/bin/immich-backup|$IMMICH_BACKUP|" "$work"/units/*.service
verify() { systemd-analyze verify --man=no "$work"/units/* >"$work/out" 2>&1; }
verify || { cat "$work/out"; fail "systemd does not take the units"; }
# Only of these files: the machine's own units are its own matter.
grep 'immich-backup' "$work/out" && fail "systemd complains"
sed -i 's/RestartPreventExitStatus/RestartPreventExitState/' "$work/units/immich-backup.service"
verify || true
says out RestartPreventExitState
