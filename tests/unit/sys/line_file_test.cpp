// SPDX-License-Identifier: Apache-2.0
#include "sys/line_file.hpp"

#include "support/matchers.hpp"
#include "support/temp_dir.hpp"

#include <sys/resource.h>
#include <csignal>

namespace ib::test {
namespace {

class LineFiles : public testing::Test {
protected:
  std::vector<std::string> lines() { return must(read_lines(folder_, "log", 1000)); }

  const TempDir dir_;
  Folder folder_ = must(Folder::open(dir_.path()));
};

TEST_F(LineFiles, Grow)
{
  {
    LineFile file = must(LineFile::open(folder_, "log"));
    must(file.add("one"));
    must(file.add_now(""));
  }
  LineFile file = must(LineFile::open(folder_, "log"));
  must(file.add("three"));
  EXPECT_EQ(dir_.read_file("log"), "one\n\nthree\n");
  EXPECT_THAT(lines(), ElementsAre("one", "", "three"));
}

TEST_F(LineFiles, BeginANewLineAfterACrash)
{
  dir_.write_file("log", "one\ncut o");
  EXPECT_THAT(lines(), ElementsAre("one"));
  must(must(LineFile::open(folder_, "log")).add("two"));
  EXPECT_THAT(lines(), ElementsAre("one", "cut o", "two"));
}

TEST_F(LineFiles, BeginANewLineAfterAFullDisk)
{
  LineFile file = must(LineFile::open(folder_, "log"));
  must(file.add("one"));
  auto* const old = ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit full{.rlim_cur = 6, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_TRUE(fails_with(Errc::io, file.add("two")));
  EXPECT_FALSE(file.add("three"));
  must(LineFile::open(folder_, "log"));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, old);
  must(file.add("four"));
  EXPECT_THAT(lines(), ElementsAre("one", "tw", "four"));
}

TEST_F(LineFiles, AreNotFollowedThroughLinks)
{
  dir_.write_file("other", "");
  dir_.make_symlink("log", "other");
  EXPECT_FALSE(LineFile::open(folder_, "log"));
  EXPECT_TRUE(fails_with(Errc::invalid, LineFile::open(folder_, "../log")));
}

TEST_F(LineFiles, AreReadUpToALimit)
{
  dir_.write_file("log", std::string(999, 'x') + "\n");
  EXPECT_THAT(lines(), SizeIs(1));
  dir_.write_file("log", std::string(1000, 'x') + "\n");
  EXPECT_TRUE(fails_with(Errc::too_large, read_lines(folder_, "log", 1000)));
  EXPECT_TRUE(fails_with(Errc::not_found, read_lines(folder_, "nothing", 1000)));
}

}  // namespace
}  // namespace ib::test
