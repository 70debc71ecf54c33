// SPDX-License-Identifier: Apache-2.0
#include "immich/fresh_database.hpp"

#include "base/text.hpp"
#include "immich/database.hpp"

namespace ib {
namespace {

// Immich keeps all its tables in the schema public. Objects of an extension are dropped with it.
constexpr const char* kTablesElsewhere = R"(
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1 LIMIT 1)";

// Drops the extensions first: some have their own schemas, which the dump creates again. The
// default privilege of public is that of a new database.
constexpr const char* kEmpty = R"(DO $immich_backup$
DECLARE
  name text;
  held boolean;
BEGIN
  PERFORM pg_catalog.set_config('client_min_messages', 'warning', true);
  FOREACH name IN ARRAY ARRAY['public.asset', 'public.assets', 'public.album', 'public.albums'] LOOP
    IF pg_catalog.to_regclass(name) IS NOT NULL THEN
      EXECUTE 'LOCK TABLE ' || name || ' IN ACCESS EXCLUSIVE MODE';
      EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO held;
      IF held THEN
        RAISE EXCEPTION '% is not empty any more', name;
      END IF;
    END IF;
  END LOOP;
  FOR name IN SELECT extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' LOOP
    EXECUTE pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', name);
  END LOOP;
  FOR name IN SELECT nspname FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  CREATE SCHEMA public;
  GRANT USAGE ON SCHEMA public TO PUBLIC;
END
$immich_backup$;
)";

}  // namespace

Result<FreshImmich> require_fresh_immich(Connection& connection)
{
  const ImmichFacts facts = TRY(read_immich_facts(connection));
  const std::string database = "database " + connection.description();
  if (!facts.known_schema) {
    return fail(
        Errc::invalid, database + " is not empty, and its tables are not Immich's",
        "--replace-empty-immich replaces only a new Immich's database. Restore into another "
        "database.");
  }
  if (facts.assets + facts.albums > 0) {
    return fail(Errc::invalid,
                database + " is in use: it holds " + count_of(facts.assets, "asset", "assets") +
                    " and " + count_of(facts.albums, "album", "albums"),
                "--replace-empty-immich replaces only an Immich without assets and albums. Restore "
                "into another database.");
  }
  const auto elsewhere = TRY(connection.query(kTablesElsewhere));
  if (!elsewhere.empty()) {
    return fail(Errc::invalid,
                database + " holds a table that is not Immich's: " +
                    printable(elsewhere.front().at(0).value_or("")),
                "Restore into another database.");
  }
  return FreshImmich{.version = facts.version, .users = facts.users};
}

std::string empty_fresh_immich()
{
  return kEmpty;
}

}  // namespace ib
