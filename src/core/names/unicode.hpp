// SPDX-License-Identifier: Apache-2.0
//
// How a person reads a name. A name is bytes, and systems write the same letters with different
// ones: a Mac writes the u and the dots of an umlaut apart, a keyboard writes them as one.
//
// Bytes that are not UTF-8 stay as they are, and so does a text of more than 4096 bytes, which no
// path has. Nothing here makes or removes a slash or a character that a pattern reads as its own.
#pragma once

#include <string>
#include <string_view>

namespace ib {

/// `text` in Unicode's composed form (NFC). Two texts that look the same have the same.
std::string composed(std::string_view text);

/// `text` composed, without the difference of upper and lower case in any script and with every
/// kind of space as the usual one.
std::string folded(std::string_view text);

bool read_the_same(std::string_view a, std::string_view b);

}  // namespace ib
