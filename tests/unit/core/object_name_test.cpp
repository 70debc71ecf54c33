// SPDX-License-Identifier: Apache-2.0
#include "core/names/object_name.hpp"

#include "support/builders.hpp"

namespace ib::test {
namespace {

std::vector<std::string> values(const std::vector<ObjectName>& names)
{
  std::vector<std::string> values;
  for (const ObjectName& name : names) values.push_back(name.value);
  return values;
}

TEST(ObjectNames, AreWhatStoresAndFoldersCanBothHold)
{
  for (const std::string& good :
       {std::string("a"), std::string("library/upload/2024/01/photo.jpg"), std::string("a b"),
        std::string(".hidden"), std::string("..."), std::string("a/..b/c."),
        std::string("f\xC3\xBCr/\xF0\x9F\x93\xB7"), std::string("#[]*?"), std::string(1024, 'x'),
        std::string(".well-known/other")}) {
    EXPECT_TRUE(is_valid_object_name(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("/"), std::string("/a"),
        std::string("a/"), std::string("a//b"), std::string("a/./b"), std::string("a/../b"),
        std::string("a/.."), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3),
        std::string("a\xFF"), std::string("\xC3"), std::string(1025, 'x'),
        std::string(".well-known/acme-challenge/x")}) {
    EXPECT_FALSE(is_valid_object_name(bad)) << bad;
  }
}

TEST(LibraryName, IsTheNameUnderLibrary)
{
  EXPECT_EQ(library_name("/upload/a.jpg"), (ObjectName{"library/upload/a.jpg"}));
  EXPECT_EQ(library_name("/" + std::string(1016, 'x'))->value.size(), 1024U);
  for (const std::string& bad :
       {std::string(), std::string("upload/a.jpg"), std::string("/a\nb"), std::string("/\xFF"),
        std::string("/../x"), "/" + std::string(1017, 'x')}) {
    EXPECT_FALSE(library_name(bad)) << bad;
  }
}

TEST(CandidateNames, AreTriedFromTheReadableToTheOneThatIsAlwaysFree)
{
  const Sha256 content = sha256(bytes_of("content"));
  const Sha256 path = sha256(bytes_of("/upload/a.jpg"));
  const std::string version = "versions/upload/a.jpg/" + content.hex();
  const std::string hashed = "hashed/" + path.hex() + "/" + content.hex();
  EXPECT_THAT(values(candidate_names("/upload/a.jpg", content, path, true, "f00d")),
              ElementsAre("library/upload/a.jpg", version, hashed, hashed + "-f00d"));
  EXPECT_THAT(values(candidate_names("/upload/a.jpg", content, path, false, "f00d")),
              ElementsAre(version, hashed, hashed + "-f00d"));
}

TEST(CandidateNames, OfPathsThatMakeNoNameAreHashedAlone)
{
  const Sha256 digest = sha256(bytes_of("x"));
  for (const std::string& path :
       {std::string("/a\nb"), std::string("/a\rb"), std::string("/\xFF.jpg"),
        std::string("/a/../b"), "/" + std::string(1020, 'x')}) {
    for (const bool first : {true, false}) {
      const std::vector<ObjectName> names = candidate_names(path, digest, digest, first, "f00d");
      ASSERT_EQ(names.size(), 2U) << path;
      EXPECT_THAT(names.front().value, StartsWith(kHashedPrefix));
      EXPECT_TRUE(is_valid_object_name(names.front().value));
    }
  }
}

TEST(CandidateNames, LeaveOutAVersionNameThatBecomesTooLong)
{
  const Sha256 digest = sha256(bytes_of("x"));
  const std::string path = "/" + std::string(1000, 'x');
  const std::vector<std::string> names =
      values(candidate_names(path, digest, digest, true, "f00d"));
  EXPECT_THAT(names, ElementsAre("library" + path, StartsWith(kHashedPrefix), EndsWith("-f00d")));
}

TEST(DumpName, SaysTimeAndVersion)
{
  EXPECT_EQ(dump_name(at(1'705'287'600), "v2.3.1").value,
            "database/2024-01-15T03-00-00-immich-v2.3.1.sql.gz");
}

TEST(DumpName, IsNotLedAstrayByAVersionFromADatabase)
{
  for (const std::string& hostile :
       {std::string("../../library/x"), std::string("v1\n\r"), std::string("a\0b", 3),
        std::string("\xFF\xFE"), std::string(5000, 'v'), std::string(" "), std::string()}) {
    const std::string name = dump_name(at(0), hostile).value;
    EXPECT_TRUE(is_valid_object_name(name)) << name;
    EXPECT_THAT(name, StartsWith("database/1970-01-01T00-00-00-immich-"));
    EXPECT_THAT(name, EndsWith(".sql.gz"));
    EXPECT_EQ(std::ranges::count(name, '/'), 1) << name;
    EXPECT_LT(name.size(), 200U);
  }
  EXPECT_EQ(dump_name(at(0), "").value, "database/1970-01-01T00-00-00-immich-unknown.sql.gz");
}

TEST(ManifestNames, TellTheirTime)
{
  for (const std::int64_t seconds : {std::int64_t{0}, std::int64_t{1'768'446'000}, std::int64_t{-1},
                                     std::int64_t{1'709'164'800}}) {
    EXPECT_EQ(manifest_time(manifest_name(at(seconds))), at(seconds));
    EXPECT_EQ(restore_point_time(restore_point_name(at(seconds))), at(seconds));
    EXPECT_FALSE(manifest_time(restore_point_name(at(seconds))));
    EXPECT_FALSE(restore_point_time(manifest_name(at(seconds))));
  }
  EXPECT_EQ(manifest_name(at(1'768'446'000)).value, "manifest-20260115T030000Z.db");
}

TEST(ManifestNames, OfOthersTellNoTime)
{
  for (const char* other : {"manifest.db", "manifest-.db", "manifest-20260115T030000.db",
                            "manifest-20260115T030000Z.db.gz", "manifest-20260115T030000Z",
                            "manifest-20261315T030000Z.db", "manifest-2026-01-15T0300Z.db",
                            "manifest-20260115 030000Z.db", "x/manifest-20260115T030000Z.db",
                            "manifest-20260115T030000z.db", ""}) {
    EXPECT_FALSE(manifest_time({other})) << other;
  }
}

TEST(FixedNames, AreValid)
{
  for (const ObjectName& name : {begin_mark_name("r1"), end_mark_name("r1"), proof_name(at(0)),
                                 manifest_name(at(0)), restore_point_name(at(0))}) {
    EXPECT_TRUE(is_valid_object_name(name.value)) << name.value;
  }
  EXPECT_EQ(begin_mark_name("r1").value, "runs/r1/begin.json");
  EXPECT_EQ(end_mark_name("r1").value, "runs/r1/end.json");
  EXPECT_EQ(checkpoint_name("r1", 12).value, "runs/r1/checkpoint-000012.db");
  EXPECT_EQ(taken_in_mark_name("r1", 0).value, "runs/r1/taken-in-000000.json");
}

TEST(CheckpointNumber, IsThatOfTheName)
{
  EXPECT_EQ(checkpoint_number(checkpoint_name("r1", 12)), 12U);
  EXPECT_EQ(checkpoint_number(checkpoint_name("r1", 1'234'567)), 1'234'567U);
  EXPECT_EQ(taken_in_number(taken_in_mark_name("r1", 3)), 3U);
  for (const char* other :
       {"runs/r1/checkpoint-.db", "runs/r1/checkpoint-x.db", "runs/r1/checkpoint-1.json",
        "runs/r1/checkpoint-1x.db", "library/checkpoint-1.db", "runs/r1/begin.json",
        "runs/r1/taken-in-000001.json", "runs/r1/checkpoint-99999999999.db"}) {
    EXPECT_FALSE(checkpoint_number({other})) << other;
  }
  EXPECT_FALSE(taken_in_number(checkpoint_name("r1", 3)));
}

}  // namespace
}  // namespace ib::test
