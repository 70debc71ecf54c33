// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"

#include <algorithm>

namespace ib {

bool Command::is_called(std::string_view typed) const
{
  return typed == name || std::ranges::find(aliases, typed) != aliases.end();
}

const Option* Command::find_option(std::string_view option_name) const
{
  const auto found = std::ranges::find(options, option_name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

}  // namespace ib
