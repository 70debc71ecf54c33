// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>

namespace ib {

/// Prints the condition that does not hold, and aborts. A bug stops the program. A failure of the
/// outside world is a value (Result).
[[noreturn]] void assertion_failed(const char* condition, const std::source_location& where);

}  // namespace ib

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): needs the condition's text
#define IB_ASSERT(condition)          \
  ((condition) ? static_cast<void>(0) \
               : ::ib::assertion_failed(#condition, ::std::source_location::current()))
