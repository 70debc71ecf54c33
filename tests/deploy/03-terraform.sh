#!/usr/bin/env bash
# terraform/ is formatted, valid by the schema of hashicorp/google 6.50, and plans what terraform/tests expects; and a misspelt
# attribute, or one that is missing, would be found. Nothing is asked of Google, and no provider is downloaded.
. "$(dirname "$0")/lib.sh"
needs terraform
npm_packages terraform

export TF_CLI_CONFIG_FILE=$work/terraformrc TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 TF_DATA_DIR=$work/data
: >"$TF_CLI_CONFIG_FILE"
terraform fmt -check -diff -recursive terraform || fail "terraform fmt would change something"
# The promise: what is current is never deleted by its age, whatever the mocks make of a plan.
! grep -nE '^ *(age|created_before|custom_time_before|days_since_custom_time) *=' terraform/*.tf || fail "a lifecycle rule deletes what is current"

node "$npm/schema-server.cjs" "$work/provider" >"$work/reattach" 2>"$work/err" &
emulator=$! # so that it ends with the test
until [ -s "$work/reattach" ]; do kill -0 "$emulator" || fail "the schema is not served"; sleep 0.1; done
TF_REATTACH_PROVIDERS=$(cat "$work/reattach")
export TF_REATTACH_PROVIDERS

cp -r terraform "$work/terraform"
cd "$work/terraform"
terraform init -backend=false -input=false -no-color >"$work/out" 2>&1 || { cat "$work/out"; fail "terraform init"; }
terraform validate -no-color >"$work/out" 2>&1 || { cat "$work/out"; fail "terraform validate"; }
terraform test -no-color >"$work/out" 2>&1 || { cat "$work/out"; fail "terraform test"; }
grep -q '11 passed, 0 failed' "$work/out" || { cat "$work/out"; fail "not all tests ran"; }

refuses() { # SED-EXPRESSION TEXT
  cp "$OLDPWD/terraform/bucket.tf" bucket.tf
  sed -i "$1" bucket.tf
  if terraform validate -no-color >"$work/out" 2>&1; then fail "it would pass: $1"; fi
  grep -q "$2" "$work/out" || { cat "$work/out"; fail "terraform does not say: $2"; }
}
refuses 's/public_access_prevention/public_acces_prevention/' 'Unsupported argument'
refuses '/^  location /d' 'required'
cp "$OLDPWD/terraform/bucket.tf" bucket.tf

# The tests find what they are there for.
spoiled() { # SED-EXPRESSION FILE
  sed -i "$1" "$2"
  if terraform test -no-color >"$work/out" 2>&1; then fail "the tests would pass: $1"; fi
  cp "$OLDPWD/terraform/$2" "$2"
}
spoiled 's/days_since_noncurrent_time = .*/age = 30/' bucket.tf
spoiled 's|"database/", "manifest-"|"database/", "library/", "manifest-"|' access.tf
spoiled 's|"database/", "manifest-"|"database/", "manifest"|' access.tf
spoiled 's|"database/", "manifest-"|"database/", "manifest.keys-", "manifest-"|' access.tf
spoiled 's|, "manifest.db.age", "manifest.json.age"||' access.tf
