// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/token_source.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "store/gcs/jwt.hpp"
#include "store/retrier.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ib {
namespace {

constexpr const char* kStorageScope = "https://www.googleapis.com/auth/devstorage.read_write";
constexpr const char* kPlatformScope = "https://www.googleapis.com/auth/cloud-platform";
// The audience is the service that the token is for, whatever the endpoint is.
constexpr const char* kStorageAudience = "https://storage.googleapis.com/";
constexpr const char* kImpersonationAudience = "https://iamcredentials.googleapis.com/";
constexpr std::chrono::seconds kLifetime{3600};
constexpr std::chrono::seconds kTimeout{30};
constexpr std::uint64_t kMaxReply = std::uint64_t{1024} * 1024;
constexpr const char* kMetadataPath = "/computeMetadata/v1/instance/service-accounts/default/";

/// The purpose of a token.
enum class Use : std::uint8_t { storage, impersonation };

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& reply)
{
  const std::optional<std::uint32_t> seconds =
      parse_number<std::uint32_t>(reply.header("retry-after"));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, 3600U));
}

/// A short exchange with a server that issues tokens.
struct Question {
  std::string method;
  std::string url;
  std::vector<std::string> headers = {};
  std::string body = {};
  std::vector<std::string> secrets = {};  ///< what was sent; an error must not repeat it
  std::string hint = {};                  ///< what to do about a refusal
  bool direct = false;
};

/// The body of the reply if its status is 200.
Result<std::string> ask(HttpClient& http, const Question& question, const std::stop_token& stop)
{
  HttpResponse reply = TRY(http.perform({.method = question.method,
                                         .url = question.url,
                                         .headers = question.headers,
                                         .body = bytes_of(question.body),
                                         .body_limit = kMaxReply,
                                         .timeout = kTimeout,
                                         .direct = question.direct},
                                        stop));
  if (reply.status == 200) return std::move(reply.body);
  const std::string refusal = refusal_in(reply.body, question.secrets);
  std::string message = host_of(question.url) + ": " +
                        (refusal.empty() ? "HTTP status " + std::to_string(reply.status) : refusal);
  if (reply.is_transient()) {
    return std::unexpected(Error{.code = Errc::unavailable,
                                 .message = std::move(message),
                                 .retry_after = retry_after(reply)});
  }
  return fail(Errc::denied, std::move(message), question.hint);
}

class ServiceAccountTokens final : public TokenSource {
public:
  ServiceAccountTokens(const ServiceAccountKey& account, SigningKey key, Use use)
      : email_(account.client_email),
        key_id_(account.private_key_id),
        key_(std::move(key)),
        use_(use)
  {}

  Result<Token> fetch(Timestamp now, const std::stop_token&) override
  {
    const char* audience = use_ == Use::storage ? kStorageAudience : kImpersonationAudience;
    return Token{.value = signed_jwt(jwt_header(key_id_),
                                     jwt_claims(email_, audience, now, kLifetime), key_),
                 .expires = now + kLifetime};
  }
  std::string describe() const override { return "service account " + printable(email_); }

private:
  std::string email_;
  std::string key_id_;
  SigningKey key_;
  Use use_;
};

class UserTokens final : public TokenSource {
public:
  UserTokens(AuthorizedUser user, HttpClient& http) : user_(std::move(user)), http_(http) {}

  Result<Token> fetch(Timestamp now, const std::stop_token& stop) override
  {
    const std::string reply =
        TRY(ask(http_,
                {.method = "POST",
                 .url = user_.token_uri,
                 .headers = {"Content-Type: application/x-www-form-urlencoded"},
                 .body = form({{"grant_type", "refresh_token"},
                               {"client_id", user_.client_id},
                               {"client_secret", user_.client_secret},
                               {"refresh_token", user_.refresh_token}}),
                 .secrets = {user_.client_secret, user_.refresh_token},
                 .hint = "Sign in again: gcloud auth application-default login. For a machine that "
                         "runs unattended, use a service account."},
                stop));
    return parse_token_reply(reply, now).context(host_of(user_.token_uri));
  }
  std::string describe() const override
  {
    return user_.account.empty() ? "a user's own credential" : "user " + printable(user_.account);
  }

private:
  AuthorizedUser user_;
  HttpClient& http_;
};

const char* scope_for(Use use)
{
  return use == Use::storage ? kStorageScope : kPlatformScope;
}

/// Obtains a token of the service account in an impersonation URL. The request carries another
/// token.
struct Impersonation {
  std::string url;
  std::vector<std::string> delegates = {};
  std::string scope;
  std::chrono::seconds lifetime = kLifetime;
};

