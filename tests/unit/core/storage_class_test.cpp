// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/storage_class.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

TEST(StorageClasses, AreSpelledAsGoogleSpellsThem)
{
  for (const StorageClass each : kStorageClasses)
    EXPECT_EQ(parse_storage_class(to_string(each)), each);
  EXPECT_EQ(parse_storage_class("archive"), std::nullopt);
  EXPECT_EQ(parse_storage_class(""), std::nullopt);
}

}  // namespace
}  // namespace ib::test
