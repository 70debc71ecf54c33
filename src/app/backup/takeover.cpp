// SPDX-License-Identifier: Apache-2.0
#include "app/backup/takeover.hpp"

#include "app/session.hpp"
#include "base/text.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"
#include "manifest/totals.hpp"
#include "scan/library_scan.hpp"

#include <utility>

namespace ib {
namespace {

/// How many recorded paths are looked up below the library with their beginnings cut off, for a
/// hint.
constexpr int kTriedForHint = 200;

std::string_view why(TakenOver::Reason reason)
{
  switch (reason) {
    case TakenOver::Reason::object_missing:
      return "the store does not hold it";
    case TakenOver::Reason::other_size:
      return "the store holds another size under its name";
    case TakenOver::Reason::unreadable:
      return "its row cannot be understood";
    case TakenOver::Reason::same_path:
      return "another recorded path became the same one";
  }
  return "";
}

/// The first file that a backup of this library would find.
std::optional<std::string> a_path_in(const Library& library, const Scope& scope)
{
  LibraryScan scan(library, {.scope = scope,
                             .marked_folders = {},
                             .marker = {},
                             .problem = [](const Problem&) {},  // the backup itself tells
                             .note = [](const std::string&) {}});
  Result<std::optional<ScanItem>> item = scan.next();
  for (; item && *item; item = scan.next()) {
    if (const auto* file = std::get_if<SourceFile>(&**item)) return file->path;
  }
  return std::nullopt;
}

/// "/data/" where /data/upload/x is recorded and /upload/x is in the library.
std::optional<std::string> beginning_to_drop(const Library& library, const std::string& path)
{
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (library.open_file(std::string_view(path).substr(slash))) return path.substr(0, slash + 1);
  }
  return std::nullopt;
}

struct Compared {
  std::uint64_t recorded = 0;
  std::uint64_t found = 0;
  std::optional<std::string> dropped_beginning;
  bool enough() const { return found > 0 && found * 100 >= recorded; }
};

/// Looks for the recorded files in the library until 1 % of them are found.
Result<Compared> compare(const Session& session, const Library& library, const Manifest& manifest)
{
  Compared compared{.recorded = TRY(count_files(manifest)).files};
  int tried = 0;
  const std::unique_ptr<RecordCursor> rows = TRY(manifest.records());
  while (const std::optional<FileRecord> row = TRY(rows->next())) {
    if (session.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (row->archived) continue;
    if (library.open_file(row->path)) {
      ++compared.found;
    } else if (!compared.dropped_beginning && tried++ < kTriedForHint) {
      compared.dropped_beginning = beginning_to_drop(library, row->path);
    }
    if (compared.enough()) break;
  }
  return compared;
}

std::unexpected<Error> mismatch(const Session& session, const Compared& compared,
                                const TakenOver& taken,
                                const std::optional<std::string>& in_library)
{
  std::string message = session.store.url() + ": its manifest of version 2.0 records " +
                        count_of(compared.recorded, "file", "files") + ", of which " +
                        (compared.found == 0 ? "none is" : format_count(compared.found) + " are") +
                        " in the library. Recorded is " +
                        printable(taken.a_path.value_or("nothing")) + "; in the library is " +
                        (in_library ? printable(*in_library) : "no file");
  std::string hint = "Nothing was changed. Is the right folder at --library, and mounted? ";
  if (compared.dropped_beginning) {
    hint += "If the recorded paths begin otherwise than those below the library: --map-prefix " +
            printable(*compared.dropped_beginning) + "=/";
  } else {
    hint +=
        "If the recorded paths begin otherwise than those below the library, --map-prefix OLD=NEW "
        "takes those that begin with OLD as beginning with NEW: --map-prefix /data/=/";
  }
  return fail(Errc::invalid, std::move(message), std::move(hint));
}

}  // namespace

Result<> accept_taken_over(const Session& session, const Library& library, const Scope& scope,
                           Catalog& catalog, ReportHeader& header)
{
  if (!catalog.taken_over) return {};
  const TakenOver& taken = *catalog.taken_over;
  const Compared compared = TRY(compare(session, library, catalog.manifest));
  if (compared.recorded > 0 && !compared.enough())
    return mismatch(session, compared, taken, a_path_in(library, scope));
  header.notes.push_back("the manifest of version 2.0 was taken over: " +
                         count_of(taken.rows - taken.dropped, "file", "files") +
                         ", each of which is read once and compared with its recorded SHA-256");
  for (const TakenOver::Dropped& dropped : taken.examples) {
    header.problems.push_back({.path = dropped.path,
                               .code = "not_taken_over",
                               .message = printable(dropped.path) +
                                          ": recorded by the manifest of version 2.0, but " +
                                          std::string(why(dropped.reason)),
                               .hint = "If the library has the file, this run stores it."});
  }
  if (taken.dropped > taken.examples.size()) {
    header.problems.push_back({.path = "",
                               .code = "not_taken_over",
                               .message = "and " +
                                          count_of(taken.dropped - taken.examples.size(),
                                                   "more recorded file", "more recorded files") +
                                          " like these",
                               .hint = ""});
  }
  catalog.manifest.write_anew();
  return {};
}

}  // namespace ib
