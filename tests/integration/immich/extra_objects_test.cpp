// SPDX-License-Identifier: Apache-2.0
#include "immich/extra_objects.hpp"
#include "support/immich_database.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>

namespace ib::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// A database of Immich's that belongs to a role which is no superuser, as after a restore.
class ExtraObjectsOf {
public:
  explicit ExtraObjectsOf(Generation generation = Generation::v3_1)
      : role_("owner_" + std::to_string(++number_)),
        database_(shared_cluster(), "extra_" + std::to_string(number_), generation)
  {
    database_.sql("CREATE ROLE " + role_ + " LOGIN PASSWORD 'p'");
    database_.sql("ALTER DATABASE " + database_.name() + " OWNER TO " + role_);
    database_.sql("ALTER SCHEMA public OWNER TO " + role_);
    database_.sql(
        "DO $do$ DECLARE name text; BEGIN FOR name IN SELECT oid::regclass FROM pg_class WHERE "
        "relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP EXECUTE format('ALTER TABLE "
        "%s OWNER TO %s', name, '" +
        role_ + "'); END LOOP; END $do$");
  }

  const std::string& role() const { return role_; }
  void sql_as_superuser(const std::string& text) { database_.sql(text); }
  void sql(const std::string& text) { database_.sql("SET ROLE " + role_ + ";" + text); }

  ExtraObjects find(std::span<const KnownFunction> known = kKnownFunctions)
  {
    DatabaseAddress address = database_.address();
    address.user = role_;
    address.password = "p";
    Connection connection = Connection::open(address, {}).value();
    const Result<ExtraObjects> found = find_extra_objects(connection, known);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(ExtraObjects{});
  }

  std::vector<std::string> names()
  {
    std::vector<std::string> names;
    for (const ExtraObject& object : find().named) names.push_back(object.type + " " + object.name);
    return names;
  }

private:
  static inline int number_ = 0;
  std::string role_;
  ImmichDatabase database_;
};

// Functions, indexes, defaults and checks of the kinds that Immich has.
constexpr const char* kHonest = R"(
  CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN   unaccent('unaccent', $1);
  CREATE TABLE place (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), name varchar NOT NULL DEFAULT '',
    seen timestamptz NOT NULL DEFAULT clock_timestamp(), lat float, lon float, number serial,
    born date CHECK (born <= CURRENT_DATE), code varchar GENERATED ALWAYS AS (name || '.') STORED);
  CREATE INDEX ON place USING gin (f_unaccent(name) gin_trgm_ops);
  CREATE INDEX ON place USING gist (ll_to_earth(lat, lon));
  CREATE UNIQUE INDEX ON place (name) WHERE lat IS NOT NULL;
  CREATE INDEX ON place ((date_trunc('MONTH', seen AT TIME ZONE 'UTC')));)";

TEST(ExtraObjects, AreNoneInAnHonestDatabase)
{
  for (const Generation generation : kGenerations) {
    ExtraObjectsOf database(generation);
    database.sql_as_superuser(R"(CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION unaccent;
      CREATE EXTENSION cube; CREATE EXTENSION earthdistance; CREATE EXTENSION pg_trgm;
      CREATE EXTENSION pg_stat_statements)");
    database.sql(kHonest);
    EXPECT_THAT(database.names(), IsEmpty()) << version_of(generation);
  }
}

struct Planted {
  std::string sql;
  std::vector<std::string> names;
  std::string as_superuser = {};
};

const std::string kThief =
    "CREATE FUNCTION thief() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;";
const std::string kSpy =
    "CREATE FUNCTION spy(text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';";

