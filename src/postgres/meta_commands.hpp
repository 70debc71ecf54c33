// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// Whether a plain dump could make psql do anything but send SQL: for those who give it to a psql
/// that nobody restricts. Allows no backslash in the dump but those that pg_dump writes: one pair
/// of \restrict and \unrestrict, and the escapes of COPY's text format. So it need not tell SQL
/// from data, which a made-up dump may confuse. A dump with other backslashes, such as in the body
/// of somebody's own function, is not allowed, though it may be harmless.
///
/// The dump may come in chunks of any size. Holds less than a line in memory. One thread at a time.
class MetaCommandCheck {
public:
  void update(ByteView plain_sql);
  /// Ends a last line that has no newline.
  void finish();
  /// The number of the first line, from 1, that is not allowed.
  std::optional<std::uint64_t> found() const { return found_; }

private:
  void see(char c);
  void end_first_word(bool whole);
  bool is_of_the_pair(std::string_view line);

  std::uint64_t line_ = 1;
  bool at_start_ = true;
  bool is_held_ = false;
  std::string held_;  // the beginning of a line that begins with a backslash
  bool after_backslash_ = false;
  bool is_command_ = false;  // what follows in this line may be read as a command's arguments
  std::string token_;        // of \restrict
  bool is_over_ = false;     // \unrestrict was there
  std::optional<std::uint64_t> found_;
};

}  // namespace ib
