// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// The kind of a failure. A code exists only if some caller acts on it. The code that calls the
/// system, SQLite, HTTP or libpq translates their codes into these.
enum class Errc : std::uint8_t {
  not_found,            ///< the thing does not exist
  precondition_failed,  ///< the name is taken, or the object is not the version that was expected
  denied,               ///< credentials or permissions; trying again does not help
  unavailable,          ///< out of reach for now; the only code that is retried
  corrupt,              ///< bytes are not what they must be
  cancelled,            ///< the user or the system asked us to stop
  io,                   ///< the machine: a full disk, an unreadable file, a failed program
  invalid,              ///< usage or configuration; a person has to change something
  changed,              ///< a file changed while it was read; the next run tries again
  too_large,            ///< more bytes than this place can hold in one file or object
};

/// A failure as a value. `message` is for a person: lower case, the thing first, the cause last, no
/// full stop, no secret. `hint` says in whole sentences what the person can do. It may be empty.
struct Error {
  Errc code = Errc::io;
  std::string message;
  std::string hint = {};
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

/// The same error with `what` and ": " in front of its message, where it does not begin so already.
Error in_context(std::string_view what, Error error);

/// The name of a code in reports and logs, such as "not_found". Names are stable, because scripts
/// match on them.
std::string_view to_string(Errc code);

}  // namespace ib
