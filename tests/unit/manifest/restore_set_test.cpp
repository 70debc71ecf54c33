// SPDX-License-Identifier: Apache-2.0
#include "manifest/restore_set.hpp"

#include "manifest_fixture.hpp"

namespace ib::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> brings(const Manifest& manifest)
{
  const RestoreSet set = must(RestoreSet::of(manifest));
  const std::vector<FileRecord> records = drain(must(set.records()));
  for (const FileRecord& record : records)
    EXPECT_EQ(must(set.find(record.path))->content, record.content);
  return described(records);
}

TEST_F(Manifests, BringBackTheirRowsAndWhatTheAuditHasPlaced)
{
  Manifest manifest = create();
  write(manifest, dated("/b", "b", 1));
  write(manifest, dated("/moved/c", "c", 1));
  write(manifest, gone(dated("/gone", "d", 1)));
  EXPECT_THAT(brings(manifest), ElementsAre("/b=library/b", "/moved/c=library/moved/c"));

  Placer placer = must(Placer::begin(manifest));
  must(placer.place("/c", must(manifest.find("/moved/c")).value()));
  must(placer.place("/gone", must(manifest.find("/gone")).value()));
  must(placer.place("/b", must(manifest.find("/gone")).value()));
  EXPECT_EQ(must(placer.finish("database/1")), "database/1");
  EXPECT_THAT(brings(manifest), ElementsAre("/b=library/gone", "/c=library/moved/c",
                                            "/gone=library/gone", "/moved/c=library/moved/c"));
  EXPECT_THAT(described(drain(must(must(RestoreSet::as_in_library(manifest)).records()))),
              ElementsAre("/b=library/b", "/moved/c=library/moved/c"))
      << "the library's own bytes are kept";
  EXPECT_EQ(must(must(RestoreSet::of(manifest)).find("/gone"))->content, content_of("d"));
  EXPECT_EQ(must(must(RestoreSet::of(manifest)).find("/nowhere")), std::nullopt);

  const Manifest reopened = must(Manifest::open(packed(manifest), "packed"));
  EXPECT_EQ(must(placed_for(reopened)), "database/1");
  EXPECT_EQ(brings(reopened), brings(manifest));
}

TEST_F(Manifests, AreChangedByAnAuditOnlyIfItPlacesSomethingElse)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "a", 1));
  const FileRecord a = must(manifest.find("/a")).value();
  const auto place = [](Manifest& into, const std::vector<std::string>& paths,
                        const FileRecord& content, const std::string& dump) {
    Placer placer = must(Placer::begin(into));
    for (const std::string& path : paths) must(placer.place(path, content));
    return must(placer.finish(dump));
  };
  EXPECT_EQ(place(manifest, {}, a, "database/1"), "") << "nothing is placed for nobody";
  EXPECT_EQ(place(manifest, {"/x", "/y"}, a, "database/1"), "database/1");

  Manifest next = must(Manifest::open(packed(manifest), "packed"));
  EXPECT_EQ(place(next, {"/y", "/x"}, a, "database/2"), "database/1");
  EXPECT_FALSE(next.changed());
  EXPECT_EQ(place(next, {"/x"}, a, "database/3"), "database/3");
  EXPECT_TRUE(next.changed());
  EXPECT_THAT(brings(next), ElementsAre("/a=library/a", "/x=library/a"));

  Manifest last = must(Manifest::open(packed(next), "packed"));
  EXPECT_EQ(place(last, {}, a, "database/4"), "");
  EXPECT_TRUE(last.changed());
  EXPECT_THAT(brings(last), ElementsAre("/a=library/a"));
}

TEST_F(Manifests, TellOfWhatIsPlacedAsTheLastStateOfItsPath)
{
  Manifest manifest = create();
  write(manifest, dated("/edited", "edited", 1));
  write(manifest, dated("/moved", "b", 2));
  Placer placer = must(Placer::begin(manifest));
  FileRecord known = file_record("/edited", "as Immich knows it");
  known.object = ObjectName{"versions/edited/1"};
  must(placer.place("/edited", known));
  must(placer.place("/named", must(manifest.find("/moved")).value()));
  must(placer.finish("database/1"));

  const std::vector<PathState> edited = must(manifest.history("/edited"));
  ASSERT_EQ(edited.size(), 2U);
  EXPECT_FALSE(edited[0].placed);
  EXPECT_EQ(edited[0].since, run_of(1));
  EXPECT_TRUE(edited[1].placed);
  EXPECT_EQ(edited[1].record.content, known.content);
  EXPECT_EQ(edited[1].record.object_name().value, "versions/edited/1");
  EXPECT_EQ(edited[1].since, RecordingRun{});
  EXPECT_EQ(edited[1].until, std::nullopt);
  EXPECT_TRUE(must(manifest.history("/named")).at(0).placed);

  const auto paths_of = [](const std::vector<std::vector<PathState>>& histories) {
    std::vector<std::string> paths;
    for (const std::vector<PathState>& states : histories)
      paths.push_back(states.back().record.path + (states.back().placed ? " placed" : ""));
    return paths;
  };
  EXPECT_THAT(paths_of(drain(must(manifest.histories()))),
              ElementsAre("/edited placed", "/moved", "/named placed"));
  EXPECT_THAT(paths_of(drain(must(manifest.states_with(content_of("b").sha256)))),
              ElementsAre("/moved", "/named placed"));
  EXPECT_THAT(paths_of(drain(must(manifest.states_with(known.content.sha1)))),
              ElementsAre("/edited placed"));
}

TEST_F(Manifests, RelyOnWhatIsPlaced)
{
  Manifest manifest = create();
  write(manifest, dated("/a", "a", 1));
  FileRecord other = file_record("/b", "b");
  other.object = ObjectName{"versions/b/1"};
  Placer placer = must(Placer::begin(manifest));
  must(placer.place("/x", other));
  must(placer.finish("database/1"));
  std::vector<std::string> names;
  for (const StoredContent& stored : drain(must(manifest.stored_contents())))
    names.push_back(stored.name.value);
  EXPECT_THAT(names, ElementsAre("library/a", "versions/b/1"));
  EXPECT_EQ(must(manifest.forget_object({"versions/b/1"})), 1U);
  EXPECT_THAT(brings(manifest), ElementsAre("/a=library/a"));
}

}  // namespace
}  // namespace ib::test
