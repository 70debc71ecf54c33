// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/credentials.hpp"

#include "store/gcs/jwt.hpp"
#include "support/builders.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

namespace ib::test {
namespace {

using nlohmann::json;
using Fault = Scripted::Fault;

constexpr const char* kStorageScope = "https://www.googleapis.com/auth/devstorage.read_write";

/// A throw-away key, made once: that takes a while.
struct TestKey {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  std::string pem = to_pem(key);

  ~TestKey() { EVP_PKEY_free(key); }

  static std::string to_pem(EVP_PKEY* key, const char* password = nullptr)
  {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, password == nullptr ? nullptr : EVP_aes_256_cbc(),
                                  password, password == nullptr ? 0 : 4, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }
};

const TestKey& test_key()
{
  static const TestKey key;
  return key;
}

std::string from_base64url(std::string text)
{
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                reinterpret_cast<const unsigned char*>(text.data()),
                                static_cast<int>(text.size()));
  if (n < 0) throw std::runtime_error("not base64");
  bytes.resize(static_cast<std::size_t>(n) - padding);
  return bytes;
}

struct Jwt {
  json header;
  json claims;
  bool is_signed = false;
};

Jwt parse_jwt(const std::string& bearer)
{
  if (!bearer.starts_with("Bearer ")) throw std::runtime_error("no bearer token");
  const std::string token = bearer.substr(7);
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const std::string signed_part = token.substr(0, second);
  const std::string signature = from_base64url(token.substr(second + 1));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, test_key().key);
  const bool verifies =
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(signed_part.data()),
                       signed_part.size()) == 1;
  EVP_MD_CTX_free(context);
  return {.header = json::parse(from_base64url(token.substr(0, first))),
          .claims = json::parse(from_base64url(token.substr(first + 1, second - first - 1))),
          .is_signed = verifies};
}

json service_account()
{
  return {{"type", "service_account"},
          {"project_id", "p"},
          {"private_key_id", "key-1"},
          {"private_key", test_key().pem},
          {"client_email", "backup@p.iam.gserviceaccount.com"}};
}

