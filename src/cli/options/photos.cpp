// SPDX-License-Identifier: Apache-2.0
#include "cli/options/photos.hpp"

namespace ib {

Option below_option()
{
  return {.name = "below",
          .metavar = "FOLDER",
          .help = "the photos below this folder of the backup, such as /library/anna",
          .command_line_only = true};
}

Result<std::string> below(const Settings& settings)
{
  std::string folder = settings.text("below").value_or("/");
  if (!folder.starts_with('/')) folder.insert(0, "/");
  if (!folder.ends_with('/')) folder += '/';
  return folder;
}

Option list_option()
{
  return {.name = "list",
          .metavar = "FILE",
          .help =
              "read the list that `immich-backup photos --write-list` wrote to FILE, "
              "and not the dump",
          .command_line_only = true};
}

}  // namespace ib
