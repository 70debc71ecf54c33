// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ib {

/// "812 MiB", "1.4 GiB", "37 B": binary units, three significant digits at most.
std::string format_bytes(std::uint64_t bytes);

/// "214,031"
std::string format_count(std::uint64_t count);

/// "1 file", "214,031 files"
std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural);

/// All of `text` as a decimal number: nothing else before, in or after it, no plus sign, and a
/// minus sign only where Number has one. Nothing where it is none, or out of Number's range. For
/// int, std::int64_t, std::uint32_t, std::uint64_t and double.
template <class Number>
std::optional<Number> parse_number(std::string_view text);

/// A name that is safe to print on a terminal and in a log line: control characters, backslashes
/// and bytes that are not UTF-8 become C escapes (\n, \x9f, ...); everything else is as it is.
/// Names in a library can hold any byte but NUL and must not be able to move a cursor or forge a
/// line.
std::string printable(std::string_view name);

/// A name as one word for a shell, to be copied from a terminal: as it is, in single quotes, or
/// where it holds what no terminal shows, in bash's (and zsh's and ksh's) $'...'.
std::string shell_quoted(std::string_view name);

/// The words of `text` in lines of at most `width` columns, without a newline at the end. The first
/// line begins in `column`, the others after `indent` spaces. Whatever space is between two words,
/// newlines too, is one space or the end of a line.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent,
                    std::size_t width);

bool is_valid_utf8(std::string_view text);

/// `text` as valid UTF-8: each offending byte becomes U+FFFD. For JSON, which has no other way.
std::string to_utf8(std::string_view text);

/// Bytes as ASCII text: '%' and everything but printable ASCII becomes %XX.
std::string escape_bytes(std::string_view bytes);
/// The way back; a '%' without two digits stands for itself.
std::string unescape_bytes(std::string_view text);

}  // namespace ib
