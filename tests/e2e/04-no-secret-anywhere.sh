#!/usr/bin/env bash
# The database password appears in no argument list, output, log or object.
. "$(dirname "$0")/lib.sh"

make_library
start_database
secret=$DB_PASSWORD

# A pg_dump that records what everybody on the machine could read about its process.
mkdir "$work/bin"
real=$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_dump | sort -V | tail -1)
cat >"$work/bin/pg_dump" <<END
#!/bin/sh
tr '\\0' ' ' </proc/\$\$/cmdline >>"$work/arguments"
tr '\\0' ' ' </proc/\$PPID/cmdline >>"$work/arguments"
exec $real "\$@"
END
chmod +x "$work/bin/pg_dump"

program 0 init
program 0 backup --pg-bin "$work/bin"
cp "$work/out" "$work/out.1"; cp "$work/err" "$work/err.1"
program 3 backup --env DB_PASSWORD="$secret-wrong" --json
cp "$work/out" "$work/out.2"; cp "$work/err" "$work/err.2"
# The same with the password in a URL.
url="postgresql://$DB_USERNAME:$secret@$DB_HOSTNAME:$DB_PORT/$DB_DATABASE_NAME"
host=$DB_HOSTNAME
unset DB_HOSTNAME DB_PORT DB_USERNAME DB_PASSWORD
DB_URL=$url program 0 backup --pg-bin "$work/bin"
cp "$work/out" "$work/out.3"; cp "$work/err" "$work/err.3"
DB_URL="postgresql://postgres:$secret@$host:1/immich" program 1 backup --database-wait 5s
cp "$work/out" "$work/out.4"; cp "$work/err" "$work/err.4"

[ -s "$work/arguments" ] || fail "the fake pg_dump was not used"
if grep -F "$secret" "$work/arguments" "$work"/out.* "$work"/err.*; then fail "the password was shown"; fi
while IFS= read -r -d '' object; do
  # Does not use grep -q, which would close the pipe and make zcat fail.
  if zcat -f "$object" | grep -F "$secret" >/dev/null; then fail "the password is in $object"; fi
done < <(find "$store" -type f \( -name 'manifest*' -o -path '*/database/*' -o -path '*/runs/*' \) -print0)
