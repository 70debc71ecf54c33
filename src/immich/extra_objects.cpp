// SPDX-License-Identifier: Apache-2.0
#include "immich/extra_objects.hpp"

#include "postgres/dump_filter.hpp"

#include <array>
#include <utility>

namespace ib {
namespace {

// Every name in the question is the system's then, as in a session of pg_dump. begin() ends all
// limits of time that the dump may have set for its role.
constexpr const char* kSystemOnly =
    "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), "
    "pg_catalog.set_config('row_security', 'off', true)";

// $1 to $3 are the columns of kKnownFunctions, $4 are the extensions that Immich uses.
//
// `expressions` are stored as trees, whose text names each function that they call by its number.
// What they may call is Immich's, an extension's, or of the system and without side effects.
//
// A host may keep extensions in a schema of theirs (homes), that holds nothing else: there Immich's
// functions name what they call by that schema.
//
// Row-level security, the schema of a role's name and the settings run nothing themselves: they
// hide rows from Immich, or put other functions in the place of its own.
constexpr const char* kExtraObjects = R"(
WITH known AS (
  SELECT digest, relation, event FROM unnest($1::text[], $2::text[], $3::int2[]) AS t(digest, relation, event)
), me AS (
  SELECT oid, rolsuper FROM pg_roles WHERE rolname = current_user
), members AS MATERIALIZED (
  SELECT d.classid, d.objid, e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
), mine AS MATERIALIZED (
  SELECT r.oid FROM pg_roles r, me WHERE NOT me.rolsuper AND pg_has_role(r.oid, 'MEMBER')
), namespaces AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema')
), relations AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, c.relrowsecurity OR c.relforcerowsecurity AS hides_rows,
    n.nspname, format('%I.%I', n.nspname, c.relname) AS sql_name
  FROM pg_class c JOIN namespaces n ON n.oid = c.relnamespace
  WHERE c.relowner IN (TABLE mine)
    OR ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM members)
), homes AS (
  SELECT string_agg(DISTINCT n.nspname, '|') AS names FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = ANY ($4::text[]) AND e.extname <> n.nspname AND n.nspname NOT IN ('public', 'pg_catalog')
    AND n.nspname ~ '^[a-z_][a-z0-9_]*$'
    AND NOT EXISTS (SELECT 1 FROM (
      SELECT 'pg_proc'::regclass AS classid, oid FROM pg_proc WHERE pronamespace = n.oid
      UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = n.oid AND relkind NOT IN ('i', 'I', 't')
      UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = n.oid AND typrelid = 0 AND typcategory <> 'A'
      UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = n.oid
      UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = n.oid
      UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace = n.oid
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict WHERE dictnamespace = n.oid
    ) inside WHERE (inside.classid, inside.oid) NOT IN (SELECT classid, objid FROM members))
    AND NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proowner IN (TABLE mine))
), functions AS MATERIALIZED (
  SELECT p.oid, l.lanname, p.prosecdef,
    n.nspname = 'public' AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql')
      AND NOT p.prosecdef AND p.proconfig IS NULL AS plain,
    CASE WHEN p.prokind = 'f' THEN encode(sha256(convert_to(btrim(
      regexp_replace(coalesce(regexp_replace(pg_get_functiondef(p.oid), '\m(' || (SELECT names FROM homes) || ')\.',
        'public.', 'g'), pg_get_functiondef(p.oid)), '\s+', ' ', 'g')), 'UTF8')), 'hex') END AS digest
  FROM pg_proc p JOIN namespaces n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE (p.proowner IN (TABLE mine) AND l.lanname NOT IN ('c', 'internal'))
    OR ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM members)
), known_functions AS MATERIALIZED (
  SELECT f.oid, k.relation, k.event FROM functions f JOIN known k USING (digest)
), extra_functions AS MATERIALIZED (
  SELECT * FROM functions WHERE oid NOT IN (SELECT oid FROM known_functions)
), not_to_be_called AS MATERIALIZED (
  SELECT p.oid, coalesce(f.plain, false) AS plain
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace LEFT JOIN extra_functions f ON f.oid = p.oid
    LEFT JOIN members m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
  WHERE CASE
    WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN p.provolatile = 'v'
      AND p.proname NOT IN ('nextval', 'clock_timestamp', 'gen_random_uuid', 'random')
    WHEN f.oid IS NOT NULL THEN true
    ELSE m.extname IS NOT NULL AND m.extname <> ALL ($4::text[]) END
), expressions AS (
  SELECT 'pg_attrdef'::regclass AS classid, d.oid AS objid, d.adbin::text AS tree
  FROM pg_attrdef d JOIN relations r ON r.oid = d.adrelid
  UNION ALL SELECT 'pg_constraint'::regclass, c.oid, c.conbin::text
  FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid WHERE c.conbin IS NOT NULL
  UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, concat(i.indexprs::text, i.indpred::text)
  FROM pg_index i JOIN relations r ON r.oid = i.indrelid
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, t.tgqual::text
  FROM pg_trigger t WHERE t.tgqual IS NOT NULL
), calling AS MATERIALIZED (
  SELECT e.classid, e.objid, bool_and(c.plain) AS plain
  FROM expressions e, regexp_matches(e.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') AS m(number)
    JOIN not_to_be_called c ON c.oid = m.number[1]::oid
  GROUP BY e.classid, e.objid
), found AS (
  SELECT 1 AS rank, 'pg_trigger'::regclass AS classid, t.oid AS objid, NULL::text AS type, NULL::text AS name,
    pg_get_triggerdef(t.oid) AS detail, NULL::text AS remove,
    (t.tgfoid IN (SELECT oid FROM extra_functions WHERE plain) OR t.tgfoid IN (SELECT oid FROM known_functions))
      AND coalesce(c.plain, true) AS plain
  FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace
    LEFT JOIN calling c ON c.classid = 'pg_trigger'::regclass AND c.objid = t.oid
  WHERE NOT t.tgisinternal AND (c.objid IS NOT NULL OR t.tgnargs > 0 OR NOT EXISTS (
    SELECT 1 FROM known_functions k WHERE k.oid = t.tgfoid AND k.event = t.tgtype AND n.nspname = 'public'
      AND k.relation IN ('', r.relname)))
  UNION ALL SELECT 1, 'pg_event_trigger'::regclass, t.oid, NULL, NULL, t.evtevent, NULL, false
  FROM pg_event_trigger t
  UNION ALL SELECT 2, 'pg_rewrite'::regclass, w.oid, NULL, NULL, pg_get_ruledef(w.oid), NULL, false
  FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE NOT (r.relkind IN ('v', 'm') AND w.rulename = '_RETURN')
  UNION ALL SELECT 2, 'pg_policy'::regclass, p.oid, NULL, NULL,
    concat_ws('; ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), NULL, false
  FROM pg_policy p
  UNION ALL SELECT 2, 'pg_class'::regclass, oid, 'row-level security of table', NULL,
    'it hides rows', format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', sql_name), false
  FROM relations WHERE hides_rows
  UNION ALL SELECT 3, c.classid, d.oid,
    CASE a.attgenerated WHEN '' THEN 'default of column' ELSE 'generated column' END,
    format('%s.%I', r.sql_name, a.attname), pg_get_expr(d.adbin, d.adrelid),
    format('ALTER TABLE %s ALTER COLUMN %I DROP ', r.sql_name, a.attname)
      || CASE a.attgenerated WHEN '' THEN 'DEFAULT' ELSE 'EXPRESSION' END, c.plain
  FROM calling c JOIN pg_attrdef d ON c.classid = 'pg_attrdef'::regclass AND d.oid = c.objid
    JOIN relations r ON r.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  UNION ALL SELECT 3, c.classid, k.oid, 'constraint', format('%I on %s', k.conname, r.sql_name),
    pg_get_constraintdef(k.oid), format('ALTER TABLE %s DROP CONSTRAINT %I', r.sql_name, k.conname), c.plain
  FROM calling c JOIN pg_constraint k ON c.classid = 'pg_constraint'::regclass AND k.oid = c.objid
    JOIN relations r ON r.oid = k.conrelid
  UNION ALL SELECT 3, c.classid, c.objid, NULL, NULL, pg_get_indexdef(c.objid), NULL, false
  FROM calling c WHERE c.classid = 'pg_class'::regclass
  UNION ALL SELECT 3, 'pg_statistic_ext'::regclass, oid, NULL, NULL, pg_get_statisticsobjdef(oid), NULL, false
  FROM pg_statistic_ext WHERE stxnamespace IN (SELECT oid FROM namespaces)
  UNION ALL SELECT 4, 'pg_class'::regclass, oid,
    CASE relkind WHEN 'p' THEN 'partitioned table' END, NULL, '',
    CASE relkind WHEN 'p' THEN format('DROP TABLE %s', sql_name) END, false
  FROM relations WHERE relkind IN ('v', 'm', 'f', 'p')
  UNION ALL SELECT CASE WHEN g.classid = 'pg_foreign_data_wrapper'::regclass THEN 6 ELSE 5 END, g.classid, g.oid,
    NULL, NULL, '', NULL, false
  FROM (
    SELECT 'pg_operator'::regclass AS classid, oid FROM pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass
    UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast
    UNION ALL SELECT 'pg_transform'::regclass, oid FROM pg_transform
    UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion
    UNION ALL SELECT 'pg_language'::regclass, oid FROM pg_language
    UNION ALL SELECT 'pg_publication'::regclass, oid FROM pg_publication
    UNION ALL SELECT 'pg_subscription'::regclass, oid FROM pg_subscription
      WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper
  ) g
  WHERE g.oid >= 16384 AND (g.classid, g.oid) NOT IN (SELECT classid, objid FROM members)
  UNION ALL SELECT 7, 'pg_proc'::regclass, f.oid, NULL, NULL,
    concat('in ', f.lanname, CASE WHEN f.prosecdef THEN ', SECURITY DEFINER' END), NULL, f.plain
  FROM extra_functions f
  UNION ALL SELECT 6, 'pg_type'::regclass, t.oid, CASE t.typtype WHEN 'd' THEN 'domain' END, NULL, '',
    format('DROP TYPE %s', format_type(t.oid, NULL)), false
  FROM pg_type t
  WHERE t.typnamespace IN (SELECT oid FROM namespaces)
    AND (t.typtype IN ('d', 'r') OR (t.typtype = 'b' AND t.typcategory <> 'A'))
    AND (t.typowner IN (TABLE mine) OR ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM members))
  UNION ALL SELECT 8, 'pg_extension'::regclass, oid, NULL, NULL, '', NULL, false
  FROM pg_extension WHERE extowner IN (TABLE mine) AND extname <> ALL ($4::text[])
  UNION ALL SELECT 9, 'pg_namespace'::regclass, n.oid, NULL, NULL, 'it is searched before public', NULL, false
  FROM namespaces n JOIN pg_roles r ON r.rolname = n.nspname
    AND ('pg_namespace'::regclass, n.oid) NOT IN (SELECT classid, objid FROM members)
  UNION ALL SELECT 9, NULL, NULL, 'setting', concat_ws(' ',
      CASE WHEN s.setdatabase <> 0 THEN format('of database %I', d.datname) END,
      CASE WHEN s.setrole <> 0 THEN format('of role %I', r.rolname) END), c.text,
    CASE WHEN s.setrole = 0 THEN format('ALTER DATABASE %I', d.datname)
      ELSE format('ALTER ROLE %I', r.rolname) || CASE WHEN s.setdatabase <> 0 THEN format(' IN DATABASE %I', d.datname) ELSE '' END
      END || format(' RESET %I', split_part(c.text, '=', 1)), false
  FROM pg_db_role_setting s CROSS JOIN me CROSS JOIN unnest(s.setconfig) AS c(text)
    LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
  WHERE s.setrole IN (0, me.oid) AND (s.setdatabase = 0 OR d.datname = current_database())
    AND (c.text ~ '^(role|local_preload_libraries|session_preload_libraries)='
      OR c.text ~ '^search_path=' AND c.text !~ ('^search_path=(("?\$user"?|public|vectors|""'
        || coalesce('|' || (SELECT names FROM homes), '') || ')(, *|$))*$'))
)
SELECT coalesce(f.type, i.type), coalesce(f.name, replace(i.identity, 'pg_catalog.', '')), left(f.detail, 200),
  coalesce(f.remove, format('DROP %s %s', CASE i.type WHEN 'statistics object' THEN 'STATISTICS'
    WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER' ELSE upper(i.type) END, i.identity)
    || CASE WHEN i.type IN ('schema', 'extension') THEN ' CASCADE' ELSE '' END),
  f.plain, count(*) OVER ()
FROM found f LEFT JOIN LATERAL pg_identify_object(f.classid, f.objid, 0) i ON true
ORDER BY f.plain, f.rank, 1, 2
LIMIT $5)";

/// The elements of an array, as SQL reads them. None of ours needs quotes.
template <typename Values, typename Text>
std::string array_of(const Values& values, Text text)
{
  std::string array;
  for (const auto& value : values) array += (array.empty() ? "{\"" : ",\"") + text(value) + '"';
  return array + "}";
}

Result<ExtraObjects> ask(Connection& connection, std::span<const KnownFunction> known)
{
  TRY(connection.query(kSystemOnly));
  const std::array params{
      array_of(known, [](const KnownFunction& each) { return std::string(each.digest); }),
      array_of(known, [](const KnownFunction& each) { return std::string(each.relation); }),
      array_of(known, [](const KnownFunction& each) { return std::to_string(each.event); }),
      array_of(immichs_extensions(), [](std::string_view each) { return std::string(each); }),
      std::to_string(kMostExtraObjects)};
  ExtraObjects objects;
  TRY(connection.each_row(kExtraObjects, params, [&](const Connection::Row& row) -> Result<> {
    objects.named.push_back({.type = row.at(0).value_or(""),
                             .name = row.at(1).value_or(""),
                             .detail = row.at(2).value_or(""),
                             .drop = row.at(3).value_or(""),
                             .is_of_immichs_kind = row.at(4) == "t"});
    objects.count = count_in(row.at(5));
    return {};
  }));
  return objects;
}

}  // namespace

Result<ExtraObjects> find_extra_objects(Connection& connection,
                                        std::span<const KnownFunction> known)
{
  TRY(connection.begin("READ COMMITTED", kLockWait));
  Result<ExtraObjects> found = ask(connection, known);
  const Result<> ended = connection.end();
  if (found && !ended) return std::unexpected(ended.error());
  return found;
}

bool is_newer_than_known(std::string_view schema_level)
{
  return schema_level > kNewestKnownMigration;
}

}  // namespace ib
