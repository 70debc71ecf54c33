// SPDX-License-Identifier: Apache-2.0
#include "core/names/restore_path.hpp"

#include "base/text.hpp"

namespace ib {

Result<std::string> restore_path(std::string_view file_path)
{
  const auto refused = [&] {
    return fail(Errc::invalid,
                printable(file_path) +
                    ": this path could lead out of the target folder, so it is not restored");
  };
  if (!file_path.starts_with('/') || file_path.contains('\0')) return refused();
  const std::string_view relative = file_path.substr(1);
  for (std::string_view rest = relative;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return refused();
    if (slash == std::string_view::npos) return std::string(relative);
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace ib
