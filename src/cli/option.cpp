// SPDX-License-Identifier: Apache-2.0
#include "cli/option.hpp"

namespace ib {

Options joined(std::initializer_list<Options> parts)
{
  Options all;
  for (const Options& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<std::string> environment_names(const Option& option)
{
  if (option.command_line_only) return {};
  std::string own = "IMMICH_BACKUP_";
  for (const char c : option.name) own += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  std::vector<std::string> names{own};
  names.insert(names.end(), option.environment.begin(), option.environment.end());
  return names;
}

}  // namespace ib
