// SPDX-License-Identifier: Apache-2.0
#include "immich/snapshot.hpp"
#include "postgres/client_tools.hpp"
#include "postgres/dump.hpp"
#include "support/builders.hpp"
#include "support/immich_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

namespace ib::test {
namespace {

std::vector<NamedFile> read(DatabaseSnapshot& snapshot, NamedFile::Kind kind)
{
  std::vector<NamedFile> files;
  must(snapshot.named_files(kind, [&](const NamedFile& file) -> Result<> {
    files.push_back(file);
    return {};
  }));
  std::ranges::sort(files, {}, &NamedFile::path);
  return files;
}

class SnapshotOf : public ::testing::TestWithParam<Generation> {
protected:
  ImmichDatabase database_{shared_cluster(),
                           "snapshot_" + std::to_string(static_cast<int>(GetParam())), GetParam()};
};

TEST_P(SnapshotOf, NamesEveryFileOfImmichsOwn)
{
  const Sha1 sha1 = content_of("a").sha1;
  database_.add_all(
      {{.path = "/upload/a b'\"\\\n.jpg", .sha1 = sha1, .sidecar = "/upload/x/s.xmp"},
       {.path = "/upload/b.jpg", .sha1 = content_of("b").sha1, .status = "trashed"},
       {.path = "/upload/c.jpg", .sha1 = content_of("c").sha1, .status = "deleted"},
       {.path = "/upload/odd.jpg", .checksum = "0102"},
       {.path = "/encoded-video/u/m-MP.mp4", .sha1 = content_of("m").sha1, .type = "VIDEO"},
       {.path = "/mnt/photos/e.jpg",
        .sha1 = content_of("path").sha1,
        .algorithm = "sha1-path",
        .external = true,
        .offline = true}});
  database_.sql("UPDATE " + database_.table("user") + " SET \"profileImagePath\" = '" +
                database_.path_in_database("/profile/u/p.jpg") + "';");
  DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(database_.address(), {}));

  const auto originals = read(snapshot, NamedFile::Kind::original);
  ASSERT_EQ(originals.size(), 6U);
  std::map<std::string, NamedFile> by_path;
  for (const NamedFile& file : originals) by_path[file.path] = file;
  const auto at = [&](std::string_view path) {
    return by_path.at(database_.path_in_database(path));
  };
  EXPECT_EQ(at("/upload/a b'\"\\\n.jpg").sha1, sha1);
  EXPECT_FALSE(at("/upload/a b'\"\\\n.jpg").trashed);
  EXPECT_EQ(at("/upload/a b'\"\\\n.jpg").id.size(), 36U);
  EXPECT_TRUE(at("/upload/b.jpg").trashed);
  EXPECT_FALSE(at("/upload/b.jpg").being_deleted);
  EXPECT_TRUE(at("/upload/c.jpg").being_deleted);
  EXPECT_TRUE(at("/upload/odd.jpg").odd_checksum);
  EXPECT_FALSE(at("/upload/odd.jpg").sha1);
  EXPECT_TRUE(at("/encoded-video/u/m-MP.mp4").sha1);
  const NamedFile& external = by_path.at("/mnt/photos/e.jpg");
  EXPECT_TRUE(external.external);
  EXPECT_TRUE(external.offline);
  EXPECT_FALSE(external.sha1) << "it is one of the path, not of the bytes";
  EXPECT_FALSE(external.odd_checksum);

  const auto sidecars = read(snapshot, NamedFile::Kind::sidecar);
  ASSERT_EQ(sidecars.size(), 1U);
  EXPECT_EQ(sidecars[0].path, database_.path_in_database("/upload/x/s.xmp"));
  EXPECT_EQ(sidecars[0].id, at("/upload/a b'\"\\\n.jpg").id);
  const auto avatars = read(snapshot, NamedFile::Kind::avatar);
  ASSERT_EQ(avatars.size(), 1U);
  EXPECT_EQ(avatars[0].path, database_.path_in_database("/profile/u/p.jpg"));
}
INSTANTIATE_TEST_SUITE_P(Versions, SnapshotOf, ::testing::ValuesIn(kGenerations));

TEST(Snapshot, LetsPgDumpSeeWhatItSaw)
{
  ImmichDatabase database(shared_cluster(), "snapshot_dump");
  database.add({.path = "/upload/before.jpg", .checksum = "00"});
  DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(database.address(), {}));
  database.sql("UPDATE asset SET \"originalPath\" = '/data/upload/after.jpg';");
  EXPECT_EQ(read(snapshot, NamedFile::Kind::original).at(0).path, "/data/upload/before.jpg");
  std::string dump;
  must(dump_database(must(find_client("pg_dump", snapshot.server_major(), "", {})),
                     database.address(),
                     [&](ByteView bytes) -> Result<> {
                       dump += text_of(bytes);
                       return {};
                     },
                     {}, {.snapshot = snapshot.id()}));
  EXPECT_THAT(dump, HasSubstr("/data/upload/before.jpg"));
  EXPECT_THAT(dump, Not(HasSubstr("/data/upload/after.jpg")));
}

TEST(Snapshot, OutlivesAReadThatIsRefused)
{
  ImmichDatabase database(shared_cluster(), "snapshot_rights");
  database.add({.path = "/upload/a.jpg", .checksum = "00", .sidecar = "/upload/a.jpg.xmp"});
  database.sql(R"(CREATE ROLE reader LOGIN PASSWORD 'reader';
                  GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; REVOKE ALL ON asset_file FROM reader;)");
  DatabaseAddress address = database.address();
  address.user = "reader";
  address.password = "reader";
  DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(address, {}));
  EXPECT_THAT(snapshot.id(), Not(IsEmpty())) << "no superuser is needed";
  const auto refused =
      snapshot.named_files(NamedFile::Kind::sidecar, [](const NamedFile&) { return Result<>{}; });
  EXPECT_TRUE(fails_with(Errc::denied, refused));
  EXPECT_THAT(refused.error().message, HasSubstr("asset_file"));
  EXPECT_EQ(read(snapshot, NamedFile::Kind::original).size(), 1U);
  // And what was exported is still there for others.
  Connection other = must(Connection::open(address, {}));
  must(other.begin("REPEATABLE READ"));
  EXPECT_TRUE(ok(other.query("SET TRANSACTION SNAPSHOT '" + snapshot.id() + "'")));
}

TEST(Snapshot, EndsItsTransaction)
{
  ImmichDatabase database(shared_cluster(), "snapshot_end");
  DatabaseSnapshot snapshot = must(DatabaseSnapshot::take(database.address(), {}));
  const std::string open =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = 'snapshot_end' AND state LIKE 'idle "
      "in%'";
  EXPECT_EQ(database.query(open), "1");
  must(snapshot.end());
  EXPECT_EQ(database.query(open), "0");
}

}  // namespace
}  // namespace ib::test
