// SPDX-License-Identifier: Apache-2.0
#include "app/restore/dump_for_immich.hpp"

#include "app/stored_dump.hpp"
#include "base/text.hpp"
#include "immich/version.hpp"
#include "postgres/meta_commands.hpp"

namespace ib {
namespace {

constexpr const char* kFolder = "backups";
constexpr std::string_view kBegins = "backups/restored-";
constexpr std::string_view kEnds = "-dump.sql.gz";
constexpr const char* kWayOut = "restore-database restores it, and lets no dump run a command.";

/// Immich lists names of letters, digits, "_", "-" and ".", and takes what stands between "-v" and
/// the last "-" for the version (database-backups.ts in its server). A dump of a version before 2.5
/// it takes for one of pg_dumpall, and restores into the database "postgres": such a version is not
/// named, and it shows none.
std::string path_for_immich(Timestamp time, std::string_view version)
{
  std::string path = std::string(kBegins) + format_compact(time);
  if (path.ends_with('Z')) path.pop_back();
  if (restores_dumps(version)) path += "-" + std::string(version);
  return path + std::string(kEnds);
}

}  // namespace

bool is_dump_for_immich(std::string_view relative)
{
  return relative.starts_with(kBegins) && relative.ends_with(kEnds);
}

Result<std::string> place_dump_for_immich(const Session& session, const RestorePoint& point,
                                          const Folder& target, std::optional<Owner> owner)
{
  if (session.signatures == nullptr)
    return fail(Errc::invalid, "nobody has signed the restore point that names it", kWayOut);
  const DumpInfo& dump = *point.database;
  std::string path = path_for_immich(point.time, dump.immich_version);
  Folder folder = TRY(target.create_folder(kFolder));
  folder.set_readers(Readers::owner, owner);
  const std::string name = path.substr(path.find('/') + 1);
  PendingFile file =
      TRY(PendingFile::create(folder, "." + name + ".partial", name, PendingFile::Sync::later));
  MetaCommandCheck commands;
  TRY(read_stored_dump(
      session, dump.object, dump.sha256,
      [&](ByteView plain) -> Result<> {
        commands.update(plain);
        return {};
      },
      [&](ByteView stored) { return file.write(stored); }));
  commands.finish();
  if (const std::optional<std::uint64_t> line = commands.found())
    return fail(Errc::invalid,
                "its line " + format_count(*line) + " may be a command to psql, which would run it",
                kWayOut);
  TRY(file.commit_replacing());
  return path;
}

}  // namespace ib
