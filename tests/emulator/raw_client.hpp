// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "emulator/gcs_emulator.hpp"
#include "emulator/http_message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ib::test {

struct RawReply {
  int status = 0;  ///< 0: no reply came
  emulator::Fields headers = {};
  std::string body = {};
  bool cut = false;  ///< the body was shorter than its Content-Length
};

/// One connection to the emulator. Sends exactly the bytes of the test.
class RawClient {
public:
  explicit RawClient(const emulator::GcsEmulator& emulator);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  void send(std::string_view bytes);
  RawReply receive(bool with_body = true);
  /// `headers` are lines with CRLF. Adds Content-Length if they have none.
  RawReply ask(std::string_view method, std::string_view target, std::string_view headers = {},
               std::string_view body = {});

private:
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace ib::test
