// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// What kind of failure this is. A code exists only where some caller acts differently on it;
/// errno, SQLite, HTTP and libpq codes become one of these in the adapter that met them.
enum class Errc : std::uint8_t {
  not_found,            ///< the thing does not exist
  precondition_failed,  ///< the name is taken, or the object is not the version that was expected
  denied,               ///< credentials or permissions: trying again will not help
  unavailable,          ///< out of reach for now: the only code that is retried
  corrupt,              ///< bytes are not what they must be
  cancelled,            ///< the user or the system asked us to stop
  io,                   ///< the machine: disk full, unreadable file, failed program
  invalid,              ///< usage or configuration: a person has to change something
  changed,              ///< a file changed while it was read: the next run will try again
};

/// A failure as a value. `message` is for a person: the thing first, the cause last, lower case, no
/// full stop, no secret. `hint`, where there is one, is what the person can do: whole sentences.
struct Error {
  Errc code = Errc::io;
  std::string message;
  std::string hint = {};
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

/// The same error with `what` and ": " in front of its message.
Error in_context(std::string_view what, Error error);

/// The word for a code in reports and logs, such as "not_found". Stable: scripts match on it.
std::string_view to_string(Errc code);

}  // namespace ib
