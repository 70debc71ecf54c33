// SPDX-License-Identifier: Apache-2.0
#include "app/outside_stores.hpp"

#include "base/text.hpp"
#include "core/names/object_name.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"

namespace ib {
namespace {

std::unexpected<Error> refused(const std::string& what, const std::string& path,
                               const std::string& how, const std::string& store)
{
  return fail(Errc::invalid, what + " (" + printable(path) + ") " + how + ": " + printable(store),
              "Nothing may be written into a backup. Name a place outside of it.");
}

}  // namespace

Result<> require_outside_stores(const Session& session, const std::string& what,
                                const std::string& path)
{
  return require_outside_stores(session.store.address().folder(), what, path);
}

Result<> require_outside_stores(const FolderAddress* own, const std::string& what,
                                const std::string& path)
{
  const std::string there = absolute_path(path);
  if (own != nullptr && lies_in(there, own->path))
    return refused(what, there, "lies in the backup", own->path);
  for (std::string folder = there;;) {
    if (path_exists(folder + "/" + std::string(kStoreMarker)))
      return refused(what, there, "lies in a backup", folder);
    const std::size_t slash = folder.rfind('/');
    if (slash == folder.npos || slash == 0) return {};
    folder.resize(slash);
  }
}

Result<> require_apart_from_stores(const Session& session, const std::string& what,
                                   const std::string& path)
{
  TRY(require_outside_stores(session, what, path));
  const FolderAddress* own = session.store.address().folder();
  if (own != nullptr && lies_in(own->path, path))
    return refused(what, absolute_path(path), "holds the backup", own->path);
  return {};
}

}  // namespace ib