Result<Token> impersonate(HttpClient& http, const Impersonation& wanted, const std::string& bearer,
                          const std::stop_token& stop)
{
  const std::string account = printable(account_of(wanted.url));
  const std::string reply =
      TRY(ask(http,
              {.method = "POST",
               .url = wanted.url,
               .headers = {"Content-Type: application/json", "Authorization: Bearer " + bearer},
               .body = impersonation_request(wanted.delegates, wanted.scope, wanted.lifetime),
               .secrets = {bearer},
               .hint = "Grant the role roles/iam.serviceAccountTokenCreator on " + account +
                       " to the identity that impersonates it, and enable the IAM Service Account "
                       "Credentials API (iamcredentials.googleapis.com)."},
              stop)
              .context("impersonating " + account));
  return parse_impersonation_reply(reply).context(host_of(wanted.url));
}

class FederatedTokens final : public TokenSource {
public:
  FederatedTokens(ExternalAccount account, Use use, HttpClient& http)
      : account_(std::move(account)), use_(use), http_(http)
  {}

  Result<Token> fetch(Timestamp now, const std::stop_token& stop) override
  {
    const std::string subject = TRY(subject_token(stop));
    Token token = TRY(exchange(subject, now, stop));
    if (account_.impersonation_url.empty()) return token;
    return impersonate(http_,
                       {.url = account_.impersonation_url,
                        .scope = scope_for(use_),
                        .lifetime = account_.lifetime},
                       token.value, stop);
  }
  std::string describe() const override
  {
    std::string federation = "workload identity federation (" + printable(account_.audience) + ")";
    if (account_.impersonation_url.empty()) return federation;
    return "service account " + printable(account_of(account_.impersonation_url)) + " by " +
           federation;
  }

private:
  /// Reads the token anew each time, because Kubernetes and others replace it before it expires.
  Result<std::string> subject_token(const std::stop_token& stop)
  {
    const SubjectToken& subject = account_.subject;
    std::string text;
    std::string origin;
    if (!subject.file.empty()) {
      origin = "the token file " + printable(subject.file);
      Result<std::string> read = read_file(subject.file, kMaxReply);
      if (!read) {
        return fail(Errc::invalid, "the token file cannot be read: " + read.error().message,
                    "Mount or write the identity provider's token there.");
      }
      text = *std::move(read);
    } else {
      origin = "the token's source " + host_of(subject.url);
      text = TRY(ask(http_,
                     {.method = "GET",
                      .url = subject.url,
                      .headers = subject.headers,
                      .secrets = secret_values(subject.headers)},
                     stop)
                     .context("the token's source"));
    }
    if (!subject.json_field.empty())
      text = TRY(subject_token_in(text, subject.json_field).context(origin));
    text = trimmed(text);
    if (text.empty()) return fail(Errc::invalid, origin + ": there is no token in it");
    return text;
  }

  static std::vector<std::string> secret_values(const std::vector<std::string>& headers)
  {
    std::vector<std::string> values;
    for (const std::string& header : headers) {
      std::string value(trimmed(header.substr(header.find(':') + 1)));
      // "Metadata: True" is not secret, and an answer may hold the word.
      if (value.size() >= 16) values.push_back(std::move(value));
    }
    return values;
  }

