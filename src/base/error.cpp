// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <utility>

namespace ib {

Error in_context(std::string_view what, Error error)
{
  // Who reads from a store may name the object that the store has named already.
  const std::string context = std::string(what) + ": ";
  if (!error.message.starts_with(context)) error.message = context + error.message;
  return error;
}

std::string_view to_string(Errc code)
{
  switch (code) {
    case Errc::not_found:
      return "not_found";
    case Errc::precondition_failed:
      return "precondition_failed";
    case Errc::denied:
      return "denied";
    case Errc::unavailable:
      return "unavailable";
    case Errc::corrupt:
      return "corrupt";
    case Errc::cancelled:
      return "cancelled";
    case Errc::io:
      return "io";
    case Errc::invalid:
      return "invalid";
    case Errc::changed:
      return "changed";
    case Errc::too_large:
      return "too_large";
  }
  std::unreachable();
}

}  // namespace ib