struct CredentialsTest : testing::Test {
  ScriptedServer server;
  HttpClient http;
  TempDir dir;
  std::atomic<std::int64_t> now{1'700'000'000};

  Result<std::unique_ptr<Credentials>> find(const CredentialOptions& options)
  {
    return Credentials::find(options, http, [this] { return at(now); });
  }
  /// As a file named by the environment.
  Result<std::unique_ptr<Credentials>> find_file(const json& credential)
  {
    dir.write_file("key.json", credential.dump());
    return find(CredentialOptions{.application_credentials = dir.file("key.json")});
  }

  json authorized_user() const
  {
    return {{"type", "authorized_user"},
            {"client_id", "client-7"},
            {"client_secret", "SECRET-client"},
            {"refresh_token", "SECRET/refresh"},
            {"token_uri", server.url("/token")}};
  }
  json external_account() const
  {
    return {
        {"type", "external_account"},
        {"audience",
         "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/k/providers/k"},
        {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
        {"token_url", server.url("/sts")},
        {"credential_source", {{"file", dir.file("token")}}}};
  }
  std::string impersonation_path() const
  {
    return "/v1/projects/-/serviceAccounts/target@p.iam.gserviceaccount.com:generateAccessToken";
  }
  json impersonated(const json& source) const
  {
    return {{"type", "impersonated_service_account"},
            {"service_account_impersonation_url", server.url(impersonation_path())},
            {"delegates", {"delegate@p.iam.gserviceaccount.com"}},
            {"source_credentials", source}};
  }
  static Scripted token(const std::string& value, int expires_in = 3600)
  {
    return {.body =
                json{{"access_token", value}, {"expires_in", expires_in}, {"token_type", "Bearer"}}
                    .dump()};
  }
};

TEST_F(CredentialsTest, SignsItsOwnTokenForAServiceAccount)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(service_account()));
  const Jwt jwt = parse_jwt(must(credentials->authorization({})));
  EXPECT_TRUE(jwt.is_signed);
  EXPECT_EQ(jwt.header, (json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "key-1"}}));
  EXPECT_EQ(jwt.claims, (json{{"iss", "backup@p.iam.gserviceaccount.com"},
                              {"sub", "backup@p.iam.gserviceaccount.com"},
                              {"aud", "https://storage.googleapis.com/"},
                              {"iat", 1'700'000'000},
                              {"exp", 1'700'003'600}}));
  EXPECT_EQ(
      credentials->describe(),
      "service account backup@p.iam.gserviceaccount.com, from GOOGLE_APPLICATION_CREDENTIALS=" +
          dir.file("key.json"));
  EXPECT_TRUE(server.received().empty());
}

TEST_F(CredentialsTest, RefreshesFiveMinutesBeforeTheTokenExpires)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(service_account()));
  const std::string first = must(credentials->authorization({}));
  now += 3299;
  EXPECT_EQ(must(credentials->authorization({})), first);
  now += 1;
  const std::string second = must(credentials->authorization({}));
  EXPECT_NE(second, first);
  EXPECT_EQ(parse_jwt(second).claims["iat"], 1'700'003'300);
}

TEST_F(CredentialsTest, LooksInOrder)
{
  json well_known = service_account();
  well_known["client_email"] = "gcloud@p";
  dir.write_file(".config/gcloud/application_default_credentials.json", well_known.dump());
  well_known["client_email"] = "config@p";
  dir.write_file("sdk/application_default_credentials.json", well_known.dump());
  json named = service_account();
  named["client_email"] = "named@p";
  dir.write_file("named.json", named.dump());

  CredentialOptions options{.json = service_account().dump(),
                            .application_credentials = dir.file("named.json"),
                            .cloudsdk_config = dir.file("sdk"),
                            .home = dir.path(),
                            .metadata_host = server.host()};
  EXPECT_EQ(must(find(options))->describe(),
            "service account backup@p.iam.gserviceaccount.com, from GCS_CREDENTIALS");
  options.json.reset();
  EXPECT_THAT(must(find(options))->describe(), StartsWith("service account named@p, "));
  options.application_credentials.clear();
  EXPECT_EQ(
      must(find(options))->describe(),
      "service account config@p, from " + dir.file("sdk/application_default_credentials.json"));
  options.cloudsdk_config.clear();
  EXPECT_THAT(must(find(options))->describe(), StartsWith("service account gcloud@p, "));

  options.home = dir.file("nobody");
  server.expect({"GET",
                 "/computeMetadata/v1/instance/service-accounts/default/email",
                 {{"metadata-flavor", "Google"}}},
                {.headers = {"Metadata-Flavor: Google"}, .body = "vm@p.iam.gserviceaccount.com\n"});
  EXPECT_EQ(
      must(find(options))->describe(),
      "service account vm@p.iam.gserviceaccount.com, from the metadata server " + server.host());
}

TEST_F(CredentialsTest, ListsWhereItLookedInVain)
{
  server.expect({"GET"}, {.status = 404});  // something else that listens there
  const auto elsewhere = find({.home = dir.path(), .metadata_host = server.host()});
  ASSERT_TRUE(fails_with(Errc::denied, elsewhere));
  EXPECT_EQ(elsewhere.error().message,
            "no Google credential found: GCS_CREDENTIALS and GOOGLE_APPLICATION_CREDENTIALS are "
            "not set, there is no " +
                dir.file(".config/gcloud/application_default_credentials.json") +
                ", and no metadata server answers at " + server.host());
  EXPECT_THAT(elsewhere.error().hint, HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));

  server.expect({"GET"}, {.status = 404, .headers = {"Metadata-Flavor: Google"}});
  const auto nobody = find({.home = dir.path(), .metadata_host = server.host()});
  ASSERT_TRUE(fails_with(Errc::denied, nobody));
  EXPECT_THAT(nobody.error().message, HasSubstr("has no service account"));
}

TEST_F(CredentialsTest, AskAMetadataServerAgainThatDoesNotAnswerYet)
{
  CredentialOptions options{.home = dir.path(),
                            .metadata_host = server.host(),
                            .metadata_patience = std::chrono::seconds(30)};
  server.expect({"GET"}, {.fault = Scripted::Fault::no_reply});
  server.expect({"GET"}, {.status = 503, .headers = {"Metadata-Flavor: Google"}});
  server.expect({"GET"}, {.headers = {"Metadata-Flavor: Google"}, .body = "vm@p"});
  EXPECT_THAT(must(find(options))->describe(), StartsWith("service account vm@p, "));

  // What does not answer in time is out of reach: no reason to call a person.
  options.metadata_patience = std::chrono::seconds(1);
  server.then_always([](const Received&) { return Scripted{.fault = Fault::no_reply}; });
  EXPECT_TRUE(fails_with(Errc::unavailable, find(options)));
  server.then_always([](const Received&) { return Scripted{.status = 404}; });
  EXPECT_TRUE(fails_with(Errc::denied, find(options)));  // something else listens there

  // Not for longer than a person or a supervisor waits.
  std::stop_source hurry;
  hurry.request_stop();
  options.stop = hurry.get_token();
  EXPECT_TRUE(fails_with(Errc::cancelled, find(options)));
}

TEST_F(CredentialsTest, NeverFallsThroughAFileThatCannotBeRead)
{
  dir.write_file(".config/gcloud/application_default_credentials.json", service_account().dump());
  const auto missing = find({.application_credentials = dir.file("none.json"), .home = dir.path()});
  ASSERT_TRUE(fails_with(Errc::invalid, missing));
  EXPECT_THAT(
      missing.error().message,
      HasSubstr("GOOGLE_APPLICATION_CREDENTIALS=" + dir.file("none.json") + " cannot be read"));

  dir.write_file(".config/gcloud/application_default_credentials.json", "{");
  EXPECT_TRUE(
      fails_with(Errc::invalid, find({.home = dir.path(), .metadata_host = server.host()})));
}

TEST_F(CredentialsTest, RefreshesTheTokenOfAUser)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  EXPECT_TRUE(server.received().empty());
  server.expect({"POST",
                 "/token",
                 {{"content-type", "application/x-www-form-urlencoded"}},
                 {"grant_type=refresh_token", "client_id=client-7", "client_secret=SECRET-client",
                  "refresh_token=SECRET%2Frefresh"}},
                token("t1"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer t1");
  EXPECT_EQ(must(credentials->authorization({})), "Bearer t1");
  server.expect({"POST", "/token"}, token("t2"));
  now += 3400;
  EXPECT_EQ(must(credentials->authorization({})), "Bearer t2");
  EXPECT_THAT(credentials->describe(), StartsWith("a user's own credential, from "));
}

TEST_F(CredentialsTest, ShowsARefusalByItsCodeAndNoSecret)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect(
      {"POST", "/token"},
      {.status = 400,
       .body =
           R"({"error":"invalid_grant","error_description":"Token SECRET/refresh has been revoked."})"});
  const auto refused = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_EQ(refused.error().message, credentials->describe() + ": " + server.host() +
                                         ": invalid_grant: Token (secret) has been revoked");
  EXPECT_THAT(refused.error().hint, HasSubstr("gcloud auth application-default login"));
}

TEST_F(CredentialsTest, TellsWhatMayPassFromWhatWillNot)
{
  struct Case {
    Scripted reply;
    Errc code;
    const char* says;
  };
  const Case table[] = {
      {{.status = 503, .headers = {"Retry-After: 7"}, .body = "<html>"},
       Errc::unavailable,
       "HTTP status 503"},
      {{.status = 429}, Errc::unavailable, "HTTP status 429"},
      {{.fault = Fault::no_reply}, Errc::unavailable, "closed without a reply"},
      {{.status = 302, .headers = {"Location: http://evil/"}}, Errc::denied, "HTTP status 302"},
      {{.status = 401, .body = R"({"error":"invalid_client"})"}, Errc::denied, ": invalid_client"},
      // A router that is not on line yet may answer for everybody. It is no damage of the backup.
      {{.body = "<html>sign in</html>"}, Errc::unavailable, "no access token"},
      {{.body = "[1]"}, Errc::unavailable, "no access token"},
      {{.body = R"({"access_token":7,"expires_in":1})"}, Errc::unavailable, "no access token"},
      {{.body = R"({"access_token":"a\r\nX: y","expires_in":1})"},
       Errc::unavailable,
       "no access token"},
      {{.body = R"({"access_token":"SECRET"})"}, Errc::unavailable, "when the token expires"},
  };
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  for (const Case& row : table) {
    server.expect({"POST", "/token"}, row.reply);
    const auto failed = credentials->authorization({});
    ASSERT_TRUE(fails_with(row.code, failed)) << row.says;
    EXPECT_THAT(failed.error().message, AllOf(StartsWith(credentials->describe() + ": "),
                                              HasSubstr(row.says), Not(HasSubstr("SECRET"))));
    const bool says_when = row.reply.status == 503;
    EXPECT_EQ(failed.error().retry_after.has_value(), says_when);
  }
}

TEST_F(CredentialsTest, KeepsAValidTokenWhereNoNewOneCanBeHad)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, token("old"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer old");
  now += 3400;
  server.expect({"POST", "/token"}, {.status = 503});
  EXPECT_EQ(must(credentials->authorization({})), "Bearer old");
  EXPECT_EQ(must(credentials->authorization({})), "Bearer old");  // without asking again at once
  now += 15;
  server.expect({"POST", "/token"}, {.status = 503});
  EXPECT_EQ(must(credentials->authorization({})), "Bearer old");
  now += 180;  // in its last seconds it is not used any more
  server.expect({"POST", "/token"}, {.status = 503});
  EXPECT_TRUE(fails_with(Errc::unavailable, credentials->authorization({})));
  server.expect({"POST", "/token"}, token("new"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer new");
}

TEST_F(CredentialsTest, UsesAShortLivedTokenForHalfOfItsLife)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, token("short", 200));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer short");
  now += 99;
  EXPECT_EQ(must(credentials->authorization({})), "Bearer short");
  now += 1;
  server.expect({"POST", "/token"}, token("next", 200));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer next");
}

TEST_F(CredentialsTest, FetchesANewTokenOnceTheOldOneIsRejected)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, token("t1"));
  const std::string first = must(credentials->authorization({}));
  credentials->reject(first);
  server.expect({"POST", "/token"}, token("t2"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer t2");
  credentials->reject(first);  // late news about the first do not touch the second
  EXPECT_EQ(must(credentials->authorization({})), "Bearer t2");
}

TEST_F(CredentialsTest, FetchesOneTokenForAllWhoWait)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, token("t1"));
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back(
          [&] { good += must(credentials->authorization({})) == "Bearer t1" ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 8);
}

TEST_F(CredentialsTest, LetsOthersUseTheOldTokenWhileOneRefreshes)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, token("t1"));
  must(credentials->authorization({}));
  now += 3400;
  server.expect({"POST", "/token"}, {.fault = Fault::stall});
  std::stop_source stop;
  {
    std::jthread refresher([&] {
      EXPECT_TRUE(fails_with(Errc::cancelled, credentials->authorization(stop.get_token())));
    });
    server.wait_for_requests(2);
    EXPECT_EQ(must(credentials->authorization({})), "Bearer t1");
    stop.request_stop();
  }
}

