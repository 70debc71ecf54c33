// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// "812 MiB", "1.4 GiB", "37 B": binary units, at most three significant digits.
std::string format_bytes(std::uint64_t bytes);

/// "214,031"
std::string format_count(std::uint64_t count);

/// "1 file", "214,031 files"
std::string count_of(std::uint64_t count, std::string_view singular, std::string_view plural);

/// Parses all of `text` as a decimal number. Spaces and a plus sign are refused, and so is a minus
/// sign if Number is unsigned. Empty if `text` is not such a number or is out of Number's range.
/// For int, std::int64_t, std::uint32_t, std::uint64_t and double.
template <class Number>
std::optional<Number> parse_number(std::string_view text);

/// A name that is safe to print on a terminal and in a log line. Control characters, backslashes
/// and bytes that are not UTF-8 become C escapes (\n, \x9f, ...). Everything else stays. A name in
/// a library can hold any byte but NUL. It must not be able to move the cursor or to forge a line.
std::string printable(std::string_view name);

/// A name as one word for a shell, to be copied from a terminal: as it is, or in single quotes. A
/// name with characters that no terminal shows becomes $'...', which bash, zsh and ksh read.
std::string shell_quoted(std::string_view name);
/// The same as $'...' in ASCII, which shows the bytes of names that look alike.
std::string shell_escaped(std::string_view name);

/// The words of `text` in lines of at most `width` columns, without a newline at the end. The first
/// line begins in `column`, the others after `indent` spaces. Any whitespace between two words
/// becomes one space or a line break.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent,
                    std::size_t width);

/// Without the spaces, tabs and line breaks around it.
std::string_view trimmed(std::string_view text);

/// The front of a text of UTF-8: at most `limit` bytes, ending with a whole character.
std::string_view front_of(std::string_view text, std::size_t limit);

/// The length of the UTF-8 sequence at the front of `text`. 0 if there is none (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text);

bool is_valid_utf8(std::string_view text);

/// `text` as valid UTF-8: each invalid byte becomes U+FFFD. For JSON, which cannot hold other
/// bytes.
std::string to_utf8(std::string_view text);

/// The texts with `between` between each two.
std::string joined(const std::vector<std::string>& texts, std::string_view between);

/// Bytes as ASCII text. '%' and everything but printable ASCII become %XX.
std::string escape_bytes(std::string_view bytes);
/// The inverse. A '%' that two digits do not follow stands for itself.
std::string unescape_bytes(std::string_view text);

}  // namespace ib
