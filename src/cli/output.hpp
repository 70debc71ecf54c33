// SPDX-License-Identifier: Apache-2.0
//
// The three standard streams: results on stdout, everything else on stderr.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace ib {

/// Makes sure that descriptors 0 to 2 are taken: a file opened later must not become our stdout.
void occupy_standard_streams();

/// Results, buffered. A full disk or a closed pipe is an error, at the latest of flush().
class ResultOutput {
public:
  explicit ResultOutput(int fd) : fd_(fd) {}
  Result<> write(std::string_view text);
  Result<> flush();

private:
  int fd_;
  std::string buffer_;
};

/// What does not go there goes nowhere.
void write_stderr(std::string_view text);

/// "immich-backup: <message>", and the hint on a line of its own.
void print_error(const Error& error);

}  // namespace ib
