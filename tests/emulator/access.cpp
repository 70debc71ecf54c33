// SPDX-License-Identifier: Apache-2.0
#include "emulator/access.hpp"

#include "base/digest.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdexcept>

namespace ib::emulator {
namespace {

Who parse_identity(const Json& json, std::string name)
{
  Identity who{.name = std::move(name)};
  for (const Json& permission : json["permissions"].array()) who.permissions[permission.text()];
  for (const auto& [permission, prefixes] : json["conditions"].object()) {
    for (const Json& prefix : prefixes.array())
      who.permissions[permission].push_back(prefix.text());
  }
  return std::make_shared<const Identity>(std::move(who));
}

Response json_response(Json::Object members, int status = 200)
{
  Response response{.status = status, .body = Json(std::move(members)).dump()};
  response.headers.add("Content-Type", "application/json; charset=UTF-8");
  return response;
}

Response oauth_error(std::string error, std::string description, int status = 400)
{
  return json_response({{"error", std::move(error)}, {"error_description", std::move(description)}},
                       status);
}

std::int64_t unix_seconds()
{
  return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
}

}  // namespace

std::string random_hex(std::size_t bytes)
{
  std::vector<std::byte> random(bytes);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) != 1) {
    throw std::runtime_error("no random bytes");
  }
  return to_hex(random);
}

std::string jwt_payload_unverified(std::string_view jwt)
{
  const auto parts = split(jwt, '.');
  return parts.size() == 3 ? base64_decoded(parts[1], true).value_or("") : "";
}

std::optional<std::string> verified_jwt_payload(std::string_view jwt,
                                                const std::string& public_key_pem)
{
  const auto parts = split(jwt, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto header = Json::parse(base64_decoded(parts[0], true).value_or(""));
  const auto signature = base64_decoded(parts[2], true);
  if (!header || (*header)["alg"].text() != "RS256" || !signature) return std::nullopt;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const std::string_view signed_part = jwt.substr(0, parts[0].size() + 1 + parts[1].size());
  const bool good =
      key && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                       signature->size(),
                       reinterpret_cast<const unsigned char*>(signed_part.data()),
                       signed_part.size()) == 1;
  if (!good) return std::nullopt;
  return base64_decoded(parts[1], true);
}

bool Identity::may(const std::string& permission, std::string_view object) const
{
  if (everything) return true;
  const auto it = permissions.find(permission);
  if (it == permissions.end()) return false;
  return it->second.empty() ||
         std::any_of(it->second.begin(), it->second.end(),
                     [&](const std::string& prefix) { return object.starts_with(prefix); });
}

Outcome<> Identity::require(const std::string& permission, const std::string& bucket,
                            std::string_view object) const
{
  if (may(permission, object)) return {};
  const bool on_object =
      permission.starts_with("storage.objects.") && permission != "storage.objects.list";
  return refuse(403, "forbidden",
                name + " does not have " + permission + " access to the Google Cloud Storage " +
                    (on_object ? "object" : "bucket") + ". Permission '" + permission +
                    "' denied on resource (or it may not exist). [" + bucket + "]");
}

void Access::configure(std::string_view text)
{
  if (text.empty()) return;
  const auto parsed = Json::parse(text);
  if (!parsed) throw std::runtime_error("the credentials are not JSON");
  asked_ = true;
  const Json& json = *parsed;
  lifetime_seconds_ = json["tokenLifetimeSeconds"].number().value_or(3600);
  const auto forever = std::chrono::steady_clock::time_point::max();
  const auto now_steady = std::chrono::steady_clock::now();
  for (const Json& token : json.is_array() ? json.array() : json["tokens"].array()) {
    const auto lifetime = token["lifetimeSeconds"].number();
    const auto until = token["expired"].boolean() ? now_steady - std::chrono::seconds(1)
                       : lifetime                 ? now_steady + std::chrono::seconds(*lifetime)
                                                  : forever;
    tokens_[token["token"].text()] = {
        parse_identity(token, token["email"].text("somebody@example.com")), until};
  }
  for (const Json& account : json["serviceAccounts"].array()) {
    const std::string email = account["email"].text();
    accounts_[email] = {parse_identity(account, email), account["publicKey"].text()};
  }
  for (const Json& grant : json["refreshTokens"].array()) {
    refresh_tokens_.push_back({parse_identity(grant, grant["email"].text("user@example.com")),
                               grant["refreshToken"].text(), grant["clientId"].text(),
                               grant["clientSecret"].text()});
  }
  for (const Json& grant : json["subjectTokens"].array()) {
    subject_tokens_.push_back({parse_identity(grant, grant["email"].text("principal://federated")),
                               grant["subjectToken"].text(), grant["audience"].text(), ""});
  }
  if (json["metadata"].is_object()) {
    metadata_ = parse_identity(json["metadata"], json["metadata"]["email"].text("vm@example.com"));
  }
}

