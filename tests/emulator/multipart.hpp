// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/connection.hpp"

namespace ib::emulator {

/// Parts of a multipart/related body as they arrive; none is held in memory. Lines end with CRLF or
/// with LF alone: the first boundary says which, so that an LF body's data may end with a CR of its
/// own.
class MultipartReader {
public:
  MultipartReader(BodyStream& body, const std::string& boundary)
      : body_(body), delimiter_("--" + boundary)
  {}

  /// The headers of the next part; false after the last, and where the body is not multipart.
  bool next(Fields& headers);
  /// More of this part's data, valid until the next call; empty at its end.
  ByteView read();
  /// The closing boundary was seen.
  bool complete() const { return closed_; }

private:
  bool line(std::string& out, bool& has_cr);
  bool end_part();
  /// Whether what follows a line's end is a delimiter, as far as it has arrived.
  bool could_begin(std::string_view rest) const;
  /// The first line's end in `text` that a delimiter follows or may follow; npos: none.
  std::size_t next_delimiter(std::string_view text) const;

  BodyStream& body_;
  std::string delimiter_;
  bool started_ = false;
  bool crlf_ = false;
  bool in_part_ = false;
  bool at_start_ = false;
  bool closed_ = false;
  std::size_t pending_ = 0;
};

}  // namespace ib::emulator