// What has to go first comes first, so that each can be dropped in this order.
const std::vector<Planted> kPlanted{
    {"CREATE FUNCTION thief() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
     {"function public.thief()"}},
    {"CREATE PROCEDURE thief(int) LANGUAGE plpgsql AS $$BEGIN END$$",
     {"procedure public.thief(integer)"}},
    {"CREATE AGGREGATE most(int) (sfunc = int4larger, stype = int)",
     {"aggregate public.most(integer)"}},
    // Its name is Immich's, and what it does is not.
    {"CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS "
     "'SELECT $1'",
     {"function public.f_unaccent(text)"}},
    // What it does is Immich's, and its name and rights are not.
    {"CREATE FUNCTION f_concat_ws(text, text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE "
     "SECURITY DEFINER AS 'SELECT array_to_string($2, $1)'",
     {"function public.f_concat_ws(text,text[])"}},
    {kThief + "CREATE TRIGGER steal BEFORE INSERT ON asset FOR EACH ROW EXECUTE FUNCTION thief()",
     {"trigger steal on public.asset", "function public.thief()"}},
    {"CREATE TRIGGER \"a \"\"name\" BEFORE UPDATE ON asset FOR EACH ROW EXECUTE FUNCTION "
     "suppress_redundant_updates_trigger()",
     {"trigger \"a \"\"name\" on public.asset"}},
    {"CREATE RULE quiet AS ON INSERT TO asset DO INSTEAD NOTHING", {"rule quiet on public.asset"}},
    {"CREATE VIEW seen AS SELECT id FROM asset", {"view public.seen"}},
    {"CREATE MATERIALIZED VIEW seen AS SELECT id FROM asset", {"materialized view public.seen"}},
    {"CREATE POLICY hide ON asset USING (false); ALTER TABLE asset ENABLE ROW LEVEL SECURITY",
     {"policy hide on public.asset", "row-level security of table public.asset"}},
    {"ALTER TABLE asset ALTER \"originalPath\" SET DEFAULT query_to_xml('SELECT 1', true, true, "
     "'')",
     {"default of column public.asset.\"originalPath\""}},
    {kSpy + "ALTER TABLE asset ADD seen bool DEFAULT spy('')",
     {"default of column public.asset.seen", "function public.spy(text)"}},
    {kSpy + "ALTER TABLE asset ADD seen bool GENERATED ALWAYS AS (spy(\"originalPath\")) STORED",
     {"generated column public.asset.seen", "function public.spy(text)"}},
    {kSpy + "ALTER TABLE asset ADD CONSTRAINT seen CHECK (spy(\"originalPath\"))",
     {"constraint seen on public.asset", "function public.spy(text)"}},
    {kSpy + "CREATE INDEX seen ON asset (spy(\"originalPath\"))",
     {"index public.seen", "function public.spy(text)"}},
    {kSpy + "CREATE INDEX seen ON asset (id) WHERE spy(\"originalPath\")",
     {"index public.seen", "function public.spy(text)"}},
    {"CREATE STATISTICS seen ON lower(\"originalPath\"), type FROM asset",
     {"statistics object public.seen"}},
    {kSpy + "CREATE DOMAIN word AS text CHECK (spy(VALUE))",
     {"function public.spy(text)", "domain public.word"}},
    {"CREATE FUNCTION least_of(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'; "
     "CREATE OPERATOR @@@ (function = least_of, leftarg = int, rightarg = int)",
     {"operator public.@@@(integer,integer)", "function public.least_of(integer,integer)"}},
    {"CREATE TYPE pair AS (a int, b int); CREATE FUNCTION pair(text) RETURNS pair LANGUAGE sql AS "
     "'SELECT NULL::public.pair'; CREATE CAST (text AS pair) WITH FUNCTION pair(text) AS "
     "ASSIGNMENT",
     {"cast (text AS public.pair)", "function public.pair(text)"}},
    {"CREATE TABLE parted (a int) PARTITION BY RANGE (a)", {"partitioned table public.parted"}},
    {"CREATE PUBLICATION leak FOR TABLE asset", {"publication leak"}},
    {"CREATE EXTENSION hstore", {"extension hstore"}},
    {"CREATE FUNCTION spy() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE EXTENSION unaccent; "
     "ALTER EXTENSION unaccent ADD FUNCTION spy()",
     {"function public.spy()"}},
    {"ALTER DATABASE {database} SET search_path = evil, public",
     {"setting of database {database}"}},
    {"ALTER ROLE {role} SET search_path = evil, public", {"setting of role {role}"}},
    {"CREATE SCHEMA {role}", {"schema {role}"}},
    {"",
     {"event trigger watch", "function public.watch()"},
     "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; "
     "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch()"},
    {"",
     {"foreign table public.elsewhere", "foreign-data wrapper nobody", "server far"},
     "CREATE FOREIGN DATA WRAPPER nobody; CREATE SERVER far FOREIGN DATA WRAPPER nobody; CREATE "
     "FOREIGN TABLE elsewhere (a int) SERVER far"},
    {"",
     {"subscription feed"},
     "CREATE SUBSCRIPTION feed CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, "
     "slot_name = NONE)"},
    {"", {"language other"}, "CREATE LANGUAGE other HANDLER plpgsql_call_handler"},
};

