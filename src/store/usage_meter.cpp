// SPDX-License-Identifier: Apache-2.0
#include "store/usage_meter.hpp"

namespace ib {

void UsageMeter::add(const Usage& usage)
{
  const std::scoped_lock guard(mutex_);
  usage_ += usage;
}

Usage UsageMeter::usage() const
{
  const std::scoped_lock guard(mutex_);
  return usage_;
}

}  // namespace ib
