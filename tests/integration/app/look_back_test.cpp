// SPDX-License-Identifier: Apache-2.0
//
// history, find and diff over real backups.
#include "app/query/diff.hpp"
#include "app/query/find.hpp"
#include "app/query/history.hpp"
#include "app/session.hpp"
#include "core/selection/scope.hpp"
#include "store/dir/dir_store.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

namespace ib::test {
namespace {

const std::string kPhoto = "/library/admin/2021/2021-07-04/DSC01003.jpg";
const std::string kSidecar = kPhoto + ".xmp";

std::vector<PathHistory> histories(Workplace& place, const std::vector<std::string>& paths)
{
  std::vector<PathHistory> all;
  const Result<> done =
      run_history(place.session(), {.paths = paths}, [&](const PathHistory& history) {
        all.push_back(history);
        return Result<>();
      });
  EXPECT_TRUE(done) << done.error().message;
  return all;
}

struct Found {
  std::vector<std::string> paths;  ///< "path", or "file=path"
  FindReport report;
};

Found find(Workplace& place, const FindJob& job)
{
  Found found;
  std::size_t problems = 0;
  const Result<FindReport> report =
      run_find(place.session(), job,
               {.found =
                    [&](const FoundPath& each) {
                      found.paths.push_back((each.file.empty() ? "" : each.file + "=") +
                                            each.state.record.path);
                      return Result<>();
                    },
                .problem =
                    [&](const Problem&) {
                      ++problems;
                      return Result<>();
                    }});
  EXPECT_TRUE(report) << report.error().message;
  found.report = report.value();
  EXPECT_EQ(problems, found.report.header.problems.size());
  EXPECT_EQ(found.paths.size(), found.report.found);
  return found;
}

std::vector<std::string> diff(Workplace& place, const DiffJob& job)
{
  std::vector<std::string> lines;
  const Result<DiffReport> report = run_diff(place.session(), job, [&](const Difference& each) {
    constexpr std::string_view kSigns = "+~->";
    lines.push_back(kSigns[std::to_underlying(each.kind)] + each.path);
    return Result<>();
  });
  EXPECT_TRUE(report) << report.error().message;
  return lines;
}

/// Three runs: a sidecar that changes twice, a photo that goes and comes back, one that moves.
class LookBack : public testing::Test {
protected:
  void SetUp() override
  {
    first_ = *place_.backup().restore_point;
    put_file(place_.library() + kSidecar, "edited");
    fs::remove(place_.library() + "/upload/new.jpg");
    fs::rename(place_.library() + "/library/admin/2021/It's \"quoted\" & spaced.jpg",
               place_.library() + "/library/admin/2022/moved.jpg");
    fs::remove(place_.library() + "/library/admin/2021/empty.jpg");
    second_ = *place_.backup().restore_point;
    put_file(place_.library() + kSidecar, "edited again");
    put_file(place_.library() + "/library/admin/2021/empty.jpg", "");
    third_ = *place_.backup().restore_point;
  }

