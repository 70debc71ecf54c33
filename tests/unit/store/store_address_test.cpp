// SPDX-License-Identifier: Apache-2.0
#include "store/store_address.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(StoreAddress, NamesAnAbsoluteFolder)
{
  for (const char* url : {"file:///srv/backup", "file:///srv/backup/", "file:///srv/backup//"}) {
    const StoreAddress address = must(StoreAddress::parse(url));
    ASSERT_NE(address.folder(), nullptr) << url;
    EXPECT_EQ(address.bucket(), nullptr) << url;
    EXPECT_EQ(address.folder()->path, "/srv/backup") << url;
    EXPECT_EQ(address.url(), "file:///srv/backup") << url;
  }
  EXPECT_EQ(must(StoreAddress::parse("file:///")).folder()->path, "/");
}

TEST(StoreAddress, UndoesTheEscapesThatFileManagersShow)
{
  const StoreAddress address = must(StoreAddress::parse("file:///media/My%20Passport/100%25"));
  EXPECT_EQ(address.folder()->path, "/media/My Passport/100%");
  EXPECT_EQ(address.url(), "file:///media/My Passport/100%25");
  EXPECT_EQ(must(StoreAddress::parse(address.url())).folder()->path, address.folder()->path);
  EXPECT_EQ(must(StoreAddress::parse("file:///caf%C3%A9")).folder()->path, "/café");
  for (const char* bad : {"file:///100%", "file:///a%2", "file:///a%zz", "file:///a%00b"}) {
    const Result<StoreAddress> refused = StoreAddress::parse(bad);
    ASSERT_TRUE(fails_with(Errc::invalid, refused)) << bad;
    EXPECT_TRUE(refused.error().hint.contains("%25")) << bad;
  }
}

TEST(StoreAddress, NamesABucketAndMaybeAPrefix)
{
  const auto bucket = [](const std::string& url) {
    return *must(StoreAddress::parse(url)).bucket();
  };
  EXPECT_EQ(bucket("gs://photos").bucket, "photos");
  EXPECT_EQ(bucket("gs://photos").prefix, "");
  EXPECT_EQ(bucket("gs://photos/").prefix, "");
  EXPECT_EQ(bucket("gs://photos/home/family/").prefix, "home/family/");
  EXPECT_EQ(bucket("gs://photos/home/family/").path(), "photos/home/family");
  EXPECT_EQ(must(StoreAddress::parse("gs://photos")).folder(), nullptr);
  EXPECT_EQ(must(StoreAddress::parse("gs://photos/")).url(), "gs://photos");
  EXPECT_EQ(must(StoreAddress::parse("gs://photos/home/")).url(), "gs://photos/home");
}

TEST(StoreAddress, IsNothingElse)
{
  for (const char* bad :
       {"", "file://relative", "/srv/backup", "ftp://x", "gs", "gs://", "gs://a", "gs://UPPER",
        "gs://b u", "gs://photos/../x", "gs://photos//x", "http://photos"}) {
    const Result<StoreAddress> address = StoreAddress::parse(bad);
    EXPECT_TRUE(fails_with(Errc::invalid, address)) << bad;
    EXPECT_FALSE(address.error().hint.empty()) << bad;
  }
}

}  // namespace
}  // namespace ib::test
