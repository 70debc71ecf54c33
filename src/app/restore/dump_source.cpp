// SPDX-License-Identifier: Apache-2.0
#include "app/restore/dump_source.hpp"

#include "base/text.hpp"
#include "immich/database.hpp"
#include "sys/file.hpp"
#include "sys/gzip.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <array>

namespace ib {
namespace {

constexpr std::array kGzip{std::byte{0x1f}, std::byte{0x8b}};
constexpr std::string_view kCustomFormat = "PGDMP";  // pg_backup_archiver.c in PostgreSQL

/// What `database` is called in a message.
std::string name_of(const DumpSections::Database& database)
{
  return database.name.empty() ? "one without a name" : database.name;
}

}  // namespace

Result<CheckedDump> DumpFile::check()
{
  DumpSections sections;
  std::vector<DumpCheck> checks;
  const Content content =
      TRY(read_sections(sections, [&](std::size_t section, ByteView sql) -> Result<> {
        checks.resize(std::max(checks.size(), section + 1));
        return checks[section].update(sql);
      }));
  checks.resize(sections.databases().size());
  chosen_ = TRY(choose(sections.databases(), checks));
  settings_ = sections.databases()[chosen_].settings;
  return std::move(checks[chosen_]).finish(content).context(path_);
}

Result<CheckedDump> DumpFile::read(const ByteSink& plain)
{
  DumpSections sections;
  DumpCheck check;
  const Content content =
      TRY(read_sections(sections, [&](std::size_t section, ByteView sql) -> Result<> {
        if (section != chosen_) return {};
        TRY(check.update(sql));
        return plain(sql);
      }));
  return std::move(check).finish(content).context(path_);
}

Result<Content> DumpFile::read_sections(DumpSections& sections, const SectionSink& sink)
{
  constexpr std::size_t kBuffer = std::size_t{1} << 20U;
  InputFile file = TRY(InputFile::open(path_));
  file.will_read_sequentially();
  const auto take = [&](ByteView sql) { return sections.write(sql, sink); };
  GzipReader gzip(take);
  bool is_gzip = false;
  ContentHasher hasher;
  std::vector<std::byte> buffer(kBuffer);
  for (bool is_first = true;; is_first = false) {
    if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
    const std::size_t size = TRY(file.read(buffer));
    const ByteView bytes = ByteView(buffer).first(size);
    if (is_first) {
      is_gzip =
          bytes.size() >= kGzip.size() && std::ranges::equal(bytes.first(kGzip.size()), kGzip);
      if (text_of(bytes).starts_with(kCustomFormat))
        return fail(Errc::invalid, path_ + " is a dump in pg_dump's custom format",
                    "pg_restore restores it, or makes a plain dump of it: pg_restore -f FILE.sql.");
    }
    if (size == 0) break;
    hasher.update(bytes);
    progress_.advance(0, size);
    TRY((is_gzip ? gzip.write(bytes) : take(bytes)).context(path_));
  }
  if (is_gzip) TRY(gzip.finish().context(path_));
  TRY(sections.finish(sink).context(path_));
  return hasher.finish();
}

Result<std::size_t> DumpFile::choose(const std::vector<DumpSections::Database>& databases,
                                     const std::vector<DumpCheck>& checks) const
{
  if (databases.size() == 1) return 0;
  std::vector<std::size_t> immichs;
  std::string names, names_of_immichs;
  for (std::size_t i = 0; i < databases.size(); ++i) {
    names += (names.empty() ? "" : ", ") + printable(name_of(databases[i]));
    if (!has_immichs_tables(checks[i].inventory().tables())) continue;
    immichs.push_back(i);
    names_of_immichs += (names_of_immichs.empty() ? "" : ", ") + printable(name_of(databases[i]));
  }
  if (immichs.empty())
    return fail(Errc::invalid, path_ + " holds no database of Immich's" +
                                   (names.empty() ? "" : ", but these: " + names));
  if (immichs.size() == 1) return immichs.front();
  const auto called =
      std::ranges::find_if(immichs, [&](std::size_t i) { return databases[i].name == database_; });
  if (called == immichs.end())
    return fail(Errc::invalid, path_ + " holds several databases of Immich's: " + names_of_immichs,
                "Restore into a database that is called like the one that you want.");
  return *called;
}

}  // namespace ib
