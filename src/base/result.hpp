// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <expected>
#include <utility>

namespace ib {

/// The outcome of anything that can fail because of the world outside the process. std::expected of
/// libstdc++ is not [[nodiscard]]; this class is.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
  using std::expected<T, Error>::expected;

  /// The same value, or the same error with `what` in front of its message.
  Result context(std::string_view what) &&
  {
    if (!*this) return std::unexpected(in_context(what, std::move(*this).error()));
    return std::move(*this);
  }
};

/// return fail(Errc::invalid, "the thing: what happened", "What to do about it.");
inline std::unexpected<Error> fail(Errc code, std::string message, std::string hint = {})
{
  return std::unexpected(
      Error{.code = code, .message = std::move(message), .hint = std::move(hint)});
}

}  // namespace ib

// NOLINTBEGIN(cppcoreguidelines-macro-usage): an early return cannot be a function
#define IB_CONCAT_IMPL(a, b) a##b
#define IB_CONCAT(a, b) IB_CONCAT_IMPL(a, b)
#define IB_TRY_IMPL(expr, tmp)                                    \
  __extension__({                                                 \
    auto&& tmp = (expr);                                          \
    if (!tmp) return ::std::unexpected(::std::move(tmp).error()); \
    *::std::move(tmp);                                            \
  })

/// The value of a Result. If the Result is an error, returns that error from the enclosing
/// function:
///     auto object = TRY(store.stat(name));
/// Do not use it inside the braces of an aggregate: if it returns from there, GCC 12 does not
/// destroy the members that already exist.
#define TRY(...) IB_TRY_IMPL((__VA_ARGS__), IB_CONCAT(ib_try_, __COUNTER__))
// NOLINTEND(cppcoreguidelines-macro-usage)
