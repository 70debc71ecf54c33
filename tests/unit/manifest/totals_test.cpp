// SPDX-License-Identifier: Apache-2.0
#include "manifest/totals.hpp"

#include "manifest_fixture.hpp"

#include <optional>

namespace ib::test {
namespace {

StoredTotals totals_of(const Manifest& manifest)
{
  return must(sum_up(manifest, StorageClass::coldline)).stored;
}

TEST_F(Manifests, CountsEachStoredObjectOnceForTheBestThatIsSaidOfIt)
{
  Manifest manifest = create();
  const auto record = [&](Dated row, std::optional<StorageClass> storage_class) {
    row.record.storage_class = storage_class;
    write(manifest, row);
  };
  record(dated("/a.jpg", "12345", 1), StorageClass::archive);
  record(dated("/b.jpg", "1", 1), StorageClass::standard);
  record(dated("/unknown.jpg", "12", 1), std::nullopt);
  // A copy counts with its original; a moved file's object belongs to the library, though its first
  // path is gone.
  record(stored_at(dated("/copy.jpg", "12345", 1), "library/a.jpg"), StorageClass::archive);
  record(dated("/old.jpg", "123", 1), StorageClass::archive);
  record(gone(dated("/old.jpg", "123", 2)), StorageClass::archive);
  record(stored_at(dated("/new.jpg", "123", 2), "library/old.jpg"), StorageClass::archive);
  record(dated("/gone.jpg", "1234567", 1), StorageClass::archive);
  record(gone(dated("/gone.jpg", "1234567", 2)), StorageClass::archive);
  // The first content of a changed file is a version, the second one the original.
  record(dated("/c.jpg", "1234", 1), StorageClass::archive);
  record(stored_at(dated("/c.jpg", "123456", 2), "versions/c.jpg/x"), StorageClass::nearline);

  const StoredTotals totals = totals_of(manifest);
  const auto amount = [](std::uint64_t objects, std::uint64_t bytes) {
    return StoredAmount{.objects = objects, .bytes = bytes};
  };
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::archive], amount(2, 5 + 3));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::standard], amount(1, 1));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::nearline], amount(1, 6));
  EXPECT_EQ(totals[StoredKind::originals][StorageClass::coldline], amount(1, 2));
  EXPECT_EQ(totals[StoredKind::archived][StorageClass::archive], amount(1, 7));
  EXPECT_EQ(totals[StoredKind::versions][StorageClass::archive], amount(1, 4));
  EXPECT_EQ(totals.all(), amount(7, 5 + 1 + 2 + 3 + 7 + 4 + 6));

  // As many, and of the same classes, as are named one by one.
  const std::unique_ptr<StoredContentCursor> contents = must(manifest.stored_contents());
  StoredAmount named;
  for (const StoredContent& stored : drain(contents)) {
    named += {.objects = 1, .bytes = stored.content.size};
    EXPECT_EQ(stored.storage_class.has_value(), stored.path != "/unknown.jpg") << stored.path;
  }
  EXPECT_EQ(named, totals.all());
}

TEST_F(Manifests, OfNothingCountNothing)
{
  EXPECT_EQ(totals_of(create()), StoredTotals());
}

}  // namespace
}  // namespace ib::test
