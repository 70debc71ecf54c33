// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/connection.hpp"

namespace ib::emulator {

/// Reads the parts of a multipart/related body as they arrive, without keeping a part in memory.
/// Lines end with CRLF or only with LF. The first boundary decides which, so that data in a body
/// with LF may end with a CR.
class MultipartReader {
public:
  MultipartReader(BodyStream& body, const std::string& boundary)
      : body_(body), delimiter_("--" + boundary)
  {}

  /// Reads the headers of the next part. Returns false after the last part, or if the body is not
  /// multipart.
  bool next(Fields& headers);
  /// More data of this part, valid until the next call. Empty at its end.
  ByteView read();
  /// Whether the closing boundary has arrived.
  bool complete() const { return closed_; }

private:
  bool line(std::string& out, bool& has_cr);
  bool end_part();
  /// Whether `rest`, which follows the end of a line, is a delimiter as far as it has arrived.
  bool could_begin(std::string_view rest) const;
  /// The first end of a line in `text` that a delimiter follows or may follow. npos: none.
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
