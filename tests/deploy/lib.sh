# What every test of the deployment begins with: . "$(dirname "$0")/lib.sh"
#
# As tests/e2e/lib.sh, and npm's packages.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

# npm_packages NAME: $npm becomes a copy of tests/deploy/NAME with its packages, fetched once for a lock file.
npm_packages() {
  needs node npm
  npm=${DEPLOY_CACHE:?a folder that stays between runs}/$1
  mkdir -p "$npm"
  (
    flock 9
    cp tests/deploy/"$1"/* "$npm/"
    cmp -s "$npm/package-lock.json" "$npm/installed" && exit
    rm -f "$npm/installed"
    # Google's provider brings a postinstall script of protobufjs, which only prints.
    (cd "$npm" && npm ci --ignore-scripts --no-audit --no-fund --silent >"$work/npm.log" 2>&1) || exit 77
    cp "$npm/package-lock.json" "$npm/installed"
  ) 9>"$npm.lock" || skip "npm cannot fetch the packages of tests/deploy/$1: $(tail -n 1 "$work/npm.log")"
}
