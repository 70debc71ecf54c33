// SPDX-License-Identifier: Apache-2.0
#include "manifest/named_files.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

std::vector<NamedFile> all_of(NamedFiles& files)
{
  std::vector<NamedFile> all;
  const auto cursor = must(files.in_order());
  while (std::optional<NamedFile> file = must(cursor->next())) all.push_back(std::move(*file));
  return all;
}

TEST(NamedFiles, ComeInTheByteOrderOfTheirPathsWithAllThatIsKnownOfThem)
{
  const TempDir folder;
  NamedFiles files = must(NamedFiles::create(folder.path() + "/named.db"));
  const NamedFile last{
      .path = "/b/\xC3\xA9.jpg", .id = "3", .sha1 = content_of("x").sha1, .trashed = true};
  const NamedFile first{.kind = NamedFile::Kind::sidecar,
                        .path = "/a-b",
                        .id = "1",
                        .sha1 = {},
                        .odd_checksum = true,
                        .external = true,
                        .offline = true,
                        .being_deleted = true,
                        .outside = true};
  const NamedFile second{.path = "/a/b", .id = "2", .sha1 = {}};
  for (const NamedFile& file : {last, second, first}) must(files.add(file));
  EXPECT_THAT(all_of(files), ElementsAre(first, second, last));
}

}  // namespace
}  // namespace ib::test
