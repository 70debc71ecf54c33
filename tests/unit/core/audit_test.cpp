// SPDX-License-Identifier: Apache-2.0
#include "core/planning/audit.hpp"

#include "core/records/file_record.hpp"
#include "support/builders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

using Kind = NamedFile::Kind;

template <class Item, class Base>
class Listed final : public Base {
public:
  explicit Listed(std::vector<Item> items) : items_(std::move(items)) {}
  Result<std::optional<Item>> next() override
  {
    if (next_ == items_.size()) return std::nullopt;
    return items_[next_++];
  }

private:
  std::vector<Item> items_;
  std::size_t next_ = 0;
};

struct Outcome {
  Audit audit;
  std::vector<std::string> doubtful, unknown;
  std::vector<std::string> lying_there;  ///< at the paths of the doubtful; "" for nothing
};

Outcome compare(std::vector<NamedFile> named, std::vector<FileRecord> records)
{
  Outcome outcome;
  Listed<NamedFile, NamedFileCursor> files(std::move(named));
  Listed<FileRecord, RecordCursor> rows(std::move(records));
  outcome.audit = must(compare_named_files(
      files, rows,
      {.doubtful = [&](const NamedFile& file, const FileRecord* record) -> Result<> {
         outcome.doubtful.push_back(file.path);
         outcome.lying_there.push_back(record == nullptr ? "" : record->path);
         return {};
       },
       .unknown = [&](const FileRecord& record) -> Result<> {
         outcome.unknown.push_back(record.path);
         return {};
       }}));
  return outcome;
}

NamedFile original(std::string path, std::string_view bytes)
{
  return {.path = std::move(path), .id = "id", .sha1 = content_of(bytes).sha1};
}

TEST(CompareNamedFiles, CallsProvenWhatIsStoredAsImmichRecordedIt)
{
  const Outcome outcome = compare({original("/a", "a"), original("/b", "b")},
                                  {file_record("/a", "a"), file_record("/b", "b")});
  EXPECT_EQ(outcome.audit, (Audit{.originals = 2, .proven = 2}));
  EXPECT_THAT(outcome.doubtful, IsEmpty());
  EXPECT_EQ(outcome.audit.protected_originals(), 2U);
  EXPECT_EQ(outcome.audit.unprotected(), 0U);
}

TEST(CompareNamedFiles, HandsOverWhatIsNotPlainlyRight)
{
  FileRecord archived = file_record("/c-archived", "c");
  archived.archived = true;
  NamedFile odd = original("/e-odd", "e");
  odd.sha1.reset();
  odd.odd_checksum = true;
  const Outcome outcome = compare(
      {original("/a-absent", "a"), original("/b-differs", "b"), original("/c-archived", "c"),
       original("/d-right", "d"), odd, original("/z-absent", "z")},
      {file_record("/b-differs", "B"), archived, file_record("/d-right", "d"),
       file_record("/e-odd", "e")});
  EXPECT_THAT(outcome.doubtful,
              ElementsAre("/a-absent", "/b-differs", "/c-archived", "/e-odd", "/z-absent"));
  EXPECT_THAT(outcome.lying_there, ElementsAre("", "/b-differs", "/c-archived", "/e-odd", ""));
  EXPECT_EQ(outcome.audit, (Audit{.originals = 6, .proven = 1})) << "the rest is for the caller";
}

TEST(CompareNamedFiles, HandsOverWhatLiesBelowNoRootAsWell)
{
  NamedFile outside = original("/somewhere/a.jpg", "a");
  outside.outside = true;
  const Outcome outcome = compare({outside}, {});
  EXPECT_THAT(outcome.doubtful, ElementsAre("/somewhere/a.jpg"));
  EXPECT_EQ(outcome.audit, (Audit{.originals = 1}));
}

TEST(CompareNamedFiles, HandsOverEachOfTwoOriginalsThatNameOnePath)
{
  NamedFile first = original("/a", "a"), second = original("/a", "b");
  second.id = "another";
  const Outcome outcome = compare({first, second}, {file_record("/a", "a")});
  EXPECT_THAT(outcome.doubtful, ElementsAre("/a"));
  EXPECT_EQ(outcome.audit, (Audit{.originals = 2, .proven = 1}));
}

TEST(CompareNamedFiles, EndWithTheErrorOfASink)
{
  const auto full = [](auto&&...) -> Result<> { return fail(Errc::io, "full"); };
  const auto take = [](auto&&...) -> Result<> { return {}; };
  const auto run = [](std::vector<NamedFile> named, std::vector<FileRecord> records,
                      const AuditSink& sink) {
    Listed<NamedFile, NamedFileCursor> files(std::move(named));
    Listed<FileRecord, RecordCursor> rows(std::move(records));
    return compare_named_files(files, rows, sink);
  };
  EXPECT_TRUE(fails_with(Errc::io, run({original("/a", "a")}, {}, {full, take})));
  EXPECT_TRUE(fails_with(Errc::io, run({}, {file_record("/a", "a")}, {take, full})));
}

TEST(CompareNamedFiles, CallsStoredWhatHasNoChecksumToCompare)
{
  NamedFile unknown_to_immich = original("/a", "a");
  unknown_to_immich.sha1.reset();
  FileRecord taken_over = file_record("/b", "b");
  taken_over.content.has_sha1 = false;
  const Outcome outcome =
      compare({unknown_to_immich, original("/b", "b")}, {file_record("/a", "a"), taken_over});
  EXPECT_EQ(outcome.audit, (Audit{.originals = 2, .stored = 2}));
}

TEST(CompareNamedFiles, CountsSidecarsAndAvatarsApart)
{
  NamedFile trashed = original("/b", "b");
  trashed.trashed = true;
  const Outcome outcome = compare({{.kind = Kind::avatar, .path = "/a", .id = "u"},
                                   trashed,
                                   {.kind = Kind::sidecar, .path = "/b.xmp", .id = "id"}},
                                  {file_record("/a", "a"), file_record("/b", "b")});
  EXPECT_EQ(outcome.audit, (Audit{.originals = 1, .proven = 1, .others = 2, .trashed = 1}));
  EXPECT_THAT(outcome.doubtful, ElementsAre("/b.xmp"));
}

TEST(CompareNamedFiles, KnowsOneFileThatTwoRowsName)
{
  NamedFile again = original("/a", "a");
  again.id = "another";
  const Outcome outcome = compare({original("/a", "a"), again}, {file_record("/a", "a")});
  EXPECT_EQ(outcome.audit, (Audit{.originals = 2, .proven = 2}));
}

TEST(CompareNamedFiles, NamesFilesThatTheDatabaseDoesNot)
{
  FileRecord archived = file_record("/b", "b");
  archived.archived = true;
  const Outcome outcome =
      compare({original("/c", "c")},
              {file_record("/a", "a"), archived, file_record("/c", "c"), file_record("/d", "d")});
  EXPECT_THAT(outcome.unknown, ElementsAre("/a", "/d")) << "what is gone is unknown to everybody";
  EXPECT_EQ(outcome.audit, (Audit{.originals = 1, .proven = 1, .unknown = 2}));
}

TEST(CompareNamedFiles, LeavesOutExternalFilesThatNoRootCovers)
{
  NamedFile external{.path = "/mnt/photos/a.jpg", .id = "e", .external = true, .outside = true};
  const Outcome outcome = compare({external}, {});
  EXPECT_EQ(outcome.audit, (Audit{.external = 1}));
  EXPECT_THAT(outcome.doubtful, IsEmpty());
}

}  // namespace
}  // namespace ib::test
