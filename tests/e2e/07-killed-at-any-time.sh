#!/usr/bin/env bash
# The program is killed (SIGKILL) at any time while the library changes: nothing is lost, overwritten or claimed falsely.
# For more kills: tests/kill-loop.
set -euo pipefail
cd "$(dirname "$0")/.."
./kill-loop folder 8 1
./kill-loop bucket 8 1