std::string Access::issue(const Who& who)
{
  std::string token = "ya29." + random_hex(24);
  const std::scoped_lock lock(mutex_);
  tokens_[token] = {who,
                    std::chrono::steady_clock::now() + std::chrono::seconds(lifetime_seconds_)};
  return token;
}

Outcome<Who> Access::of_jwt(std::string_view jwt, bool for_storage) const
{
  const auto bad = [](const std::string& why) {
    return refuse(401, "authError", "Invalid Credentials: " + why);
  };
  const auto claims = Json::parse(jwt_payload_unverified(jwt));
  if (!claims) return bad("not a JWT");
  const auto account = accounts_.find((*claims)["iss"].text());
  if (account == accounts_.end()) return bad("no such account");
  if (!verified_jwt_payload(jwt, account->second.public_key))
    return bad("the signature does not verify");
  const std::int64_t now_s = unix_seconds();
  const std::int64_t issued = (*claims)["iat"].number().value_or(0);
  const std::int64_t expires = (*claims)["exp"].number().value_or(0);
  if (issued > now_s + 300 || expires <= now_s || expires - issued > 3600)
    return bad("expired, early or too long");
  if (for_storage) {
    const std::string audience = (*claims)["aud"].text();
    const bool right = audience.empty()
                           ? (*claims)["scope"].text().find("auth/") != std::string::npos
                           : audience == "https://storage.googleapis.com/";
    if (!right || (*claims)["sub"].text() != account->first)
      return bad("wrong audience or subject");
  }
  return account->second.who;
}

Outcome<Who> Access::identify(const Request& request) const
{
  static const Who anybody =
      std::make_shared<const Identity>(Identity{.name = "anybody", .everything = true});
  if (!asked_) return anybody;
  const std::string* header = request.headers.find("authorization");
  if (header == nullptr || !lower_case(header->substr(0, 7)).starts_with("bearer ")) {
    return refuse(401, "required",
                  "Anonymous caller does not have storage.objects access to the Google Cloud "
                  "Storage resource.");
  }
  const std::string_view token = trimmed(std::string_view(*header).substr(7));
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = tokens_.find(token); it != tokens_.end()) {
      if (std::chrono::steady_clock::now() < it->second.until) return it->second.who;
      return refuse(401, "authError", "Invalid Credentials");
    }
  }
  if (split(token, '.').size() == 3) return of_jwt(token, true);
  return refuse(401, "authError", "Invalid Credentials");
}

std::string_view Access::kind_of(const Request& request)
{
  const std::string& path = request.path;
  if (path == "/token" || path == "/v1/token") return "token";
  if (path.starts_with("/computeMetadata/") || path == "/") return "metadata";
  if (path.starts_with("/v1/projects/-/serviceAccounts/")) return "impersonate";
  return {};
}

Response Access::answer(std::string_view kind, const Request& request, BodyStream& body)
{
  if (kind == "token") return token_endpoint(request, body);
  if (kind == "metadata") return metadata_server(request);
  return impersonate(request, body);
}

