#!/usr/bin/env bash
# The program is killed (SIGKILL) at any time while the library changes. It loses and overwrites
# nothing, and claims nothing false. tests/kill-loop runs more kills.
set -euo pipefail
cd "$(dirname "$0")/.."
./kill-loop folder 8 1
./kill-loop bucket 8 1
