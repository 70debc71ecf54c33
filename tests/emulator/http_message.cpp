// SPDX-License-Identifier: Apache-2.0
#include "emulator/http_message.hpp"

#include "base/text.hpp"

#include <charconv>

namespace ib::emulator {
namespace {

int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text)
{
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string> Fields::all(std::string_view name) const
{
  std::vector<std::string> values;
  for (const auto& [key, value] : list_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::string percent_decoded(std::string_view text, bool plus_is_space)
{
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text)
{
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

std::string lower_case(std::string_view text)
{
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view kSpace = " \t\r";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char at)
{
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> parse_number(std::string_view text)
{
  return whole_number<std::uint64_t>(text);
}

std::optional<std::int64_t> parse_signed(std::string_view text)
{
  return whole_number<std::int64_t>(text);
}

Fields parse_form(std::string_view text)
{
  Fields form;
  for (const std::string_view pair : split(text, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    form.add(
        percent_decoded(pair.substr(0, equals), true),
        equals == std::string_view::npos ? "" : percent_decoded(pair.substr(equals + 1), true));
  }
  return form;
}

bool parse_field(std::string_view line, Fields& fields)
{
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  fields.add(lower_case(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  return true;
}

std::optional<Request> parse_head(std::string_view head)
{
  Request request;
  auto line_end = head.find('\n');
  const std::string_view first = trimmed(head.substr(0, line_end));
  const auto words = split(first, ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1.")) return std::nullopt;
  request.method = words[0];
  request.target = words[1];
  // Clients send an absolute target to a proxy.
  std::string_view target = words[1];
  if (target.starts_with("http://")) {
    const auto slash = target.find('/', 7);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = parse_form(target.substr(question + 1));
  while (line_end != std::string_view::npos) {
    head.remove_prefix(line_end + 1);
    line_end = head.find('\n');
    const std::string_view line = trimmed(head.substr(0, line_end));
    if (line.empty()) continue;
    if (!parse_field(line, request.headers)) return std::nullopt;
  }
  const std::string connection = lower_case(request.headers.value("connection"));
  request.keep_alive = words[2] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive";
  return request;
}

std::string media_parameter(std::string_view content_type, std::string_view name)
{
  for (std::size_t from = content_type.find(';'); from != std::string_view::npos;) {
    const std::string_view rest = trimmed(content_type.substr(from + 1));
    if (lower_case(rest.substr(0, name.size())) == name &&
        rest.substr(name.size()).starts_with("=")) {
      const std::string_view value = rest.substr(name.size() + 1);
      if (value.starts_with("\"") || value.starts_with("'")) {
        return std::string(value.substr(1, value.find(value.front(), 1) - 1));
      }
      return std::string(trimmed(value.substr(0, value.find(';'))));
    }
    from = content_type.find(';', from + 1);
  }
  return {};
}

std::string_view reason_phrase(int status)
{
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Resume Incomplete";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 416:
      return "Requested Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

std::optional<std::string> base64_decoded(std::string_view text, bool url_alphabet)
{
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    std::uint32_t digit = 0;
    if (c >= 'A' && c <= 'Z') {
      digit = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      digit = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == (url_alphabet ? '-' : '+')) {
      digit = 62;
    } else if (c == (url_alphabet ? '_' : '/')) {
      digit = 63;
    } else {
      return std::nullopt;
    }
    bits = (bits << 6U) | digit;
    if (++count % 4 != 1)
      out +=
          static_cast<char>((bits >> (6U - 2U * static_cast<unsigned>((count - 1) % 4))) & 0xFFU);
  }
  return out;
}

}  // namespace ib::emulator