  Workplace place_;
  Timestamp first_{}, second_{}, third_{};
};

TEST_F(LookBack, EachStateComesBackByItsRestoreCommand)
{
  const std::vector<PathHistory> all = histories(place_, {kSidecar});
  ASSERT_EQ(all.size(), 1U);
  const std::vector<std::string> contents{"<x:xmpmeta>1</x:xmpmeta>", "edited", "edited again"};
  ASSERT_EQ(all[0].entries.size(), contents.size());
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const HistoryEntry& entry = all[0].entries[i];
    ASSERT_TRUE(entry.restore_at);
    fs::remove_all(place_.target());
    const auto restored = run_restore(place_.session(), {.target = place_.target(),
                                                         .patterns = {pattern_of_path(kSidecar)},
                                                         .at = entry.restore_at});
    ASSERT_TRUE(restored);
    EXPECT_EQ(files_below(place_.target())[kSidecar].bytes, contents[i]);
    EXPECT_EQ(restored->restored, 1U);
  }
  EXPECT_EQ(all[0].entries[0].restore_at, first_);
  EXPECT_EQ(all[0].entries[2].restore_at, third_);
}

TEST_F(LookBack, HistoryNamesNoRestorePointThatDidNotKnowOfTheState)
{
  // Two copies of one store: a photo is recorded in the one, and two runs follow in the other.
  fs::copy(place_.store_folder(), place_.path("other"), fs::copy_options::recursive);
  const auto other = open_dir_store(place_.path("other"));
  // This run changes nothing. It dates the next manifest there a second later, so that no two
  // manifests have one name.
  ASSERT_TRUE(run_backup(place_.session(*other), place_.job()));
  const std::string photo = place_.library() + "/upload/only in one.jpg";
  put_file(photo, "only in one");
  const Timestamp knew = *place_.backup().restore_point;
  fs::remove(photo);
  for (const char* name : {"/upload/b.jpg", "/upload/c.jpg", "/upload/d.jpg"}) {
    put_file(place_.library() + name, name);
    ASSERT_TRUE(run_backup(place_.session(*other), place_.job()));
  }
  ASSERT_EQ(std::system(("cp -an --preserve=xattr '" + place_.path("other") + "/.' '" +
                         place_.store_folder() + "/'")
                            .c_str()),
            0);
  const PathHistory history = histories(place_, {"/upload/only in one.jpg"}).at(0);
  ASSERT_EQ(history.entries.size(), 1U);
  EXPECT_EQ(history.entries[0].restore_at, knew);
  EXPECT_EQ(place_.restore(knew).at("/upload/only in one.jpg").bytes, "only in one");
}

TEST_F(LookBack, HistoryTellsWhatIsGoneAndWhatIsBack)
{
  const auto all =
      histories(place_, {"library/admin/2021/empty.jpg"});  // without its leading slash
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].entries.size(), 3U);
  EXPECT_EQ(all[0].entries[0].event, PathEvent::added);
  EXPECT_EQ(all[0].entries[1].event, PathEvent::archived);
  EXPECT_EQ(all[0].entries[2].event, PathEvent::returned);
}

TEST_F(LookBack, HistoryTakesPatternsObjectsAndNamesThatLookLikePatterns)
{
  std::vector<std::string> paths;
  for (const PathHistory& each : histories(place_, {"*.xmp"})) paths.push_back(each.path);
  EXPECT_THAT(paths, ElementsAre(kSidecar, HasSubstr("9c00aa11-4.xmp")));

  const std::vector<std::string> versions = place_.objects("versions/");
  ASSERT_EQ(versions.size(), 2U);
  const auto by_object = histories(place_, {versions[0]});
  ASSERT_EQ(by_object.size(), 1U);
  EXPECT_EQ(by_object[0].path, kSidecar);

  const auto odd = histories(place_, {"/library/admin/2021/back\\slash 100%25 [x].jpg", kSidecar});
  EXPECT_EQ(odd.size(), 2U);
}

TEST_F(LookBack, HistoryOfMovedContentNamesTheObjectThatHoldsIt)
{
  const auto all = histories(place_, {"/library/admin/2022/moved.jpg"});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].entries[0].state.record.object_name().value,
            "library/library/admin/2021/It's \"quoted\" & spaced.jpg");
  EXPECT_TRUE(all[0].entries[0].restore_at);
}

TEST_F(LookBack, HistoryOfAPathThatNeverWasSuggestsOthers)
{
  std::size_t shown = 0;
  const Result<> done = run_history(place_.session(), {.paths = {"/upload/dsc01003.png", kPhoto}},
                                    [&](const PathHistory&) {
                                      ++shown;
                                      return Result<>();
                                    });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid);
  EXPECT_THAT(done.error().message, HasSubstr("/upload/dsc01003.png"));
  EXPECT_THAT(done.error().hint, HasSubstr(kPhoto));
  EXPECT_EQ(shown, 1U);  // the other one all the same
}

TEST_F(LookBack, FindsNamesThatAreGoneToo)
{
  EXPECT_THAT(find(place_, {.names = {"QUOTED"}}).paths,
              ElementsAre("/library/admin/2021/It's \"quoted\" & spaced.jpg"));
  EXPECT_THAT(find(place_, {.names = {"*.HEIC", "moved"}}).paths,
              ElementsAre("/library/admin/2022/moved.jpg", HasSubstr("0a1b2c3d-2.heic")));
  EXPECT_THAT(codes(find(place_, {.names = {"nowhere"}}).report.header),
              ElementsAre("nothing_found"));
}

