// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib::emulator {

/// Header fields or query parameters, in order. Names of header fields are in lower case, names of
/// parameters as they were sent.
class Fields {
public:
  void add(std::string name, std::string value)
  {
    list_.emplace_back(std::move(name), std::move(value));
  }
  const std::string* find(std::string_view name) const
  {
    const auto it =
        std::find_if(list_.begin(), list_.end(), [&](const auto& f) { return f.first == name; });
    return it == list_.end() ? nullptr : &it->second;
  }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string value(std::string_view name, std::string_view otherwise = {}) const
  {
    const std::string* found = find(name);
    return found != nullptr ? *found : std::string(otherwise);
  }
  std::vector<std::string> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& list() const { return list_; }

private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct Request {
  std::string method;
  std::string target;  ///< as it was sent
  std::string path;    ///< of the target, still percent-encoded, without the query
  Fields query;        ///< decoded
  Fields headers;
  bool keep_alive = true;
};

class Blob;

/// A fault of a reply while it is sent.
struct WireFault {
  bool reset = false;    ///< resets the connection without a reply
  bool no_date = false;  ///< sends no Date
  std::optional<std::uint64_t> cut_after =
      {};  ///< closes the connection after so many bytes of the body
  std::optional<std::uint64_t> flip_at = {};      ///< inverts all bits of this byte of the body
  std::optional<std::uint64_t> stall_after = {};  ///< waits `stall_ms` after so many bytes
  std::uint64_t stall_ms = 0;
  std::uint64_t bytes_per_second = 0;  ///< 0: as fast as possible

  bool any() const { return reset || cut_after || flip_at || stall_after || bytes_per_second != 0; }
};

struct Response {
  int status = 200;
  Fields headers = {};
  std::string body = {};
  std::shared_ptr<const Blob> blob =
      nullptr;  ///< replaces `body` by `length` of its bytes from `offset`
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  WireFault fault = {};
  bool close = false;
};

std::string percent_decoded(std::string_view text, bool plus_is_space = false);
std::string percent_encoded(std::string_view text);
std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char at);

/// Parses decimal digits. Absent for anything else.
std::optional<std::uint64_t> parse_number(std::string_view text);
std::optional<std::int64_t> parse_signed(std::string_view text);

/// Parses name=value&... of a query or a form.
Fields parse_form(std::string_view text);

/// Adds a line "Name: value" to `fields`. Returns false for any other line.
bool parse_field(std::string_view line, Fields& fields);

/// Parses the head of a request, without the empty line at its end.
std::optional<Request> parse_head(std::string_view head);

/// The value of a parameter, such as "boundary" in "multipart/related; boundary=...", with or
/// without quotes. Empty if there is none.
std::string media_parameter(std::string_view content_type, std::string_view name);

std::string_view reason_phrase(int status);

std::optional<std::string> base64_decoded(std::string_view text, bool url_alphabet = false);

}  // namespace ib::emulator