Response Access::token_endpoint(const Request& request, BodyStream& body)
{
  const std::string text = body.text().value_or("");
  Fields form;
  if (request.headers.value("content-type").starts_with("application/json")) {
    const auto json = Json::parse(text);
    if (json) {
      for (const auto& [name, value] : json->object()) form.add(name, value.text());
    }
  } else {
    form = parse_form(text);
  }
  const auto grant = form.value("grant_type", form.value("grantType"));
  const auto field = [&](const char* snake, const char* camel) {
    return form.value(snake, form.value(camel));
  };
  const auto granted = [&](const Who& who) {
    return json_response({{"access_token", issue(who)},
                          {"expires_in", lifetime_seconds_},
                          {"token_type", "Bearer"},
                          {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"}});
  };
  if (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    const Outcome<Who> who = of_jwt(form.value("assertion"), false);
    return who ? granted(*who) : oauth_error("invalid_grant", who.error().message);
  }
  if (grant == "refresh_token") {
    for (const Grant& known : refresh_tokens_) {
      if (known.subject_token != form.value("refresh_token")) continue;
      const bool same =
          (known.audience.empty() || known.audience == form.value("client_id")) &&
          (known.client_secret.empty() || known.client_secret == form.value("client_secret"));
      return same ? granted(known.who)
                  : oauth_error("invalid_client", "The OAuth client was not found.", 401);
    }
    return oauth_error("invalid_grant", "Token has been expired or revoked.");
  }
  if (grant == "urn:ietf:params:oauth:grant-type:token-exchange") {
    for (const Grant& known : subject_tokens_) {
      if (known.subject_token != field("subject_token", "subjectToken")) continue;
      if (!known.audience.empty() && known.audience != form.value("audience")) {
        return oauth_error("invalid_request", "Invalid value for \"audience\".");
      }
      return granted(known.who);
    }
    return oauth_error("invalid_grant", "The subject token is not known.");
  }
  return oauth_error("unsupported_grant_type", "Invalid grant_type: " + grant);
}

Response Access::metadata_server(const Request& request)
{
  Response response;
  response.headers.add("Metadata-Flavor", "Google");
  response.headers.add("Server", "Metadata Server for VM");
  const bool flavored = request.headers.value("metadata-flavor") == "Google";
  const std::string base = "/computeMetadata/v1/instance/service-accounts/default";
  std::string path = percent_decoded(request.path);
  if (path.ends_with('/')) path.pop_back();
  if (!flavored || !metadata_) {
    response.status = metadata_ ? 403 : 404;
    response.body = flavored ? "no service account\n" : "Missing Metadata-Flavor:Google header.\n";
  } else if (path == base + "/token") {
    response.headers.add("Content-Type", "application/json");
    response.body = Json(Json::Object{{"access_token", issue(metadata_)},
                                      {"expires_in", lifetime_seconds_},
                                      {"token_type", "Bearer"}})
                        .dump();
  } else if (path == base + "/email") {
    response.body = metadata_->name;
  } else if (path == "/computeMetadata/v1/project/project-id") {
    response.body = "p";
  } else if (path == base) {
    response.body =
        Json(Json::Object{{"email", metadata_->name}, {"aliases", Json::Array{"default"}}}).dump();
  } else if (!path.empty() && !path.starts_with("/computeMetadata/v1")) {
    response.status = 404;
  }
  return response;
}

Response Access::impersonate(const Request& request, BodyStream& body)
{
  const Outcome<Who> caller = identify(request);
  if (!caller) return error_response(caller.error());
  constexpr std::string_view kBefore = "/v1/projects/-/serviceAccounts/";
  const std::string rest = percent_decoded(request.path).substr(kBefore.size());
  const auto colon = rest.rfind(':');
  const auto account = accounts_.find(rest.substr(0, colon));
  if (colon == std::string::npos || rest.substr(colon) != ":generateAccessToken" ||
      account == accounts_.end()) {
    return error_response({404, "notFound", "Not found; Gaia id not found for email " + rest});
  }
  const std::string permission = "iam.serviceAccounts.getAccessToken";
  if (!(*caller)->may(permission)) {
    return error_response(
        {403, "IAM_PERMISSION_DENIED",
         "Permission '" + permission + "' denied on resource (or it may not exist)."});
  }
  const auto json = Json::parse(body.text().value_or(""));
  if (!json || (*json)["scope"].array().empty())
    return error_response({400, "badRequest", "scope is required"});
  return json_response({{"accessToken", issue(account->second.who)},
                        {"expireTime", rfc3339(now() + std::chrono::seconds(lifetime_seconds_))}});
}

Response error_response(const Refusal& refusal)
{
  Response response{.status = refusal.status};
  if (refusal.status == 304) return response;
  response.headers.add("Content-Type", "application/json; charset=UTF-8");
  if (refusal.status == 401) {
    response.headers.add("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\"");
  }
  Json::Object detail{
      {"message", refusal.message}, {"domain", "global"}, {"reason", refusal.reason}};
  if (refusal.status == 412) {
    detail.emplace("locationType", "header");
    detail.emplace("location", "If-Match");
  }
  const auto code = static_cast<std::int64_t>(refusal.status);
  response.body =
      Json(Json::Object{{"error", Json::Object{{"code", code},
                                               {"message", refusal.message},
                                               {"errors", Json::Array{std::move(detail)}}}}})
          .dump();
  return response;
}

}  // namespace ib::emulator
