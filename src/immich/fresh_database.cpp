// SPDX-License-Identifier: Apache-2.0
#include "immich/fresh_database.hpp"

#include "base/text.hpp"
#include "immich/database.hpp"

#include <array>

namespace ib {
namespace {

// The tables that Immich 1.132 to 3.1 has made in the schema public.
constexpr const char* kImmichsTables =
    "{"
    "activity,album,album_asset,album_asset_audit,album_assets_audit,album_audit,"
    "album_user,album_user_audit,album_users_audit,albums,albums_assets_assets,"
    "albums_audit,albums_shared_users_users,api_key,api_keys,asset,asset_audio,asset_audit,"
    "asset_edit,asset_edit_audit,asset_exif,asset_face,asset_face_audit,asset_faces,"
    "asset_file,asset_files,asset_job_status,asset_keyframe,asset_metadata,"
    "asset_metadata_audit,asset_ocr,asset_ocr_audit,asset_stack,asset_video,assets,"
    "assets_audit,audit,exif,face_search,geodata_admin,geodata_places,geodata_places_tmp,"
    "integrity_report,kysely_migrations,kysely_migrations_lock,libraries,library,memories,"
    "memories_assets_assets,memories_audit,memory,memory_asset,memory_asset_audit,"
    "memory_assets_audit,memory_audit,migration_overrides,migrations,move_history,"
    "naturalearth_countries,naturalearth_countries_tmp,notification,notifications,"
    "ocr_search,partner,partner_audit,partners,partners_audit,person,person_audit,plugin,"
    "plugin_action,plugin_filter,plugin_method,session,session_sync_checkpoint,"
    "session_sync_checkpoints,sessions,shared_link,shared_link__asset,shared_link_asset,"
    "shared_links,smart_search,socket_io_attachments,stack,stack_audit,stacks_audit,"
    "system_config,system_metadata,tag,tag_asset,tag_closure,tags,tags_closure,"
    "typeorm_metadata,user,user_audit,user_metadata,user_metadata_audit,user_token,users,"
    "users_audit,version_history,video_stream_segment,video_stream_session,"
    "video_stream_variant,workflow,workflow_action,workflow_filter,workflow_step"
    "}";

// A table, view or sequence that neither Immich nor an extension has made, of any schema. What
// belongs to an extension is made again with it, and the sequence of a column with its table.
constexpr const char* kStrangers = R"(
WITH own AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND c.relname = ANY ($1::pg_catalog.text[]))
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
         WHEN 'f' THEN 'foreign table' ELSE 'table' END,
       pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT oid FROM own)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
      AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i') AND d.refobjid IN (SELECT oid FROM own))))
ORDER BY 2)";

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
  const std::array params{std::string(kImmichsTables)};
  const Connection::Rows strangers = TRY(connection.query(kStrangers, params));
  if (!strangers.empty()) {
    const std::string more = strangers.size() == 1
                                 ? std::string()
                                 : ", and " + format_count(strangers.size() - 1) + " more";
    return fail(Errc::invalid,
                database +
                    " holds what no Immich up to 3.1 has made, and what would be lost: the " +
                    strangers.front().at(0).value_or("") + " " +
                    printable(strangers.front().at(1).value_or("")) + more,
                "Restore into another database, or drop this one yourself.");
  }
  return FreshImmich{.version = facts.version, .users = facts.users};
}

std::string empty_fresh_immich()
{
  return kEmpty;
}

}  // namespace ib
