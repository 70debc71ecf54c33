// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/token_messages.hpp"

#include "base/text.hpp"
#include "store/gcs/json_reply.hpp"

#include <algorithm>

namespace ib {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* name)
{
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  if (found == object.end()) return {};
  const auto* text = found->get_ptr<const std::string*>();
  return text == nullptr ? std::string{} : *text;
}

/// Makes foreign text one short line for an error.
std::string one_line(const std::string& text)
{
  std::string line = printable(to_utf8(text.substr(0, 300)));
  while (line.ends_with('.')) line.pop_back();
  return line;
}

void redact(std::string& text, const std::vector<std::string>& secrets)
{
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
      text.replace(at, secret.size(), "(secret)");
      at += std::string_view("(secret)").size();
    }
  }
}

/// A token becomes a header, so it must hold only visible ASCII.
bool is_token(std::string_view text)
{
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string dump(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<Token> parse_token_reply(std::string_view text, Timestamp now)
{
  const Json json = parse_json(text);
  std::string token = text_at(json, "access_token");
  if (!is_token(token)) return fail(Errc::unavailable, "the reply holds no access token");
  const auto lifetime = json.find("expires_in");
  if (lifetime == json.end() || !lifetime->is_number()) {
    return fail(Errc::unavailable, "the reply does not say when the token expires");
  }
  const auto seconds = std::clamp(lifetime->get<double>(), 0.0, 86'400.0);
  return Token{.value = std::move(token),
               .expires = now + std::chrono::seconds(static_cast<std::int64_t>(seconds))};
}

Result<Token> parse_impersonation_reply(std::string_view text)
{
  const Json json = parse_json(text);
  std::string token = text_at(json, "accessToken");
  if (!is_token(token)) return fail(Errc::unavailable, "the reply holds no access token");
  std::string time = text_at(json, "expireTime");
  if (const std::size_t point = time.find('.'); point != std::string::npos)
    time.replace(point, time.size(), "Z");
  const Result<Timestamp> expires = parse_timestamp(time);
  if (!expires) return fail(Errc::unavailable, "the reply does not say when the token expires");
  return Token{.value = std::move(token), .expires = *expires};
}

std::string refusal_in(std::string_view body, const std::vector<std::string>& secrets)
{
  const Json json = parse_json(body);
  if (!json.is_object()) return {};
  std::string code = text_at(json, "error");
  std::string description = text_at(json, "error_description");
  if (const auto error = json.find("error"); error != json.end() && error->is_object()) {
    code = text_at(*error, "status");
    description = text_at(*error, "message");
  }
  redact(code, secrets);  // before anything is cut: a cut secret would not be found
  redact(description, secrets);
  if (code.empty() || description.empty()) return one_line(code + description);
  return one_line(code) + ": " + one_line(description);
}

Result<std::string> subject_token_in(std::string_view text, const std::string& field)
{
  std::string token = text_at(parse_json(text), field.c_str());
  if (token.empty())
    return fail(Errc::invalid, "there is no JSON object with a '" + printable(field) + "' in it");
  return token;
}

std::string jwt_header(const std::string& key_id)
{
  return dump({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key_id}});
}

std::string jwt_claims(const std::string& account, const std::string& audience, Timestamp now,
                       std::chrono::seconds lifetime)
{
  const std::int64_t issued = now.time_since_epoch().count();
  return dump({{"iss", account},
               {"sub", account},
               {"aud", audience},
               {"iat", issued},
               {"exp", issued + lifetime.count()}});
}

std::string impersonation_request(const std::vector<std::string>& delegates,
                                  const std::string& scope, std::chrono::seconds lifetime)
{
  Json json{{"scope", Json::array({scope})}, {"lifetime", std::to_string(lifetime.count()) + "s"}};
  if (!delegates.empty()) json["delegates"] = delegates;
  return dump(json);
}

std::string exchange_options(const std::string& user_project)
{
  return dump({{"userProject", user_project}});
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields)
{
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const auto& [name, value] : fields) {
    text += (text.empty() ? "" : "&") + name + "=";
    for (const char c : value) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') ||
                         std::string_view("-_.~").find(c) != std::string_view::npos;
      const auto byte = static_cast<unsigned char>(c);
      if (plain) {
        text += c;
      } else {
        text += '%';
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
      }
    }
  }
  return text;
}

}  // namespace ib
