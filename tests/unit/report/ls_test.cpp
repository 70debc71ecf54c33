// SPDX-License-Identifier: Apache-2.0
#include "report/ls.hpp"

#include "report/listing.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

#include <chrono>

namespace ib::test {
namespace {

using namespace std::chrono_literals;

TEST(LsLine, EscapesHostileNames)
{
  EXPECT_EQ(
      ls_line(
          {.path = "/upload/\x1b]0;x\x07\n", .content = {.size = 2048}, .mtime_ns = 1'500'000'000}),
      " 2.0 KiB  1970-01-01T00:00:01Z  /upload/\\x1b]0;x\\x07\\n\n");
}

TEST(LsLine, ShowsNoTimeThatWasNotKept)
{
  const FileRecord record{.path = "/a", .content = {.size = 5}, .mtime_ns = kNoTime};
  EXPECT_THAT(ls_line(record), HasSubstr("  time not kept         /a"));
  EXPECT_TRUE(parsed(ls_json(record) + "\n")["mtime"].is_null());
}

TEST(LsJson, IsOneObjectHoweverManyFiles)
{
  const FileRecord record{
      .path = "/upload/a.jpg", .content = {.size = 5}, .mtime_ns = 1'500'000'000};
  const auto whole = [&](int files, const Error* error) {
    std::string text = listing_json_begin("ls", "file:///b", "files");
    for (int i = 0; i < files; ++i) text += (i > 0 ? "," : "") + ls_json(record);
    return parsed(text + listing_json_end(2s, error));
  };
  for (const int files : {0, 1, 3}) {
    const json out = whole(files, nullptr);
    EXPECT_THAT(keys(out), IsSupersetOf(kHeader));
    EXPECT_EQ(out["command"], "ls");
    EXPECT_EQ(out["result"], "ok");
    EXPECT_EQ(out["files"].size(), static_cast<std::size_t>(files));
  }
  EXPECT_EQ(whole(1, nullptr)["files"][0]["mtime"], "1970-01-01T00:00:01.500000000Z");
  EXPECT_EQ(whole(1, nullptr)["files"][0]["object"], "library/upload/a.jpg");
  const Error error{.code = Errc::cancelled, .message = "interrupted"};
  EXPECT_EQ(whole(2, &error)["result"], "failed");
  EXPECT_EQ(whole(2, &error)["problems"][0]["code"], "cancelled");
}

TEST(LsJson, KeepsNamesThatAreNotUtf8Apart)
{
  const json out = json::parse(ls_json({.path = "/\xff\n\"", .content = {}}));
  EXPECT_EQ(out["path"], "/\xEF\xBF\xBD\n\"");
  EXPECT_EQ(out["path_hex"], "2fff0a22");
  EXPECT_FALSE(json::parse(ls_json({.path = "/ok", .content = {}})).contains("path_hex"));
}

}  // namespace
}  // namespace ib::test
