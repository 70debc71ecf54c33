// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"
#include "emulator/raw_client.hpp"
#include "support/matchers.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <chrono>

namespace ib::test {
namespace {

constexpr const char* kCredentials = R"({
  "tokens": [
    {"token": "all", "permissions": ["storage.objects.create", "storage.objects.delete", "storage.objects.get",
                                     "storage.objects.list", "storage.objects.update", "storage.buckets.get"]},
    {"token": "create", "permissions": ["storage.objects.create", "storage.objects.list"],
     "conditions": {"storage.objects.get": ["manifests/"]}},
    {"token": "late", "permissions": ["storage.objects.get"], "expired": true}],
  "refreshTokens": [{"refreshToken": "r1", "clientId": "c", "permissions": ["storage.objects.list"]}],
  "subjectTokens": [{"subjectToken": "s1", "audience": "pool", "permissions": ["iam.serviceAccounts.getAccessToken"]}],
  "serviceAccounts": [{"email": "sa@p.iam", "permissions": ["storage.objects.list"]}],
  "metadata": {"permissions": ["storage.objects.list"]}})";

std::string bearer(const std::string& token)
{
  return "Authorization: Bearer " + token + "\r\n";
}

/// The value of the first text member with this name.
std::string member(const std::string& json, const std::string& name)
{
  const auto at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

RawReply insert(RawClient& client, const std::string& token, const std::string& query)
{
  return client.ask("POST", "/upload/storage/v1/b/b/o?uploadType=media&name=" + query,
                    bearer(token), "bytes");
}

TEST(EmulatorAccess, LetsACreateOnlyCredentialDoNothingElse)
{
  for (const bool denied_first : {false, true}) {
    const auto emulator = GcsEmulator::start(
        {.buckets = {"b"}, .credentials = kCredentials, .taken_name_is_403 = denied_first});
    RawClient client(*emulator);
    EXPECT_EQ(insert(client, "create", "x&ifGenerationMatch=0").status, 200);
    EXPECT_EQ(insert(client, "create", "x&ifGenerationMatch=0").status, denied_first ? 403 : 412);
    const RawReply overwrite = insert(client, "create", "x");
    EXPECT_EQ(overwrite.status, 403);
    EXPECT_THAT(overwrite.body, HasSubstr("storage.objects.delete"));
    EXPECT_EQ(client.ask("GET", "/storage/v1/b/b/o/x?alt=media", bearer("create")).status, 403);
    EXPECT_EQ(client.ask("DELETE", "/storage/v1/b/b/o/x", bearer("create")).status, 403);
    EXPECT_EQ(client.ask("PATCH", "/storage/v1/b/b/o/x", bearer("create"), "{}").status, 403);
    EXPECT_EQ(client.ask("GET", "/storage/v1/b/b/o", bearer("create")).status, 200);
    emulator->put("b", "manifests/1", "m");
    EXPECT_EQ(client.ask("GET", "/storage/v1/b/b/o/manifests%2F1?alt=media", bearer("create")).body,
              "m");
    const RawReply held = client.ask(
        "GET",
        "/storage/v1/b/b/iam/"
        "testPermissions?permissions=storage.objects.create&permissions=storage.objects.delete",
        bearer("create"));
    EXPECT_THAT(held.body, HasSubstr("storage.objects.create"));
    EXPECT_THAT(held.body, Not(HasSubstr("storage.objects.delete")));
  }
}

TEST(EmulatorAccess, WantsATokenThatItKnowsAndThatHasNotExpired)
{
  const auto emulator = GcsEmulator::start({.buckets = {"b"}, .credentials = kCredentials});
  RawClient client(*emulator);
  const std::string target = "/storage/v1/b/b/o";
  EXPECT_EQ(client.ask("GET", target).status, 401);
  EXPECT_EQ(client.ask("GET", target, bearer("unknown")).status, 401);
  EXPECT_EQ(client.ask("GET", target, bearer("late")).status, 401);
  EXPECT_EQ(client.ask("GET", target, bearer("all")).status, 200);
}

TEST(EmulatorAccess, HandsOutTokens)
{
  const auto emulator = GcsEmulator::start({.buckets = {"b"}, .credentials = kCredentials});
  RawClient client(*emulator);
  const auto lists = [&](const std::string& token) {
    return client.ask("GET", "/storage/v1/b/b/o", bearer(token)).status;
  };
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const RawReply refreshed =
      client.ask("POST", "/token", form, "grant_type=refresh_token&refresh_token=r1&client_id=c");
  EXPECT_EQ(lists(member(refreshed.body, "access_token")), 200) << refreshed.body;
  EXPECT_EQ(
      client.ask("POST", "/token", form, "grant_type=refresh_token&refresh_token=r2&client_id=c")
          .status,
      400);
  const std::string metadata = "/computeMetadata/v1/instance/service-accounts/default/token";
  EXPECT_EQ(client.ask("GET", metadata).status, 403);
  EXPECT_EQ(lists(member(client.ask("GET", metadata, "Metadata-Flavor: Google\r\n").body,
                         "access_token")),
            200);
  const std::string exchange =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=pool&subject_"
      "token=";
  EXPECT_EQ(client.ask("POST", "/v1/token", form, exchange + "forged").status, 400);
  const std::string federated =
      member(client.ask("POST", "/v1/token", form, exchange + "s1").body, "access_token");
  EXPECT_EQ(lists(federated), 403);
  const RawReply impersonated =
      client.ask("POST", "/v1/projects/-/serviceAccounts/sa@p.iam:generateAccessToken",
                 bearer(federated), R"({"scope":["x"]})");
  EXPECT_EQ(lists(member(impersonated.body, "accessToken")), 200) << impersonated.body;
}

std::string base64url(std::string_view text)
{
  std::string out = to_base64(std::as_bytes(std::span(text)));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

/// The key of a service account.
class Key {
public:
  Key() : key_(EVP_RSA_gen(2048), &EVP_PKEY_free) {}

  std::string public_pem_in_json() const
  {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key_.get());
    std::string json;
    for (char c = 0; BIO_read(bio.get(), &c, 1) == 1;)
      json += c == '\n' ? std::string("\\n") : std::string(1, c);
    return json;
  }

  std::string jwt(std::string_view claims) const
  {
    std::string text =
        base64url(R"({"alg":"RS256","typ":"JWT","kid":"k"})") + "." + base64url(claims);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return text + "." + base64url(signature);
  }

private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

TEST(EmulatorAccess, TakesAJwtThatTheServiceAccountHasSigned)
{
  const Key key;
  const Key other;
  const auto emulator = GcsEmulator::start(
      {.buckets = {"b"},
       .credentials =
           R"({"serviceAccounts":[{"email":"sa@p","permissions":["storage.objects.list"],"publicKey":")" +
           key.public_pem_in_json() + "\"}]}"});
  RawClient client(*emulator);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const auto claims = [&](const std::string& audience, std::int64_t until) {
    return R"({"iss":"sa@p","sub":"sa@p","aud":")" + audience + R"(","iat":)" +
           std::to_string(until - 3600) + R"(,"exp":)" + std::to_string(until) + "}";
  };
  const std::string storage = "https://storage.googleapis.com/";
  const auto lists = [&](const std::string& token) {
    return client.ask("GET", "/storage/v1/b/b/o", bearer(token)).status;
  };
  EXPECT_EQ(lists(key.jwt(claims(storage, now + 3600))), 200);
  EXPECT_EQ(lists(other.jwt(claims(storage, now + 3600))), 401);
  EXPECT_EQ(lists(key.jwt(claims("https://elsewhere/", now + 3600))), 401);
  EXPECT_EQ(lists(key.jwt(claims(storage, now - 1))), 401);
  const RawReply granted =
      client.ask("POST", "/token", "",
                 "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" +
                     key.jwt(claims(emulator->url() + "/token", now + 3600)));
  EXPECT_EQ(lists(member(granted.body, "access_token")), 200) << granted.body;
}

TEST(EmulatorBucket, HoldsItsRetentionPolicy)
{
  const auto emulator = GcsEmulator::start(
      {.bucket_config =
           R"({"name":"b","storageClass":"NEARLINE","retentionPolicy":{"retentionPeriod":"3600"}})"});
  RawClient client(*emulator);
  EXPECT_EQ(insert(client, "", "x").status, 200);
  EXPECT_EQ(emulator->object("b", "x")->storage_class, "NEARLINE");
  const RawReply overwrite = insert(client, "", "x");
  EXPECT_EQ(overwrite.status, 403);
  EXPECT_THAT(overwrite.body, HasSubstr("retentionPolicyNotMet"));
  EXPECT_EQ(insert(client, "", "x&ifGenerationMatch=0").status, 412);
  EXPECT_EQ(client.ask("DELETE", "/storage/v1/b/b/o/x").status, 403);
}

TEST(EmulatorBucket, ListsInByteOrderWithPagesFoldersOffsetsAndFields)
{
  const auto emulator = GcsEmulator::start({.buckets = {"b"}});
  for (const char* name : {"p/a", "p/b/1", "p/b/2", "p/b\xC3\xA4", "p/c", "q"})
    emulator->put("b", name, "x");
  EXPECT_THAT(emulator->list("b", "p/b"), ElementsAre("p/b/1", "p/b/2", "p/b\xC3\xA4"));
  RawClient client(*emulator);
  const auto body = [&](const std::string& query) {
    return client.ask("GET", "/storage/v1/b/b/o?" + query).body;
  };
  EXPECT_EQ(body("fields=items(name,size)&startOffset=p/c"),
            R"({"items":[{"name":"p/c","size":"1"},{"name":"q","size":"1"}]})");
  EXPECT_EQ(body("fields=items/name,prefixes&prefix=p/&delimiter=/&endOffset=p/c"),
            "{\"prefixes\":[\"p/b/\"],\"items\":[{\"name\":\"p/a\"},{\"name\":\"p/b\xC3\xA4\"}]}");
  const std::string first = body("fields=items(name),nextPageToken&maxResults=5");
  EXPECT_THAT(body("fields=items(name),nextPageToken&pageToken=" +
                   emulator::percent_encoded(member(first, "nextPageToken"))),
              R"({"items":[{"name":"q"}]})");
  EXPECT_EQ(emulator->stats().class_a, 4U);
  EXPECT_EQ(emulator->stats().storage_classes.at("STANDARD").class_a, 4U);
}

TEST(EmulatorBucket, ReadsRangesAndRefusesThoseBeyondTheEnd)
{
  const auto emulator = GcsEmulator::start({.buckets = {"b"}});
  emulator->put("b", "x", "0123456789", "COLDLINE");
  RawClient client(*emulator);
  const auto range = [&](const std::string& text) {
    return client.ask("GET", "/storage/v1/b/b/o/x?alt=media", "Range: bytes=" + text + "\r\n");
  };
  EXPECT_EQ(range("2-4").body, "234");
  EXPECT_EQ(range("8-").body, "89");
  EXPECT_EQ(range("-3").headers.value("content-range"), "bytes 7-9/10");
  EXPECT_EQ(range("10-").status, 416);
  EXPECT_EQ(range("0-").headers.value("x-goog-storage-class"), "COLDLINE");
  EXPECT_EQ(emulator->stats().storage_classes.at("COLDLINE").class_b, 4U);
  EXPECT_EQ(client.ask("HEAD", "/storage/v1/b/b/o/y?alt=media", "").status, 404);
}

TEST(EmulatorBucket, ShowsItsSettingsToWhoMayAndItsPlaceToWhoMayList)
{
  const auto emulator = GcsEmulator::start(
      {.bucket_config = R"({"name": "b", "location": "EU", "locationType": "multi-region"})",
       .credentials = R"([{"token": "see", "permissions": ["storage.buckets.get"]},
                          {"token": "list", "permissions": ["storage.objects.list"]}])"});
  emulator->put("b", "x", "x");
  RawClient client(*emulator);
  const auto ask = [&](const std::string& rest, const std::string& token) {
    return client.ask("GET", "/storage/v1/b/b" + rest, bearer(token));
  };
  EXPECT_THAT(ask("", "see").body, HasSubstr(R"("storageClass":"STANDARD")"));
  EXPECT_EQ(ask("", "list").status, 403);
  EXPECT_EQ(ask("/storageLayout", "see").status, 403);
  EXPECT_THAT(ask("/storageLayout", "list").body, HasSubstr(R"("locationType":"multi-region")"));

  emulator->configure_bucket(R"({"name": "b", "storageClass": "ARCHIVE"})");
  EXPECT_THAT(ask("?fields=storageClass", "see").body, HasSubstr("ARCHIVE"));
  EXPECT_EQ(
      client.ask("POST", "/emulator/buckets", "", R"({"name": "b", "storageClass": "COLDLINE"})")
          .status,
      200);
  EXPECT_EQ(ask("?fields=storageClass", "see").body, R"({"storageClass":"COLDLINE"})");
  EXPECT_EQ(client.ask("POST", "/emulator/buckets", "", "{}").status, 400);
  EXPECT_THAT(emulator->list("b"), ElementsAre("x"));
  EXPECT_EQ(emulator->stats().class_b, 4U);
}

TEST(EmulatorBucket, WantsToKnowWhoPaysWhereItsReadersDo)
{
  const auto emulator = GcsEmulator::start(
      {.bucket_config =
           R"([{"name": "b", "billing": {"requesterPays": true}}, {"name": "free"}])"});
  emulator->put("b", "x", "bytes");
  RawClient client(*emulator);
  const std::pair<const char*, const char*> requests[] = {
      {"GET", "/storage/v1/b/b/o?"},
      {"GET", "/storage/v1/b/b?"},
      {"GET", "/storage/v1/b/b/o/x?alt=media&"},
      {"GET", "/storage/v1/b/b/o/x?"},
      {"GET", "/storage/v1/b/b/iam/testPermissions?permissions=storage.objects.get&"},
      {"POST", "/upload/storage/v1/b/b/o?uploadType=media&name=y&"},
      {"POST", "/upload/storage/v1/b/b/o?uploadType=resumable&name=z&"},
      {"DELETE", "/storage/v1/b/b/o/x?"}};
  for (const auto& [method, target] : requests) {
    const RawReply refused = client.ask(method, target);
    EXPECT_EQ(refused.status, 400) << target;
    EXPECT_THAT(refused.body, HasSubstr("Bucket is a requester pays bucket but no user project"));
    EXPECT_LT(client.ask(method, std::string(target) + "userProject=p").status, 300) << target;
  }
  EXPECT_EQ(client.ask("GET", "/storage/v1/b/free/o").status, 200);
}

}  // namespace
}  // namespace ib::test
