// SPDX-License-Identifier: Apache-2.0
#include "immich/media_root.hpp"

#include "base/text.hpp"
#include "immich/folders.hpp"
#include "sys/file.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace ib {
namespace {

/// How many of Immich's folders there are.
struct Signs {
  unsigned present = 0;
  unsigned marked = 0;  ///< with Immich's own marker in it
};

Signs signs_in(const Folder& folder)
{
  Signs signs;
  for (const std::string& name : immich_folders()) {
    const Result<Folder> top = folder.follow_folder(name);
    if (!top) continue;
    ++signs.present;
    if (top->stat(kImmichMarker)) ++signs.marked;
  }
  return signs;
}

bool is_marked(const std::string& path)
{
  const Result<Folder> folder = Folder::open(path);
  return folder && signs_in(*folder).marked > 0;
}

/// A folder just below or above that Immich has marked.
std::optional<std::string> marked_neighbour(const Folder& folder, const std::string& path)
{
  const Result<std::vector<FolderEntry>> entries = folder.entries();
  if (entries) {
    for (const FolderEntry& entry : *entries) {
      if (entry.kind != FileKind::folder && entry.kind != FileKind::symlink) continue;
      std::string below = (std::filesystem::path(path) / entry.name).string();
      if (is_marked(below)) return below;
    }
  }
  std::string above = std::filesystem::path(path).parent_path().string();
  return is_marked(above) ? std::optional(std::move(above)) : std::nullopt;
}

/// For a value that nobody meant for this program.
std::string whose_variable()
{
  return " LIBRARY_PATH is also a variable of compilers (GCC, CUDA): if this value is theirs, use "
         "--library.";
}

}  // namespace

Result<> require_media_root(const std::string& path)
{
  const Result<Folder> folder = Folder::open(path);
  if (!folder) {
    if (folder.error().code == Errc::denied)
      return fail(Errc::invalid, "no library: " + folder.error().message, folder.error().hint);
    return fail(Errc::invalid, "no library: " + folder.error().message,
                "Name Immich's media root, the folder that holds upload/ and library/ (its "
                "UPLOAD_LOCATION), with --library or LIBRARY_PATH." +
                    (path.contains(':') ? whose_variable() : ""));
  }
  const Signs here = signs_in(*folder);
  if (here.marked > 0) return {};
  const std::string absolute = absolute_path(path);
  if (const std::optional<std::string> right = marked_neighbour(*folder, absolute)) {
    return fail(Errc::invalid,
                "no library: " + printable(absolute) + " is not Immich's media root; " +
                    printable(*right) + " is",
                "Use --library " + printable(*right) + ", or set LIBRARY_PATH to it.");
  }
  if (here.present > 0) return {};
  return fail(Errc::invalid,
              "no library: " + printable(absolute) +
                  " holds none of Immich's folders: upload/, library/, profile/ and others",
              "Name Immich's media root (its UPLOAD_LOCATION), with --library or LIBRARY_PATH. Is "
              "its disk mounted?" +
                  whose_variable());
}

}  // namespace ib