TEST_F(CredentialsTest, StopsOneWhoWaitsAndNotTheOthers)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(authorized_user()));
  server.expect({"POST", "/token"}, {.fault = Fault::stall});
  server.expect({"POST", "/token"}, token("t1"));
  std::stop_source first;
  std::stop_source second;
  std::jthread refresher([&] {
    EXPECT_TRUE(fails_with(Errc::cancelled, credentials->authorization(first.get_token())));
  });
  server.wait_for_requests(1);
  std::jthread impatient([&] {
    EXPECT_TRUE(fails_with(Errc::cancelled, credentials->authorization(second.get_token())));
    first.request_stop();
  });
  std::jthread patient([&] { EXPECT_EQ(must(credentials->authorization({})), "Bearer t1"); });
  second.request_stop();
}

TEST_F(CredentialsTest, ExchangesATokenFileAndReadsItAgain)
{
  dir.write_file("token", "subject-1\n");
  const std::unique_ptr<Credentials> credentials = must(find_file(external_account()));
  server.expect({"POST",
                 "/sts",
                 {},
                 {"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
                  "subject_token=subject-1", "devstorage.read_write",
                  "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt",
                  "audience=%2F%2Fiam.googleapis.com%2Fprojects"}},
                token("f1"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer f1");
  dir.write_file("token", "subject-2");
  now += 3400;
  server.expect({"POST", "/sts", {}, {"subject_token=subject-2"}}, token("f2"));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer f2");
  EXPECT_THAT(credentials->describe(),
              StartsWith("workload identity federation (//iam.googleapis.com/"));
}

TEST_F(CredentialsTest, SaysWhatIsWrongWithATokenFile)
{
  const std::unique_ptr<Credentials> credentials = must(find_file(external_account()));
  const auto missing = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::invalid, missing));
  EXPECT_THAT(missing.error().message,
              AllOf(HasSubstr("the token file cannot be read"), HasSubstr(dir.file("token"))));
  dir.write_file("token", " \n");
  const auto empty = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::invalid, empty));
  EXPECT_THAT(empty.error().message, HasSubstr("there is no token in it"));

  dir.write_file("token", "SECRET-subject");
  server.expect({"POST", "/sts"},
                {.status = 400,
                 .body = R"({"error":"invalid_target","error_description":"bad SECRET-subject"})"});
  const auto refused = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("exchanging the token"), HasSubstr("invalid_target"),
                    Not(HasSubstr("SECRET"))));
}