TEST_F(LookBack, FindsContentByItsDigestAlsoInEarlierVersions)
{
  const auto sidecar = histories(place_, {kSidecar});
  const Content first = sidecar[0].entries[0].state.record.content;
  EXPECT_THAT(find(place_, {.sha256s = {first.sha256}}).paths, ElementsAre(kSidecar));
  EXPECT_THAT(find(place_, {.sha1s = {first.sha1}}).paths, ElementsAre(kSidecar));
  EXPECT_THAT(codes(find(place_, {.sha256s = {Sha256{}}}).report.header),
              ElementsAre("not_in_backup"));
}

TEST_F(LookBack, SaysOfAStickWhatIsInTheBackup)
{
  const std::string stick = place_.path("stick");
  put_file(stick + "/DCIM/a.jpg", "template picture");  // twice in the library
  put_file(stick + "/DCIM/b.jpg", "edited");            // an earlier version
  put_file(stick + "/c.jpg", "of nobody");
  fs::create_symlink("/nowhere", stick + "/link");
  const Found found = find(place_, {.files = {stick}});
  EXPECT_THAT(found.paths, ElementsAre(stick + "/DCIM/a.jpg=" + kPhoto,
                                       stick + "/DCIM/a.jpg=/library/admin/2022/same content.jpg",
                                       stick + "/DCIM/b.jpg=" + kSidecar));
  EXPECT_EQ(found.report.files, 3U);
  EXPECT_EQ(found.report.files_found, 2U);
  EXPECT_THAT(codes(found.report.header), ElementsAre("not_in_backup", "symlink"));
}

TEST_F(LookBack, GoesOnAfterAFileThatIsNotThere)
{
  const std::string file = place_.path("a.jpg");
  put_file(file, "template picture");
  const Found found = find(place_, {.files = {place_.path("none"), file}});
  EXPECT_EQ(found.paths.size(), 2U);
  EXPECT_THAT(codes(found.report.header), ElementsAre("unreadable"));
}

TEST_F(LookBack, DiffNamesWhatHappenedBetweenTwoRestorePoints)
{
  EXPECT_THAT(diff(place_, {.from = first_, .to = second_}),
              ElementsAre("~" + kSidecar, "-/library/admin/2021/empty.jpg",
                          ">/library/admin/2022/moved.jpg"));
  EXPECT_THAT(diff(place_, {.from = second_}),
              ElementsAre("~" + kSidecar, "+/library/admin/2021/empty.jpg"));
  EXPECT_THAT(diff(place_, {.from = first_}),
              ElementsAre("~" + kSidecar, ">/library/admin/2022/moved.jpg"));
  EXPECT_THAT(diff(place_, {}), IsEmpty());
}

TEST_F(LookBack, DiffRefusesATimeBeforeTheFirstRestorePoint)
{
  const auto report = run_diff(place_.session(), {.from = first_ - std::chrono::hours(1)},
                               [](const Difference&) { return Result<>(); });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid);
  EXPECT_THAT(report.error().message, HasSubstr(format_iso(first_)));
}

TEST_F(LookBack, AllEndWhereTheyAreInterrupted)
{
  std::stop_source stop;
  stop.request_stop();
  const Session session = place_.session(place_.store(), stop.get_token());
  EXPECT_EQ(run_history(session, {.paths = {"*"}}, [](const PathHistory&) { return Result<>(); })
                .error()
                .code,
            Errc::cancelled);
  EXPECT_EQ(run_diff(session, {}, [](const Difference&) { return Result<>(); }).error().code,
            Errc::cancelled);
}

TEST(LookingBack, NeedsABackup)
{
  Workplace place;
  EXPECT_EQ(
      run_history(place.session(), {.paths = {"/a"}}, [](const PathHistory&) { return Result<>(); })
          .error()
          .code,
      Errc::invalid);
}

}  // namespace
}  // namespace ib::test
