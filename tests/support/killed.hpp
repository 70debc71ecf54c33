// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace ib::test {

/// Does `work` in a process of its own and says whether SIGKILL ended it. A process that lives on
/// fails the test unless `work` returns true.
bool is_killed(const std::function<bool()>& work);

}  // namespace ib::test