TEST_F(CredentialsTest, ExchangesATokenFromAUrlAndImpersonates)
{
  json credential = external_account();
  credential["credential_source"] = {
      {"url", server.url("/subject?x=1")},
      {"headers", {{"Authorization", "bearer SECRET-runner-token"}}},
      {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}};
  credential["service_account_impersonation_url"] = server.url(impersonation_path());
  credential["service_account_impersonation"] = {{"token_lifetime_seconds", 1200}};
  credential["client_id"] = "id";
  credential["client_secret"] = "secret";
  const std::unique_ptr<Credentials> credentials = must(find_file(credential));

  server.expect({"GET", "/subject?x=1", {{"authorization", "bearer SECRET-runner-token"}}},
                {.body = R"({"value":"subject"})"});
  server.expect({"POST",
                 "/sts",
                 {{"authorization", "Basic aWQ6c2VjcmV0"}},
                 {"subject_token=subject", "cloud-platform"}},
                token("federated"));
  server.expect({"POST",
                 impersonation_path(),
                 {{"authorization", "Bearer federated"}},
                 {kStorageScope, R"("lifetime":"1200s")"}},
                {.body = R"({"accessToken":"final","expireTime":"2023-11-14T22:33:20.123Z"})"});
  EXPECT_EQ(must(credentials->authorization({})), "Bearer final");
  EXPECT_THAT(credentials->describe(),
              StartsWith("service account target@p.iam.gserviceaccount.com by workload "));

  now += 3600;
  server.expect({"GET", "/subject"},
                {.status = 403, .body = R"({"error":"bearer SECRET-runner-token is bad"})"});
  const auto refused = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("SECRET")));
  server.expect({"GET", "/subject"}, {.body = "SECRET, but no JSON"});
  const auto malformed = credentials->authorization({});
  ASSERT_TRUE(fails_with(Errc::invalid, malformed));
  EXPECT_THAT(malformed.error().message, AllOf(HasSubstr("'value'"), Not(HasSubstr("SECRET"))));
}

