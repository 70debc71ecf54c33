// SPDX-License-Identifier: Apache-2.0
#include "app/outside_stores.hpp"

#include "base/text.hpp"
#include "core/names/object_name.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"

namespace ib {

Result<> require_outside_stores(const Session& session, const std::string& what,
                                const std::string& path)
{
  const std::string there = absolute_path(path);
  const FolderAddress* own = session.store.address().folder();
  if (own != nullptr && overlap(own->path, there)) {
    return fail(Errc::invalid,
                what + " (" + printable(there) + ") and the backup (" + printable(own->path) +
                    "): one lies in the other",
                "Nothing may be written into a backup. Name a folder outside of it.");
  }
  for (std::string folder = there;;) {
    if (path_exists(folder + "/" + std::string(kStoreMarker))) {
      return fail(Errc::invalid,
                  what + " (" + printable(there) + ") lies in a backup: " + printable(folder),
                  "Nothing may be written into a backup. Name a folder outside of it.");
    }
    const std::size_t slash = folder.rfind('/');
    if (slash == folder.npos || slash == 0) return {};
    folder.resize(slash);
  }
}

}  // namespace ib
