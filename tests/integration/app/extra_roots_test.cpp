// SPDX-License-Identifier: Apache-2.0
#include "app/query/status.hpp"
#include "core/records/file_record.hpp"
#include "report/status.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>

namespace ib::test {
namespace {

class BackupOfExtraRoots : public testing::Test {
protected:
  void SetUp() override
  {
    put_file(place_.path("photos/2019/trip.jpg"), "trip");
    put_file(place_.path("photos/not utf-8 \xff.jpg"), "odd");
    put_file(place_.path("scans/letter.pdf"), "letter");
  }

  BackupJob job(const std::vector<std::string>& names) const
  {
    BackupJob job = place_.job();
    for (const std::string& name : names)
      job.extra_roots.push_back({.name = name, .folder = place_.path(name)});
    return job;
  }
  /// The paths below /@external/ as `ls` shows them.
  std::vector<std::string> external()
  {
    std::vector<std::string> paths;
    for (const FileRecord& record : place_.ls()) {
      if (record.path.starts_with("/@external/")) paths.push_back(record.path);
    }
    return paths;
  }

  Workplace place_;
};

TEST_F(BackupOfExtraRoots, ComesBackBelowTheTarget)
{
  const BackupReport report = place_.backup(job({"photos", "scans"}));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_THAT(
      place_.objects("library/@external/"),
      ElementsAre("library/@external/photos/2019/trip.jpg", "library/@external/scans/letter.pdf"));
  auto expected = covered_files_below(place_.library());
  for (const char* root : {"photos", "scans"}) {
    for (const auto& [path, file] : files_below(place_.path(root)))
      expected["/@external/" + std::string(root) + path] = file;
  }
  EXPECT_EQ(place_.restore(), expected);
  EXPECT_EQ(place_.backup(job({"photos", "scans"})).uploaded_objects, 0U);
  EXPECT_THAT(codes(place_.verify_all().header), IsEmpty());
}

TEST_F(BackupOfExtraRoots, MarksAsGoneWhatIsGoneFromARootThatIsThere)
{
  place_.backup(job({"photos"}));
  fs::remove(place_.path("photos/2019/trip.jpg"));
  const BackupReport report = place_.backup(job({"photos"}));
  EXPECT_EQ(report.archived, 1U);
  EXPECT_THAT(codes(report.header), IsEmpty());
}

TEST_F(BackupOfExtraRoots, MarksNothingAsGoneWhereTheRootIsAbsentOrEmpty)
{
  place_.backup(job({"photos", "scans"}));
  fs::rename(place_.path("photos"), place_.path("unplugged"));
  for (const bool mount_point : {false, true}) {
    if (mount_point) fs::create_directory(place_.path("photos"));
    const BackupReport report = place_.backup(job({"photos", "scans"}));
    EXPECT_EQ(report.archived, 0U);
    EXPECT_EQ(report.plan.missing_but_kept, 2U);
    EXPECT_THAT(codes(report.header), ElementsAre("extra_root_unavailable", "missing_but_kept"));
    EXPECT_EQ(external().size(), 3U);
  }
  fs::remove(place_.path("photos"));
  fs::rename(place_.path("unplugged"), place_.path("photos"));
  const BackupReport report = place_.backup(job({"photos", "scans"}));
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(report.uploaded_objects, 0U);
}

TEST_F(BackupOfExtraRoots, LeavesARootAloneThatIsNotNamedAnyMore)
{
  place_.backup(job({"photos", "scans"}));
  BackupJob without = job({"scans"});
  without.include = {"**"};  // whatever else is covered
  const BackupReport report = place_.backup(without);
  EXPECT_EQ(report.archived, 0U);
  EXPECT_THAT(codes(report.header), IsEmpty());
  EXPECT_EQ(external().size(), 3U);
  // They look like all others in the backup, so it is said that nobody looks at them.
  EXPECT_EQ(report.plan.not_covered, 2U);
  EXPECT_THAT(report.header.notes, Contains(HasSubstr("2 files that earlier runs have stored are "
                                                      "not covered any more, such as "
                                                      "/@external/photos/")));
  const auto newest = [&] { return must(run_status(place_.session())).newest.value(); };
  const Timestamp since = newest().not_covered.value().since;
  EXPECT_EQ(since, newest().started);
  without.exclude = {"/@external/scans/"};
  place_.backup(without);
  EXPECT_EQ(newest().not_covered.value().files, 3U);
  EXPECT_EQ(newest().not_covered.value().since, since) << "the first of them, since then";
  const std::string status = to_text(must(run_status(place_.session())));
  EXPECT_THAT(status, HasSubstr("3 files are not covered by the backup any more: not looked at "
                                "since " +
                                format_iso(since)));
  BackupJob again = job({"photos", "scans"});
  again.include = {"**"};
  EXPECT_THAT(place_.backup(again).header.notes, Not(Contains(HasSubstr("not covered"))));
  EXPECT_FALSE(newest().not_covered);
}

TEST_F(BackupOfExtraRoots, LeavesOutWhatIsExcluded)
{
  BackupJob excluding = job({"photos", "scans"});
  excluding.exclude = {"*.pdf", "/@external/photos/2019/"};
  place_.backup(excluding);
  EXPECT_THAT(external(), ElementsAre(HasSubstr("not utf-8")));
}

TEST_F(BackupOfExtraRoots, SendsNoContentThatMovedInFromTheLibrary)
{
  place_.backup(job({"photos"}));
  fs::rename(place_.library() + "/library/admin/2022/same content.jpg",
             place_.path("photos/moved.jpg"));
  const BackupReport report = place_.backup(job({"photos"}));
  EXPECT_EQ(report.uploaded_objects, 0U);
  EXPECT_EQ(report.archived, 1U);
  EXPECT_THAT(external(), Contains("/@external/photos/moved.jpg"));
}

TEST_F(BackupOfExtraRoots, RefusesARootThatHoldsTheBackup)
{
  BackupJob around = place_.job();
  around.extra_roots.push_back({.name = "store", .folder = place_.store_folder()});
  const Result<BackupReport> report = run_backup(place_.session(), around);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid);
  EXPECT_THAT(report.error().message, HasSubstr("the backup"));
  EXPECT_TRUE(place_.store_is_empty());
}

}  // namespace
}  // namespace ib::test
