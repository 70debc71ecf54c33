// SPDX-License-Identifier: Apache-2.0
#include "store/gcs/gcs_api.hpp"
#include "support/matchers.hpp"

#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

TEST(Errors, Of403AreOverloadWhereGoogleSaysSo)
{
  const auto error = [](const std::string& reason) {
    return error_from(
        {.status = 403,
         .body = R"({"error":{"code":403,"message":"m","errors":[{"reason":")" + reason + "\"}]}}"},
        "x");
  };
  EXPECT_EQ(error("rateLimitExceeded").code, Errc::unavailable);
  EXPECT_TRUE(error("userRateLimitExceeded").retry_after);
  EXPECT_EQ(error("accountDisabled").code, Errc::denied);
  EXPECT_NE(error("accountDisabled").hint.find("billing account"), std::string::npos);
  EXPECT_TRUE(error("forbidden").hint.empty());
  EXPECT_EQ(error("forbidden").code, Errc::denied);
  for (const char* body : {"", "[]", R"({"error":{"errors":"x"}})", R"({"error":{"errors":[1]}})"})
    EXPECT_EQ(error_from({.status = 403, .body = body}, "x").code, Errc::denied) << body;
}

TEST(GcsApi, DescribesAnObjectAsGoogleExpectsIt)
{
  const auto json = nlohmann::json::parse(
      object_resource("home/library/\xC3\xBC.jpg", {{"sha1", "ab"}}, "image/jpeg",
                      Crc32c{0xe3069283}, StorageClass::archive));
  EXPECT_EQ(json["name"], "home/library/\xC3\xBC.jpg");
  EXPECT_EQ(json["crc32c"], "4waSgw==");  // big-endian
  EXPECT_EQ(json["storageClass"], "ARCHIVE");
  EXPECT_EQ(json["metadata"]["sha1"], "ab");
}

TEST(GcsApi, ReadsAnObjectBack)
{
  const ObjectInfo info =
      parse_object(
          R"({"name":"a/b","size":"12345678901","crc32c":"4waSgw==","generation":"1700000000000001","storageClass":"NEARLINE","metadata":{"k":"v"},"new":1})")
          .value();
  EXPECT_EQ(info.name.value, "a/b");
  EXPECT_EQ(info.size, 12345678901U);
  EXPECT_EQ(info.crc32c, Crc32c{0xe3069283});
  EXPECT_EQ(info.generation, 1700000000000001U);
  EXPECT_EQ(info.storage_class, StorageClass::nearline);
  EXPECT_EQ(info.metadata.at("k"), "v");
}

TEST(GcsApi, TakesNoRubbishForAnObject)
{
  for (const char* text : {"", "<html>", "[]", "{}", R"({"size":"1"})", R"({"name":""})"})
    EXPECT_FALSE(parse_object(text)) << text;
  EXPECT_FALSE(parse_page(R"({"items":{}})"));
  EXPECT_TRUE(parse_page("{}")->objects.empty());
}

TEST(GcsApi, KnowsNothingThatAnObjectDoesNotTell)
{
  for (const char* text :
       {R"({"name":"a"})", R"({"name":"a","size":12})", R"({"name":"a","size":"x"})",
        R"({"name":"a","size":"-1","crc32c":"!"})", R"({"name":"a","size":null,"crc32c":7})"}) {
    const ObjectInfo info = must(parse_object(text));
    EXPECT_FALSE(info.size || info.crc32c) << text;
  }
}

TEST(GcsApi, ChoosesTheReactionByTheStatus)
{
  const std::pair<long, Errc> rows[] = {
      {400, Errc::invalid},     {401, Errc::denied},      {403, Errc::denied},
      {404, Errc::not_found},   {408, Errc::unavailable}, {412, Errc::precondition_failed},
      {429, Errc::unavailable}, {500, Errc::unavailable}, {502, Errc::unavailable},
      {503, Errc::unavailable}, {504, Errc::unavailable}, {302, Errc::invalid},
      {307, Errc::invalid},     {204, Errc::unavailable}, {501, Errc::io},
      {505, Errc::io}};
  for (const auto& [status, code] : rows)
    EXPECT_EQ(error_from({.status = status}, "x").code, code) << status;
  EXPECT_EQ(
      error_from(
          {.status = 400,
           .body =
               R"({"error":{"message":"Provided CRC32C \"x\" doesn't match calculated CRC32C \"y\"."}})"},
          "x")
          .code,
      Errc::corrupt);
}

TEST(GcsApi, SlowsEverybodyDownOnOverload)
{
  EXPECT_EQ(error_from({.status = 429, .headers = {{"retry-after", "7"}}}, "x").retry_after,
            std::chrono::seconds(7));
  EXPECT_TRUE(error_from({.status = 503}, "x").retry_after);
  EXPECT_FALSE(error_from({.status = 500}, "x").retry_after);
  EXPECT_FALSE(
      error_from({.status = 500, .headers = {{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}}},
                 "x")
          .retry_after);
}

TEST(GcsApi, RepeatsGooglesSentenceAndNoPageOfHtml)
{
  EXPECT_THAT(
      error_from({.status = 403, .body = R"({"error":{"message":"no access\nto it"}})"}, "x")
          .message,
      HasSubstr("no access\\nto it"));
  EXPECT_THAT(error_from({.status = 502, .body = "<html>Bad Gateway</html>"}, "x").message,
              Not(HasSubstr("html")));
}

TEST(GcsApi, EncodesNamesForPaths)
{
  EXPECT_EQ(percent_encode("a/b c?#%\xC3\xBC"), "a%2fb%20c%3f%23%25%c3%bc");
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
}

TEST(GcsApi, ReadsHowMuchIsStored)
{
  EXPECT_EQ(stored_bytes({.status = 308}).value(), 0U);
  EXPECT_EQ(stored_bytes({.status = 308, .headers = {{"range", "bytes=0-524287"}}}).value(),
            524288U);
  EXPECT_FALSE(stored_bytes({.status = 308, .headers = {{"range", "bytes=5-9"}}}));
}

TEST(GcsApi, ReadsTheServersClock)
{
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            parse_timestamp("1994-11-06T08:49:37Z").value());
  EXPECT_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Foo 1994 08:49:37 GMT"));
}

}  // namespace
}  // namespace ib::test