  Result<Token> exchange(const std::string& subject, Timestamp now, const std::stop_token& stop)
  {
    const Use use = account_.impersonation_url.empty() ? use_ : Use::impersonation;
    std::vector<std::pair<std::string, std::string>> fields{
        {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
        {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
        {"audience", account_.audience},
        {"scope", scope_for(use)},
        {"subject_token_type", account_.subject_token_type},
        {"subject_token", subject}};
    Question question{.method = "POST",
                      .url = account_.token_url,
                      .headers = {"Content-Type: application/x-www-form-urlencoded"},
                      .secrets = {subject, account_.client_secret},
                      .hint =
                          "Check that the workload identity pool's provider trusts the token's "
                          "issuer, audience and subject."};
    if (!account_.client_id.empty()) {
      question.headers.push_back(
          "Authorization: Basic " +
          to_base64(bytes_of(account_.client_id + ":" + account_.client_secret)));
    } else if (!account_.user_project.empty()) {
      fields.emplace_back("options", exchange_options(account_.user_project));
    }
    question.body = form(fields);
    const std::string reply = TRY(ask(http_, question, stop).context("exchanging the token"));
    return parse_token_reply(reply, now).context(host_of(account_.token_url));
  }

  ExternalAccount account_;
  Use use_;
  HttpClient& http_;
};

class ImpersonatedTokens final : public TokenSource {
public:
  ImpersonatedTokens(ImpersonatedAccount account, std::unique_ptr<TokenSource> source,
                     HttpClient& http)
      : account_(std::move(account)), source_(std::move(source)), http_(http)
  {}

  Result<Token> fetch(Timestamp now, const std::stop_token& stop) override
  {
    const Token token = TRY(source_->fetch(now, stop));
    return impersonate(http_,
                       {.url = account_.impersonation_url,
                        .delegates = account_.delegates,
                        .scope = kStorageScope},
                       token.value, stop);
  }
  std::string describe() const override
  {
    return "service account " + printable(account_of(account_.impersonation_url)) +
           " impersonated by " + source_->describe();
  }

private:
  ImpersonatedAccount account_;
  std::unique_ptr<TokenSource> source_;
  HttpClient& http_;
};

class MetadataTokens final : public TokenSource {
public:
  MetadataTokens(std::string host, std::string account, HttpClient& http)
      : host_(std::move(host)), account_(std::move(account)), http_(http)
  {}

  Result<Token> fetch(Timestamp now, const std::stop_token& stop) override
  {
    const std::string reply = TRY(ask(
        http_,
        {.method = "GET",
         .url = "http://" + host_ + kMetadataPath + "token?scopes=" + kStorageScope,
         .headers = {"Metadata-Flavor: Google"},
         .hint = "Attach a service account to this machine, with the scope devstorage.read_write.",
         .direct = true},
        stop));
    return parse_token_reply(reply, now).context(host_);
  }
  std::string describe() const override
  {
    return account_.empty() ? "this machine's service account"
                            : "service account " + printable(account_);
  }

private:
  std::string host_;
  std::string account_;
  HttpClient& http_;
};

struct Opener {
  HttpClient& http;
  Use use = Use::storage;
  using Opened = Result<std::unique_ptr<TokenSource>>;

  Opened operator()(const ServiceAccountKey& account) const
  {
    SigningKey key = TRY(SigningKey::parse(account.private_key).context("private_key"));
    return std::make_unique<ServiceAccountTokens>(account, std::move(key), use);
  }
  Opened operator()(const AuthorizedUser& user) const
  {
    return std::make_unique<UserTokens>(user, http);
  }
  Opened operator()(const ExternalAccount& account) const
  {
    return std::make_unique<FederatedTokens>(account, use, http);
  }
  Opened operator()(const ImpersonatedAccount& account) const
  {
    const Opener source{.http = http, .use = Use::impersonation};
    std::unique_ptr<TokenSource> opened =
        TRY(std::visit(source, account.source).context("source_credentials"));
    return std::make_unique<ImpersonatedTokens>(account, std::move(opened), http);
  }
};

}  // namespace

Result<std::unique_ptr<TokenSource>> open_token_source(const CredentialFile& credential,
                                                       HttpClient& http)
{
  return std::visit(Opener{.http = http}, credential);
}

std::unique_ptr<TokenSource> open_metadata_server(const std::string& host,
                                                  const std::string& account, HttpClient& http)
{
  return std::make_unique<MetadataTokens>(host, account, http);
}

MetadataServer look_for_metadata_server(const std::string& host, HttpClient& http,
                                        std::chrono::seconds patience, const std::stop_token& stop)
{
  const auto give_up = std::chrono::steady_clock::now() + patience;
  const std::shared_ptr<Backoff> pause = make_real_backoff();
  for (;;) {
    const Result<HttpResponse> reply =
        http.perform({.method = "GET",
                      .url = "http://" + host + kMetadataPath + "email",
                      .headers = {"Metadata-Flavor: Google"},
                      .body_limit = kMaxReply,
                      .connect_timeout = std::chrono::seconds(1),
                      .timeout = std::chrono::seconds(2),
                      .direct = true},
                     stop);
    // In another cloud, anything may answer at a link-local address.
    const bool is_googles = reply && reply->header("metadata-flavor") == "Google";
    if (is_googles && reply->status == 404) return {.is_present = true, .has_account = false};
    if (is_googles && reply->status == 200)
      return {.is_present = true, .account = std::string(trimmed(reply->body))};
    const bool may_come = !reply || reply->is_transient();
    if (!may_come || std::chrono::steady_clock::now() >= give_up ||
        !pause->wait(std::chrono::seconds(1), stop))
      return {.is_present = is_googles, .is_silent = may_come};
  }
}

}  // namespace ib