TEST_F(CredentialsTest, ImpersonatesWithEachKindOfSource)
{
  const Scripted reply{.body = R"({"accessToken":"final","expireTime":"2023-11-14T23:13:20Z"})"};
  {
    const std::unique_ptr<Credentials> credentials =
        must(find_file(impersonated(service_account())));
    server.expect(
        {.method = "POST",
         .target = impersonation_path(),
         .body_contains = {R"("delegates":["delegate@p.iam.gserviceaccount.com"])", kStorageScope},
         .also =
             [](const Received& received) {
               const Jwt jwt = parse_jwt(received.header("authorization"));
               return jwt.is_signed &&
                      jwt.claims["aud"] == "https://iamcredentials.googleapis.com/";
             }},
        reply);
    EXPECT_EQ(must(credentials->authorization({})), "Bearer final");
    EXPECT_THAT(credentials->describe(),
                StartsWith("service account target@p.iam.gserviceaccount.com impersonated by "
                           "service account backup@p.iam.gserviceaccount.com, from "));
  }
  {
    const std::unique_ptr<Credentials> credentials =
        must(find_file(impersonated(authorized_user())));
    server.expect({"POST", "/token"}, token("user"));
    server.expect({"POST", impersonation_path(), {{"authorization", "Bearer user"}}}, reply);
    EXPECT_EQ(must(credentials->authorization({})), "Bearer final");
  }
  {
    dir.write_file("token", "subject");
    const std::unique_ptr<Credentials> credentials =
        must(find_file(impersonated(external_account())));
    server.expect({"POST", "/sts", {}, {"cloud-platform"}}, token("federated"));
    server.expect(
        {"POST", impersonation_path(), {{"authorization", "Bearer federated"}}},
        {.status = 403,
         .body =
             R"({"error":{"code":403,"message":"Permission denied.","status":"PERMISSION_DENIED"}})"});
    const auto refused = credentials->authorization({});
    ASSERT_TRUE(fails_with(Errc::denied, refused));
    EXPECT_THAT(refused.error().message,
                HasSubstr("impersonating target@p.iam.gserviceaccount.com: " + server.host() +
                          ": PERMISSION_DENIED: Permission denied"));
    EXPECT_THAT(refused.error().hint, HasSubstr("roles/iam.serviceAccountTokenCreator"));
  }
}

