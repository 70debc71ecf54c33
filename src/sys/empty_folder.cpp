// SPDX-License-Identifier: Apache-2.0
#include "sys/empty_folder.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <string>

namespace ib {

Result<> remove_empty_folder(const Folder& root, std::string_view relative)
{
  const std::size_t slash = relative.rfind('/');
  const std::string name(slash == std::string_view::npos ? relative : relative.substr(slash + 1));
  const Folder parent =
      TRY(root.open_folder(slash == std::string_view::npos ? std::string_view() : relative.substr(0, slash)));
  if (::unlinkat(parent.fd(), name.c_str(), AT_REMOVEDIR) != 0)
    return std::unexpected(errno_error(errno, parent.path() + "/" + name));
  return {};
}

}  // namespace ib
