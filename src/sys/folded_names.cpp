// SPDX-License-Identifier: Apache-2.0
#include "sys/folded_names.hpp"

#include "sys/system.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace ib {

bool folds_names(const Folder& folder)
{
  const std::string begin = std::string(kTemporaryPrefix) + random_hex(8);
  const std::string probe = begin + "-Case-\u00e9";
  const auto make = [&]() -> Result<> {
    PendingFile file = TRY(PendingFile::create(folder, begin, probe, PendingFile::Sync::later));
    return file.commit_new();
  };
  if (!make()) return false;
  const bool folds = folder.stat(begin + "-cASE-\u00e9") || folder.stat(begin + "-Case-e\u0301");
  static_cast<void>(folder.remove_file(probe));  // its name says that it is temporary
  return folds;
}

Result<bool> is_spelled_so(const Folder& root, const std::string& path)
{
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find('/', begin);
    const Result<Folder> folder = root.open_folder(begin == 0 ? "" : path.substr(0, begin - 1));
    if (!folder && folder.error().code == Errc::not_found) return false;
    if (!folder) return std::unexpected(folder.error());
    const std::vector<FolderEntry> entries = TRY(folder->entries());
    const std::string_view name = std::string_view(path).substr(begin, end - begin);
    if (std::ranges::find(entries, name, &FolderEntry::name) == entries.end()) return false;
    if (end == std::string::npos) return true;
    begin = end + 1;
  }
}

}  // namespace ib
