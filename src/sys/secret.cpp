// SPDX-License-Identifier: Apache-2.0
#include "sys/secret.hpp"

#include <cstring>

namespace ib {

void wipe(std::span<std::byte> bytes)
{
  // The compiler may leave out a memset.
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

}  // namespace ib