std::string filled_in(std::string text, const ExtraObjectsOf& database)
{
  const std::string number = database.role().substr(database.role().find('_'));
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"{role}", database.role()},
        std::pair<std::string, std::string>{"{database}", "extra" + number}}) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), value);
  }
  return text;
}

class PlantedObject : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedObject, IsNamedAndItsStatementRemovesIt)
{
  ExtraObjectsOf database;
  if (!GetParam().sql.empty()) database.sql(filled_in(GetParam().sql, database));
  if (!GetParam().as_superuser.empty()) database.sql_as_superuser(GetParam().as_superuser);
  std::vector<std::string> expected;
  for (const std::string& name : GetParam().names) expected.push_back(filled_in(name, database));
  EXPECT_THAT(database.names(), ::testing::UnorderedElementsAreArray(expected));

  for (int attempt = 0; attempt < 10; ++attempt) {
    const ExtraObjects found = database.find();
    if (found.named.empty()) break;
    // A member of an extension goes with it.
    const bool is_member = GetParam().sql.contains("ALTER EXTENSION");
    database.sql_as_superuser(is_member ? "DROP EXTENSION unaccent" : found.named.front().drop);
  }
  EXPECT_THAT(database.names(), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(Kinds, PlantedObject, ::testing::ValuesIn(kPlanted));

/// The digest that the program would have to know of a function.
std::string digest_of(ExtraObjectsOf& database, const std::string& function)
{
  database.sql_as_superuser(
      "CREATE TABLE digest AS SELECT encode(sha256(convert_to(btrim(regexp_replace("
      "pg_get_functiondef('" +
      function + "'::regprocedure), '\\s+', ' ', 'g')), 'UTF8')), 'hex') AS text");
  const std::string digest = shared_cluster().query(
      "extra" + database.role().substr(database.role().find('_')), "SELECT text FROM digest");
  database.sql_as_superuser("DROP TABLE digest");
  return digest;
}

TEST(ExtraObjects, AreTriggersOfAKnownFunctionWhereImmichHasNone)
{
  ExtraObjectsOf database;
  database.sql(kThief);
  const std::string digest = digest_of(database, "public.thief()");
  const std::array known{
      KnownFunction{.digest = digest, .name = "thief", .relation = "album", .event = kAfterDelete}};
  const auto names = [&] {
    std::vector<std::string> found;
    for (const ExtraObject& object : database.find(known).named) found.push_back(object.name);
    return found;
  };
  database.sql("CREATE TRIGGER honest AFTER DELETE ON album EXECUTE FUNCTION thief()");
  EXPECT_THAT(names(), IsEmpty());
  database.sql("CREATE TRIGGER elsewhere AFTER DELETE ON asset EXECUTE FUNCTION thief()");
  database.sql("CREATE TRIGGER earlier BEFORE DELETE ON album EXECUTE FUNCTION thief()");
  database.sql("CREATE TRIGGER told AFTER DELETE ON album EXECUTE FUNCTION thief('a')");
  database.sql(
      "CREATE TRIGGER seldom AFTER DELETE ON album WHEN (pg_notify('a', 'b') IS NULL) EXECUTE "
      "FUNCTION thief()");
  EXPECT_THAT(names(), UnorderedElementsAre("elsewhere on public.asset", "earlier on public.album",
                                            "told on public.album", "seldom on public.album"));
}

TEST(ExtraObjects, MayBeANewerImmichsIfTheyAreOfItsKind)
{
  ExtraObjectsOf database;
  database.sql(kThief + kSpy + R"(
    CREATE TRIGGER steal AFTER DELETE ON album EXECUTE FUNCTION thief();
    CREATE FUNCTION owned() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
    CREATE INDEX seen ON asset (spy("originalPath"));)");
  std::vector<std::string> named;
  for (const ExtraObject& object : database.find().named)
    named.push_back(object.type + (object.is_of_immichs_kind ? ", of Immich's kind" : ""));
  EXPECT_THAT(named, ElementsAre("index", "function", "trigger, of Immich's kind",
                                 "function, of Immich's kind", "function, of Immich's kind"));
  EXPECT_FALSE(is_newer_than_known("1784836013770-MinFacePreferenceMigration"));
  EXPECT_FALSE(is_newer_than_known(""));
  EXPECT_TRUE(is_newer_than_known("1790000000000-Newer"));
}

TEST(ExtraObjects, AreCountedWhereTheyAreTooManyToName)
{
  ExtraObjectsOf database;
  database.sql(R"(DO $do$ BEGIN FOR i IN 1..150 LOOP
    EXECUTE format('CREATE VIEW public.v%s AS SELECT 1 AS a', i); END LOOP; END $do$)");
  const ExtraObjects found = database.find();
  EXPECT_EQ(found.named.size(), kMostExtraObjects);
  EXPECT_EQ(found.count, 150U);
}

TEST(ExtraObjects, AreFoundWithoutRunningAnyOfThem)
{
  ExtraObjectsOf database;
  // Operators of public that the question would use if it found them first.
  database.sql(R"(
    CREATE FUNCTION trap(name, text) RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE 'ran'; END$$;
    CREATE OPERATOR = (function = trap, leftarg = name, rightarg = text);
    CREATE FUNCTION format(text, name, name) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'ran'; END$$;)");
  database.sql("ALTER ROLE " + database.role() + " SET search_path = public, pg_catalog");
  EXPECT_EQ(database.find().count, 4U);
}

TEST(ExtraObjects, AreNoneWhereExtensionsHaveASchemaThatHoldsNothingElse)
{
  const std::string extension = "CREATE SCHEMA ext; CREATE EXTENSION unaccent SCHEMA ext;";
  const std::string function =
      "SET search_path = public, ext; CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql "
      "IMMUTABLE STRICT PARALLEL SAFE RETURN unaccent('unaccent', $1)";
  ExtraObjectsOf of;
  of.sql(extension + function);
  EXPECT_THAT(of.names(), IsEmpty());

  // A role may add to an extension of its own what its dump brings.
  ExtraObjectsOf filled;
  filled.sql(extension +
             "CREATE FUNCTION ext.steal(text) RETURNS text LANGUAGE sql AS 'SELECT $1'; ALTER "
             "EXTENSION unaccent ADD FUNCTION ext.steal(text);" +
             function);
  EXPECT_THAT(filled.names(),
              UnorderedElementsAre("function ext.steal(text)", "function public.f_unaccent(text)"));
  ExtraObjectsOf shared;
  shared.sql(extension +
             "CREATE FUNCTION ext.other(text) RETURNS text LANGUAGE sql AS 'SELECT $1';" +
             function);
  EXPECT_THAT(shared.names(),
              UnorderedElementsAre("function ext.other(text)", "function public.f_unaccent(text)"));
}

}  // namespace
}  // namespace ib::test
