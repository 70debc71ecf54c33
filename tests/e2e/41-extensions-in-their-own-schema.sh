#!/usr/bin/env bash
# A hosted PostgreSQL keeps extensions in a schema of theirs. A backup of such a database is restored
# and drilled like any other, and where the extensions lie elsewhere than the dump needs them, the
# message says what to do.
. "$(dirname "$0")/lib.sh"

make_library
start_database
DB_DATABASE_NAME=postgres query 'CREATE DATABASE hosted'
home=$DB_DATABASE_NAME
export DB_DATABASE_NAME=hosted
query 'CREATE SCHEMA extensions'
for extension in uuid-ossp unaccent cube earthdistance pg_trgm; do query "CREATE EXTENSION \"$extension\" SCHEMA extensions"; done
query 'ALTER DATABASE hosted SET search_path TO "$user", public, extensions'
sed 's/public\.\(ll_to_earth\|earth\|cube\|gin_trgm_ops\|unaccent\|uuid_generate_v4\)\b/extensions.\1/g' demo/schema.sql | sql
demo/fill-database "$library" | sql
# As older versions of Immich have it: an index whose function finds cube by the search_path alone.
query 'CREATE INDEX by_place ON asset_exif USING gist (ll_to_earth(latitude, longitude))'
program 0 init
program 0 backup --json
rows='SELECT md5(string_agg(a::text, chr(10) ORDER BY id)) FROM asset a'
where="SELECT string_agg(DISTINCT extnamespace::regnamespace::text, ',') FROM pg_extension WHERE extname <> 'plpgsql'"

DB_DATABASE_NAME=again program 0 restore-database --create --json
json .more_than_immichs 0
[ "$(DB_DATABASE_NAME=again query "$where")" = extensions ] || fail "the extensions are in $(DB_DATABASE_NAME=again query "$where")"
[ "$(DB_DATABASE_NAME=again query "$rows")" = "$(query "$rows")" ] || fail "other rows came back"
[ "$(DB_DATABASE_NAME=again query "SELECT count(*) FROM pg_indexes WHERE indexname = 'by_place'")" = 1 ] || fail "an index is missing"

# By its owner, who is no superuser, and for whom the host has made the extensions.
DB_DATABASE_NAME=$home query "CREATE ROLE hosted_owner LOGIN PASSWORD 'secret'"
DB_DATABASE_NAME=$home query 'CREATE DATABASE owned OWNER hosted_owner'
DB_DATABASE_NAME=owned query 'CREATE SCHEMA extensions; GRANT USAGE ON SCHEMA extensions TO PUBLIC'
for extension in uuid-ossp unaccent cube earthdistance pg_trgm; do DB_DATABASE_NAME=owned query "CREATE EXTENSION \"$extension\" SCHEMA extensions"; done
DB_DATABASE_NAME=owned DB_USERNAME=hosted_owner DB_PASSWORD=secret program 0 restore-database
[ "$(DB_DATABASE_NAME=owned query "$rows")" = "$(query "$rows")" ] || fail "other rows came back"

# They are in another schema than the dump needs.
DB_DATABASE_NAME=$home query 'CREATE DATABASE usual'
DB_DATABASE_NAME=usual query 'CREATE EXTENSION cube'
DB_DATABASE_NAME=usual program 2 restore-database
says err 'has the extension cube in the schema public, and the dump needs it in extensions'
says err 'ALTER EXTENSION cube SET SCHEMA extensions'
DB_DATABASE_NAME=usual query 'CREATE SCHEMA IF NOT EXISTS extensions; ALTER EXTENSION cube SET SCHEMA extensions'
DB_DATABASE_NAME=usual program 0 restore-database

mkdir "$work/scratch"
program 0 verify-restore --scratch "$work/scratch" --sample 1 --json
json .database.restored true
json '.problems | length' 0
