// SPDX-License-Identifier: Apache-2.0
#include "store/open_store.hpp"

#include "support/builders.hpp"
#include "support/emulated_bucket.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

Result<OpenStore> open(const std::string& url, const StoreOptions& options = {})
{
  return open_store(TRY(StoreAddress::parse(url)), options);
}

TEST(OpenStore, OfAFolderBillsNothing)
{
  const TempDir dir;
  const OpenStore opened = must(open("file://" + dir.file("store/")));
  EXPECT_EQ(opened.store->url(), "file://" + dir.file("store"));
  must(put_small(*opened.store, {"library/a.jpg"}, "photo", {}, "image/jpeg", {}));
  EXPECT_EQ(must(opened.inspector->describe({})).folder->path, dir.file("store"));
  EXPECT_EQ(opened.usage_meter->usage(), Usage{});
}

TEST(OpenStore, OfABucketCountsWhatIsAskedOfItsObjectsAndOfItself)
{
  EmulatedBucket bucket;
  const OpenStore opened =
      must(open("gs://photos/home/", {.emulator_host = bucket.emulator().url()}));
  EXPECT_EQ(opened.store->url(), "gs://photos/home");
  must(put_small(*opened.store, {"library/a.jpg"}, "photo", {}, "image/jpeg", {}));
  EXPECT_EQ(bucket.emulator().content("photos", "home/library/a.jpg"), "photo");
  EXPECT_EQ(must(opened.inspector->describe({})).bucket->prefix, "home/");
  EXPECT_EQ(opened.usage_meter->usage().class_a(), 1U);
  EXPECT_EQ(opened.usage_meter->usage().class_b(), 1U);
}

}  // namespace
}  // namespace ib::test
