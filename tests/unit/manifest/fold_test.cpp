// SPDX-License-Identifier: Apache-2.0
#include "manifest/fold.hpp"

#include "manifest_fixture.hpp"

#include <set>

namespace ib::test {
namespace {

class FoldedHistory : public Manifests {
protected:
  std::vector<std::string> lives(const Manifest& manifest)
  {
    std::vector<std::string> lines;
    for (const std::vector<PathState>& states : drain(must(manifest.histories()))) {
      for (const PathState& state : states)
        lines.push_back(state.record.path + (state.record.archived ? " gone " : " ") +
                        std::to_string(state.since.generation) + "-" +
                        (state.until ? std::to_string(state.until->generation) : ""));
    }
    return lines;
  }

  static std::set<std::string> objects(const Manifest& manifest)
  {
    std::set<std::string> names;
    for (const StoredContent& stored : drain(must(manifest.stored_contents())))
      names.insert(stored.name.value);
    return names;
  }

  static std::uint64_t fold(Manifest& manifest, const std::vector<std::uint64_t>& kept)
  {
    return must(fold_past(manifest, kept));
  }
};

TEST_F(FoldedHistory, LosesTheIntervalsInWhichNoKeptPointLies)
{
  Manifest manifest = create();
  for (int run = 1; run <= 5; ++run)
    write(manifest, stored_at(dated("/edited", "x" + std::to_string(run % 2), run),
                              "versions/edited/" + std::to_string(run % 2)));
  must(manifest.commit_run(5));
  ASSERT_THAT(lives(manifest), ElementsAre("/edited 1-2", "/edited 2-3", "/edited 3-4",
                                           "/edited 4-5", "/edited 5-"));
  const std::set<std::string> stored = objects(manifest);
  EXPECT_EQ(fold(manifest, {3, 5}), 2U);
  EXPECT_THAT(lives(manifest), ElementsAre("/edited 3-4", "/edited 4-5", "/edited 5-"))
      << "of the other content one row stays, the latest";
  EXPECT_EQ(objects(manifest), stored);
  EXPECT_THAT(files_at(manifest, 3), ElementsAre("/edited=versions/edited/1"));
}

TEST_F(FoldedHistory, KeepsOnlyTheNewestPathOfAFileThatMoved)
{
  Manifest manifest = create();
  write(manifest, dated("/first", "x", 1));
  std::string before = "/first";
  for (int run = 2; run <= 4; ++run) {
    const std::string next = "/moved" + std::to_string(run);
    write(manifest, gone(stored_at(dated(before, "x", run), "library/first")));
    write(manifest, stored_at(dated(next, "x", run), "library/first"));
    before = next;
  }
  ASSERT_EQ(lives(manifest).size(), 7U);
  EXPECT_EQ(fold(manifest, {2, 4}), 2U);
  EXPECT_THAT(lives(manifest), ElementsAre("/moved2 2-3", "/moved2 gone 3-", "/moved4 4-"));
  EXPECT_THAT(files_at(manifest, 2), ElementsAre("/moved2=library/first"));
  EXPECT_EQ(fold(manifest, {4}), 1U);
  EXPECT_THAT(described(rows(manifest)), ElementsAre("/moved4=library/first"));
  // The name that it was stored under stays taken.
  EXPECT_TRUE(must(must(manifest.contents())->is_own_name_taken("/first")));
}

TEST_F(FoldedHistory, KeepsWhatIsGoneAndStoredNowhereElse)
{
  Manifest manifest = create();
  write(manifest, dated("/deleted", "only copy", 1));
  write(manifest, gone(dated("/deleted", "only copy", 2)));
  must(manifest.begin_run(run_of(3)));
  must(manifest.record_aside(stored_at(dated("/odd", "aside"), "versions/odd/1").record));
  EXPECT_EQ(fold(manifest, {9}), 0U);
  EXPECT_FALSE(must(manifest.history("/deleted")).empty());
  EXPECT_EQ(objects(manifest), (std::set<std::string>{"library/deleted", "versions/odd/1"}));
}

TEST_F(FoldedHistory, ChangesNothingThatIsThere)
{
  Manifest manifest = create();
  for (int i = 0; i < 200; ++i) write(manifest, dated("/f" + std::to_string(i), "x", 1));
  const auto before = lives(manifest);
  EXPECT_EQ(fold(manifest, {}), 0U);
  EXPECT_EQ(lives(manifest), before);
  EXPECT_FALSE(must(Manifest::open(packed(manifest), "packed")).changed());
}

TEST_F(FoldedHistory, IsNoDelta)
{
  Manifest manifest = create();
  must(track_changes(manifest));
  write(manifest, dated("/a", "x", 1));
  write(manifest, stored_at(dated("/a", "y", 2), "versions/a/y"));
  write(manifest, dated("/a", "x", 3));
  ASSERT_GT(fold(manifest, {3}), 0U);
  EXPECT_FALSE(must(extract_delta(manifest, {.object = {"m"}, .sha256 = {}}, file("delta"))));
}

}  // namespace
}  // namespace ib::test