TEST_F(CredentialsTest, AsksTheMetadataServer)
{
  const Scripted email{.headers = {"Metadata-Flavor: Google"}, .body = "vm@p"};
  server.expect({"GET"}, email);
  const std::unique_ptr<Credentials> credentials = must(find({.metadata_host = server.host()}));
  server.expect({"GET",
                 "/computeMetadata/v1/instance/service-accounts/default/token",
                 {{"metadata-flavor", "Google"}},
                 {},
                 [](const Received& received) { return received.target.ends_with(kStorageScope); }},
                token("vm-token", 299));
  EXPECT_EQ(must(credentials->authorization({})), "Bearer vm-token");
}

TEST_F(CredentialsTest, IsNobodyWhenAnonymous)
{
  const std::unique_ptr<Credentials> nobody = Credentials::anonymous();
  EXPECT_EQ(must(nobody->authorization({})), "");
  nobody->reject("");
  EXPECT_EQ(nobody->describe(), "no credential");
}

TEST_F(CredentialsTest, RefusesMalformedFilesWithoutShowingThem)
{
  const auto without = [](json credential, const char* name) {
    credential.erase(name);
    return credential.dump();
  };
  const auto with = [](json credential, const char* name, const json& value) {
    credential[name] = value;
    return credential.dump();
  };
  EVP_PKEY* small = EVP_RSA_gen(1024);
  EVP_PKEY* curve = EVP_EC_gen("P-256");
  const json key = service_account();
  const json user = authorized_user();
  const json external = external_account();
  const json delegated = impersonated(user);
  const std::pair<std::string, std::string> table[] = {
      {"", "not a JSON object"},
      {"/etc/SECRET.json", "not a JSON object"},
      {"{\"type\":\"service_account\",\"private_key\":\"SECRET", "not a JSON object"},
      {"[\"SECRET\"]", "not a JSON object"},
      {"{}", "there is no type"},
      {R"({"type":7})", "there is no type"},
      {R"({"installed":{"client_secret":"SECRET"}})", "there is no type"},
      {R"({"type":"gdch_service_account"})", "type 'gdch_service_account' are not supported"},
      {without(key, "client_email"), "there is no client_email"},
      {without(key, "private_key"), "there is no private_key"},
      {without(key, "private_key_id"), "there is no private_key_id"},
      {with(key, "private_key", 5), "private_key is not a string"},
      {with(key, "private_key", "SECRET"), "private_key: not a private key in PEM"},
      {with(key, "private_key", test_key().pem.substr(0, 500)),
       "private_key: not a private key in PEM"},
      {with(key, "private_key", TestKey::to_pem(test_key().key, "pass")),
       "private_key: not a private key in PEM"},
      {with(key, "private_key", TestKey::to_pem(small)), "private_key: the RSA key is too short"},
      {with(key, "private_key", TestKey::to_pem(curve)), "private_key: not an RSA key"},
      {without(user, "refresh_token"), "there is no refresh_token"},
      {without(user, "client_id"), "there is no client_id"},
      {with(user, "client_secret", nullptr), "there is no client_secret"},
      {with(user, "token_uri", "http://oauth2.googleapis.com/SECRET"),
       "token_uri is not an https address"},
      {with(user, "token_uri", "http://localhost.evil.example/"),
       "token_uri is not an https address"},
      {with(user, "token_uri", "http://127.0.0.1@evil.example/"),
       "token_uri is not an https address"},
      {without(external, "audience"), "there is no audience"},
      {with(external, "audience", "//iam.googleapis.com/projects/PROJECT_NUMBER/x"),
       "audience still says PROJECT_NUMBER"},
      {with(external, "service_account_impersonation_url",
            "https://x/serviceAccounts/a@PROJECT_ID.iam:y"),
       "service_account_impersonation_url still says PROJECT_ID"},
      {without(external, "token_url"), "there is no token_url"},
      {without(external, "credential_source"), "there is no credential_source"},
      {with(external, "credential_source",
            {{"environment_id", "aws1"}, {"url", "http://169.254.169.254/SECRET"}}),
       "a field environment_id"},
      {with(external, "credential_source", {{"executable", {{"command", "/bin/SECRET"}}}}),
       "a field executable"},
      {with(external, "credential_source", json::object()), "neither a file nor a url"},
      {with(external, "credential_source", {{"url", "http://SECRET.example/"}}),
       "credential_source.url is not an https address"},
      {with(external, "credential_source", {{"url", "http://169.254.1.1.evil.example/"}}),
       "credential_source.url is not an https address"},
      {with(key, "universe_domain", "example.cloud"), "universe_domain example.cloud"},
      {with(external, "credential_source", {{"file", "/t"}, {"format", {{"type", "json"}}}}),
       "there is no subject_token_field_name"},
      {with(external, "credential_source", {{"file", "/t"}, {"format", {{"type", "xml"}}}}),
       "format has a type"},
      {with(external, "credential_source", {{"url", "https://x"}, {"headers", {{"a", 5}}}}),
       "headers holds"},
      {with(external, "service_account_impersonation_url", "http://x/"), "is not an https address"},
      {with(external, "service_account_impersonation", {{"token_lifetime_seconds", -1}}),
       "token_lifetime_seconds"},
      {without(delegated, "source_credentials"), "there are no source_credentials"},
      {without(delegated, "service_account_impersonation_url"),
       "there is no service_account_impersonation_url"},
      {with(delegated, "delegates", "SECRET"), "delegates is not a list"},
      {with(delegated, "source_credentials", delegated), "source_credentials: credentials of type"},
      {with(delegated, "source_credentials", {{"type", "authorized_user"}}),
       "source_credentials: there is no client_id"},
  };
  for (const auto& [text, says] : table) {
    dir.write_file("key.json", text);
    const auto named = find({.application_credentials = dir.file("key.json")});
    ASSERT_TRUE(fails_with(Errc::invalid, named)) << says;
    EXPECT_THAT(named.error().message,
                AllOf(StartsWith("the credential from GOOGLE_APPLICATION_CREDENTIALS=" +
                                 dir.file("key.json") + ": "),
                      HasSubstr(says), Not(HasSubstr("SECRET")), Not(HasSubstr("PRIVATE KEY"))));
    EXPECT_THAT(named.error().hint, Not(HasSubstr("SECRET")));
    const auto given = find({.json = text});
    ASSERT_TRUE(fails_with(Errc::invalid, given)) << says;
    EXPECT_THAT(given.error().message, StartsWith("the credential from GCS_CREDENTIALS: "));
  }
  EVP_PKEY_free(small);
  EVP_PKEY_free(curve);
}

TEST(Jwt, UsesTheAlphabetForUrls)
{
  EXPECT_EQ(to_base64url(bytes_of("\xFB\xFF\xFE")), "-__-");
  EXPECT_EQ(to_base64url(bytes_of("a")), "YQ");
  EXPECT_EQ(to_base64url(bytes_of("")), "");
}

}  // namespace
}  // namespace ib::test
