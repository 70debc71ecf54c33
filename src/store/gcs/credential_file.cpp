// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/credential_file.hpp"

#include "base/text.hpp"
#include "net/http_message.hpp"
#include "store/gcs/json_reply.hpp"

namespace ib {
namespace {

using Json = nlohmann::json;

std::unexpected<Error> malformed(std::string message)
{
  return fail(Errc::invalid, std::move(message), "Download or create the credential's file again.");
}

const Json* member(const Json& object, const char* name)
{
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// The member's text, or "" if it is absent.
Result<std::string> optional_text(const Json& object, const char* name)
{
  const Json* value = member(object, name);
  if (value == nullptr) return std::string{};
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) return malformed(std::string(name) + " is not a string");
  return *text;
}

Result<std::string> required_text(const Json& object, const char* name)
{
  std::string text = TRY(optional_text(object, name));
  if (text.empty()) return malformed("there is no " + std::string(name));
  return text;
}

constexpr std::string_view kUniverse = "googleapis.com";

bool is_this_machine(std::string_view url)
{
  std::string host = host_of(url);
  host = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

/// The metadata servers of clouds answer there, without TLS and to this machine alone.
bool is_link_local(std::string_view url)
{
  const std::string host = host_of(url);
  const std::string_view address = std::string_view(host).substr(0, host.find(':'));
  return address.starts_with("169.254.") &&
         address.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// An address to which secrets are sent.
Result<std::string> endpoint(const Json& object, const char* name, std::string otherwise = {})
{
  std::string url = TRY(optional_text(object, name));
  if (url.empty()) url = std::move(otherwise);
  if (url.empty()) return malformed("there is no " + std::string(name));
  if (url.starts_with("https://") || (url.starts_with("http://") && is_this_machine(url)))
    return url;
  return malformed(std::string(name) + " is not an https address");
}

// TRY stays outside of braces here and below: if it returns from inside an aggregate's initializer,
// GCC 12 does not destroy the members that already exist.
Result<ServiceAccountKey> service_account(const Json& json)
{
  ServiceAccountKey key;
  key.client_email = TRY(required_text(json, "client_email"));
  key.private_key_id = TRY(required_text(json, "private_key_id"));
  key.private_key = TRY(required_text(json, "private_key"));
  return key;
}

Result<AuthorizedUser> authorized_user(const Json& json)
{
  AuthorizedUser user;
  user.account = TRY(optional_text(json, "account"));
  user.client_id = TRY(required_text(json, "client_id"));
  user.client_secret = TRY(required_text(json, "client_secret"));
  user.refresh_token = TRY(required_text(json, "refresh_token"));
  user.token_uri = TRY(endpoint(json, "token_uri", "https://oauth2.googleapis.com/token"));
  return user;
}

Result<SubjectToken> subject_token(const Json& json)
{
  const Json* source = member(json, "credential_source");
  if (source == nullptr || !source->is_object()) return malformed("there is no credential_source");
  SubjectToken subject;
  subject.file = TRY(optional_text(*source, "file"));
  subject.url = TRY(optional_text(*source, "url"));
  // What AWS's has as "url" is no token.
  for (const char* other : {"environment_id", "executable", "certificate"}) {
    if (member(*source, other) == nullptr) continue;
    return fail(Errc::invalid,
                "credential_source is of a kind that is not supported: it has a field " +
                    std::string(other),
                "AWS, executables and certificates are not supported as sources. Have the token "
                "written to a file, and name that file.");
  }
  if (subject.file.empty() && subject.url.empty())
    return malformed("credential_source has neither a file nor a url");
  const bool is_safe = subject.url.empty() || subject.url.starts_with("https://") ||
                       (subject.url.starts_with("http://") &&
                        (is_this_machine(subject.url) || is_link_local(subject.url)));
  if (!is_safe) return malformed("credential_source.url is not an https address");
  if (const Json* headers = member(*source, "headers"); headers != nullptr) {
    if (!headers->is_object()) return malformed("credential_source.headers is not an object");
    for (const auto& [name, value] : headers->items()) {
      const auto* text = value.get_ptr<const std::string*>();
      if (text == nullptr)
        return malformed("credential_source.headers holds something that is not a string");
      subject.headers.push_back(name + ": " + *text);
    }
  }
  if (const Json* format = member(*source, "format"); format != nullptr) {
    const std::string type = TRY(optional_text(*format, "type"));
    if (type == "json") {
      subject.json_field = TRY(required_text(*format, "subject_token_field_name"));
    } else if (type != "text" && !type.empty()) {
      return malformed("credential_source.format has a type other than text and json");
    }
  }
  return subject;
}

/// Finds the placeholders that the project's manifests (components/immich) leave for the operator
/// to fill in. Google's own message would only say that the token cannot be exchanged.
Result<> require_filled_in(const std::string& field, const std::string& value)
{
  for (const char* place : {"PROJECT_NUMBER", "PROJECT_ID", "REPLACE_ME"}) {
    if (!value.contains(place)) continue;
    return fail(
        Errc::invalid, field + " still says " + place,
        "Put your own value there: `terraform output -json credential_configs` prints all of it.");
  }
  return {};
}

Result<ExternalAccount> external_account(const Json& json)
{
  ExternalAccount account;
  account.audience = TRY(required_text(json, "audience"));
  TRY(require_filled_in("audience", account.audience));
  account.subject_token_type = TRY(required_text(json, "subject_token_type"));
  account.token_url = TRY(endpoint(json, "token_url"));
  account.subject = TRY(subject_token(json));
  account.client_id = TRY(optional_text(json, "client_id"));
  account.client_secret = TRY(optional_text(json, "client_secret"));
  account.user_project = TRY(optional_text(json, "workforce_pool_user_project"));
  if (member(json, "service_account_impersonation_url") != nullptr) {
    account.impersonation_url = TRY(endpoint(json, "service_account_impersonation_url"));
    TRY(require_filled_in("service_account_impersonation_url", account.impersonation_url));
  }
  if (const Json* options = member(json, "service_account_impersonation"); options != nullptr) {
    const Json* seconds = member(*options, "token_lifetime_seconds");
    if (seconds != nullptr) {
      const auto* number = seconds->get_ptr<const Json::number_unsigned_t*>();
      if (number == nullptr || *number < 600 || *number > 43200) {
        return malformed("token_lifetime_seconds is not a number from 600 to 43200");
      }
      account.lifetime = std::chrono::seconds(*number);
    }
  }
  return account;
}

std::string type_of(const Json& json)
{
  const Json* type = member(json, "type");
  const auto* text = type == nullptr ? nullptr : type->get_ptr<const std::string*>();
  return text == nullptr ? std::string{} : *text;
}

std::unexpected<Error> unknown_type(const std::string& type)
{
  if (type.empty()) return malformed("there is no type: not a Google credential");
  return fail(Errc::invalid,
              "credentials of type '" + printable(type.substr(0, 40)) + "' are not supported",
              "The supported types are service_account, authorized_user, external_account and "
              "impersonated_service_account.");
}

Result<ImpersonatedAccount> impersonated_account(const Json& json)
{
  ImpersonatedAccount account;
  account.impersonation_url = TRY(endpoint(json, "service_account_impersonation_url"));
  if (const Json* delegates = member(json, "delegates"); delegates != nullptr) {
    if (!delegates->is_array()) return malformed("delegates is not a list");
    for (const Json& delegate : *delegates) {
      const auto* text = delegate.get_ptr<const std::string*>();
      if (text == nullptr) return malformed("delegates holds something that is not a string");
      account.delegates.push_back(*text);
    }
  }
  const Json* source = member(json, "source_credentials");
  if (source == nullptr || !source->is_object())
    return malformed("there are no source_credentials");
  const std::string type = type_of(*source);
  if (type == "service_account") {
    account.source = TRY(service_account(*source).context("source_credentials"));
  } else if (type == "authorized_user") {
    account.source = TRY(authorized_user(*source).context("source_credentials"));
  } else if (type == "external_account") {
    account.source = TRY(external_account(*source).context("source_credentials"));
  } else {
    return std::unexpected(in_context("source_credentials", unknown_type(type).error()));
  }
  return account;
}

}  // namespace

Result<CredentialFile> parse_credential_file(std::string_view text)
{
  const Json json = parse_json(text);
  if (!json.is_object()) return malformed("not a JSON object");
  const std::string type = type_of(json);
  const std::string universe = TRY(optional_text(json, "universe_domain"));
  if (!universe.empty() && universe != kUniverse) {
    return fail(Errc::invalid,
                "the credential is for another cloud than Google's public one: universe_domain " +
                    printable(universe.substr(0, 80)),
                "Only buckets at googleapis.com are supported.");
  }
  if (type == "service_account") return TRY(service_account(json));
  if (type == "authorized_user") return TRY(authorized_user(json));
  if (type == "external_account") return TRY(external_account(json));
  if (type == "impersonated_service_account") return TRY(impersonated_account(json));
  return unknown_type(type);
}

std::string account_of(std::string_view impersonation_url)
{
  constexpr std::string_view kBefore = "/serviceAccounts/";
  const std::size_t begin = impersonation_url.find(kBefore);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = impersonation_url.substr(begin + kBefore.size());
  return std::string(rest.substr(0, rest.find_first_of(":/?")));
}

}  // namespace ib
