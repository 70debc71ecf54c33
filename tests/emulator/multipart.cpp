// SPDX-License-Identifier: Apache-2.0
#include "emulator/multipart.hpp"

#include <algorithm>
#include <cstring>

namespace ib::emulator {

bool MultipartReader::line(std::string& out, bool& has_cr)
{
  for (;;) {
    const std::string_view text = text_of(body_.peek());
    const auto end = text.find('\n');
    if (end != std::string_view::npos || (text.size() < 64 * 1024 && !body_.more())) {
      const std::string_view all = text_of(body_.peek());
      const std::string_view found = all.substr(0, end);
      out = found;
      body_.consume(end == std::string_view::npos ? found.size() : end + 1);
      has_cr = out.ends_with('\r');
      if (has_cr) out.pop_back();
      return !all.empty();
    }
    if (text.size() >= 64 * 1024) return false;
  }
}

bool MultipartReader::next(Fields& headers)
{
  while (in_part_ && !read().empty()) {
  }
  std::string text;
  bool has_cr = false;
  while (!started_) {
    if (!line(text, has_cr)) return false;
    if (text == delimiter_) {
      started_ = true;
      crlf_ = has_cr;
    }
  }
  if (closed_) return false;
  headers = {};
  for (;;) {
    if (!line(text, has_cr)) return false;
    if (text.empty()) break;
    if (!parse_field(text, headers)) return false;
  }
  in_part_ = true;
  at_start_ = true;
  return true;
}

bool MultipartReader::end_part()
{
  in_part_ = false;
  std::string text;
  bool has_cr = false;
  if (!line(text, has_cr)) return false;
  closed_ = text.starts_with(delimiter_ + "--");
  if (closed_) body_.drain();
  return true;
}

bool MultipartReader::could_begin(std::string_view rest) const
{
  return rest.size() < delimiter_.size() ? std::string_view(delimiter_).starts_with(rest)
                                         : rest.starts_with(delimiter_);
}

std::size_t MultipartReader::next_delimiter(std::string_view text) const
{
  // Most of a body is data. So searches everything for a whole delimiter, and only the end for the
  // beginning of one.
  const std::string whole = '\n' + delimiter_;
  const void* found = ::memmem(text.data(), text.size(), whole.data(), whole.size());
  if (found != nullptr)
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  std::size_t at = text.size() - std::min(text.size(), delimiter_.size());
  while ((at = text.find('\n', at)) != std::string_view::npos && !could_begin(text.substr(at + 1)))
    ++at;
  return at;
}

ByteView MultipartReader::read()
{
  body_.consume(std::exchange(pending_, 0));
  while (in_part_) {
    const ByteView bytes = body_.peek();
    if (bytes.empty()) {
      in_part_ = false;
      return {};
    }
    const std::string_view text = text_of(bytes);
    std::size_t data = text.size();  // how many bytes are certainly data
    bool undecided = false;
    if (at_start_ && could_begin(text)) {
      if (text.size() >= delimiter_.size()) {
        end_part();
        return {};
      }
      data = 0;
      undecided = true;
    }
    if (!undecided) {
      const std::size_t newline = next_delimiter(text);
      if (newline == std::string_view::npos) {
        undecided = crlf_ && text.ends_with('\r');
        if (undecided) --data;
      } else {
        data = newline;
        if (crlf_ && data > 0 && text[data - 1] == '\r') --data;
        undecided = text.size() - newline - 1 < delimiter_.size();
        if (!undecided && data == 0) {
          body_.consume(newline + 1);
          end_part();
          return {};
        }
      }
    }
    if (data > 0) {
      at_start_ = false;
      pending_ = data;
      return bytes.first(data);
    }
    if (!body_.more()) {
      in_part_ = false;
      return {};
    }
  }
  return {};
}

}  // namespace ib::emulator
