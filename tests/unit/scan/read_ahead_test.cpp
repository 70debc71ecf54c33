// SPDX-License-Identifier: Apache-2.0
//
// The walk with threads that read ahead delivers what a walk without them does.
#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "scan/library_scan.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

namespace {

/// How many microseconds each listing of a folder takes in addition, as over a network. Where it is
/// not 0, listings are counted: all, and the most at once.
std::atomic<unsigned> slower_by{0};
std::atomic<int> listings{0};
std::atomic<int> listed_now{0};
std::atomic<int> listed_at_once{0};

}  // namespace

/// In the place of the C library's, for the whole test program.
extern "C" ssize_t getdents64(int folder, void* buffer, size_t size) noexcept
{
  if (const unsigned us = slower_by; us > 0) {
    ++listings;
    const int now = ++listed_now;
    int most = listed_at_once;
    while (now > most && !listed_at_once.compare_exchange_weak(most, now)) {
    }
    std::this_thread::sleep_for(std::chrono::microseconds(us));
    --listed_now;
  }
  return ::syscall(SYS_getdents64, folder, buffer, size);
}

namespace ib::test {
namespace {

struct Walked {
  std::vector<std::string> items;  ///< "path size mtime", and "?" + prefix of uncertain folders
  std::vector<std::pair<std::string, std::string>> problems;
  std::map<std::string, std::uint64_t> left_out;
};

struct How {
  unsigned threads = 4;
  unsigned processors = 16;  ///< as many as are needed for all threads to read at once
  std::vector<std::string> exclude = {};
  std::function<void(const std::string& path)> meanwhile = {};
  std::stop_token stop = {};
  std::size_t entries_at_once = 1000;
};

Result<Walked> walk(const std::string& root, const How& how = {})
{
  Walked walked;
  const Library library = TRY(Library::open(root));
  LibraryScan scan(
      library,
      {.scope = Scope(TRY(parse_patterns({"**"})), TRY(parse_patterns(how.exclude))),
       .marked_folders = {},
       .marker = ".immich",
       .problem =
           [&](Problem problem) { walked.problems.emplace_back(problem.path, problem.code); },
       .note = [](const std::string&) {},
       .threads = how.threads,
       .processors = how.processors,
       .entries_at_once = how.entries_at_once,
       .stop = how.stop});
  while (std::optional<ScanItem> item = TRY(scan.next())) {
    std::string path;
    if (const auto* file = std::get_if<SourceFile>(&*item)) {
      path = file->path;
      walked.items.push_back(path + " " + std::to_string(file->size) + " " +
                             std::to_string(file->mtime_ns));
    } else {
      path = "?" + std::get<UncertainFolder>(*item).prefix;
      walked.items.push_back(path);
    }
    if (how.meanwhile) how.meanwhile(path);
  }
  walked.left_out = scan.left_out().files;
  return walked;
}

/// What a walk should deliver, by the simplest means: all paths, sorted.
std::vector<std::string> reference(const std::string& root)
{
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    struct stat st {};
    EXPECT_EQ(::lstat(entry.path().c_str(), &st), 0);
    const std::string path = entry.path().string().substr(root.size());
    files.emplace_back(path,
                       path + " " + std::to_string(st.st_size) + " " +
                           std::to_string(st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec));
  }
  std::ranges::sort(files);
  std::vector<std::string> items;
  for (auto& [path, item] : files) items.push_back(std::move(item));
  return items;
}

void touch(const std::string& path, std::size_t size = 0)
{
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY, 0644);
  ASSERT_GE(fd, 0) << path;
  ASSERT_EQ(::ftruncate(fd, static_cast<off_t>(size)), 0);
  ::close(fd);
}

/// Names that sort around the slash, in whose place a folder's name ends.
const std::vector<std::string> kNames = {
    "a",        "a.b",           "a-b", "a0", "a b", "a\x01", "A", "b", " ",  "\xFF",
    "\xC3\xBC", "with\nnewline", "-",   ".",  "..a", "z",     "0", "~", "a.", "a!"};

void grow(const std::string& folder, std::mt19937& random, int depth, int& left)
{
  const std::size_t count = random() % 12;
  for (std::size_t i = 0; i < count && left > 0; ++i) {
    std::string name = kNames[random() % kNames.size()];
    if (name == ".") name = ".hidden";
    if (random() % 2 == 0) name += std::to_string(random() % 100);
    const std::string path = folder + "/" + name;
    if (std::filesystem::exists(path)) continue;
    --left;
    if (depth < 6 && random() % 2 == 0) {
      std::filesystem::create_directory(path);
      grow(path, random, depth + 1, left);
    } else {
      touch(path, random() % 100);
    }
  }
}

TEST(ReadAheads, DeliverRandomTreesAsTheyAre)
{
  std::size_t most = 0;
  for (unsigned seed = 0; seed < 8; ++seed) {
    const TempDir dir;
    std::mt19937 random(seed);
    dir.make_folder("top");
    int left = 600;
    for (int i = 0; i < 20; ++i) grow(dir.path() + (i % 2 == 0 ? "" : "/top"), random, 0, left);
    const std::vector<std::string> expected = reference(dir.path());
    most = std::max(most, expected.size());
    for (const auto& [threads, processors] :
         {std::pair{0U, 16U}, {1U, 16U}, {2U, 16U}, {7U, 16U}, {7U, 1U}, {7U, 3U}, {7U, 0U}}) {
      const Walked walked = must(walk(dir.path(), {.threads = threads, .processors = processors}));
      ASSERT_EQ(walked.items, expected)
          << "seed " << seed << ", " << threads << " threads, " << processors << " processors";
      ASSERT_THAT(walked.problems, IsEmpty());
    }
  }
  EXPECT_GT(most, 200U);
}

TEST(ReadAheads, LeaveOutTheSame)
{
  const TempDir dir;
  std::mt19937 random(99);
  dir.make_folder("top");
  int left = 2000;
  for (int i = 0; i < 40; ++i) grow(dir.path() + "/top", random, 0, left);
  const std::vector<std::string> exclude = {"a*", "/top/z*/", "*5"};
  const Walked alone = must(walk(dir.path(), {.threads = 0, .exclude = exclude}));
  const Walked together = must(walk(dir.path(), {.threads = 4, .exclude = exclude}));
  EXPECT_EQ(together.items, alone.items);
  EXPECT_EQ(together.left_out, alone.left_out);
  EXPECT_FALSE(alone.left_out.empty());
}

TEST(ReadAheads, DeliverWideAndLargeFolders)
{
  const TempDir dir;
  // More folders than are read ahead, more files than one thread looks at, and both beside each
  // other.
  for (int i = 0; i < 1000; ++i) dir.write_file("top/many/" + std::to_string(i) + "/f", "x");
  dir.make_folder("top/large");
  for (int i = 0; i < 1500; ++i) {
    touch(dir.file("top/large/" + std::to_string(i) + ".jpg"), static_cast<std::size_t>(i));
    if (i % 7 == 0) dir.write_file("top/large/" + std::to_string(i) + "/inner", "x");
  }
  const std::vector<std::string> expected = reference(dir.path());
  for (const unsigned threads : {0U, 1U, 4U}) {
    for (const unsigned processors : {1U, 16U})
      EXPECT_EQ(must(walk(dir.path(), {.threads = threads, .processors = processors})).items,
                expected);
  }
}

TEST(ReadAheads, DeliverAFolderOfMoreEntriesThanAreHeldAtOnce)
{
  const TempDir dir;
  dir.make_folder("top/huge");
  for (unsigned i = 0; i < 2500; ++i)
    touch(dir.file("top/huge/" + std::to_string(i * 2654435761U)));
  for (int i = 0; i < 50; ++i) dir.write_file("top/huge/" + std::to_string(i) + ".d/f", "x");
  dir.write_file("top/i", "x");
  const std::vector<std::string> expected = reference(dir.path());
  ASSERT_EQ(expected.size(), 2551U);
  for (const std::size_t at_once : {100U, 1275U, 2549U, 2550U, 2551U}) {
    for (const unsigned threads : {0U, 4U}) {
      const Walked walked =
          must(walk(dir.path(), {.threads = threads, .entries_at_once = at_once}));
      EXPECT_EQ(walked.items, expected) << at_once << " at once";
    }
  }
}

TEST(ReadAheads, DeliverFoldersOneEntryAtATime)
{
  const TempDir dir;
  std::mt19937 random(5);
  int left = 200;
  dir.make_folder("top");
  for (int i = 0; i < 10; ++i) grow(dir.path() + "/top", random, 0, left);
  const std::vector<std::string> expected = reference(dir.path());
  for (const std::size_t at_once : {1U, 2U, 3U})
    EXPECT_EQ(must(walk(dir.path(), {.entries_at_once = at_once})).items, expected) << at_once;
}

/// Makes, deeper than any path may be long, a/a/.../f.
void make_deep(const std::string& top, int depth)
{
  int folder = ::open(top.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < depth; ++i) {
    ASSERT_EQ(::mkdirat(folder, "a", 0755), 0);
    ASSERT_EQ(::mknodat(folder, i % 2 == 0 ? "a.b" : "b", S_IFREG | 0644, 0), 0);
    const int next = ::openat(folder, "a", O_RDONLY | O_DIRECTORY);
    ASSERT_GE(next, 0);
    ::close(folder);
    folder = next;
  }
  ASSERT_EQ(::mknodat(folder, "f", S_IFREG | 0644, 0), 0);
  ::close(folder);
}

TEST(ReadAheads, GoDeeperThanTheyReadAheadWithFewOpenFolders)
{
  const TempDir dir;
  dir.make_folder("top");
  constexpr int kDepth = 1200;
  make_deep(dir.file("top"), kDepth);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{.rlim_cur = 600, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const Result<Walked> walked = walk(dir.path());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(ok(walked));
  EXPECT_THAT(walked->problems, IsEmpty());
  EXPECT_EQ(walked->items.size(), kDepth + 1U);
}

TEST(ReadAheads, NameUnreadableFoldersInTheirPlace)
{
  const TempDir dir;
  for (int i = 0; i < 300; ++i) dir.write_file("top/" + std::to_string(i) + "/sub/f", "x");
  const auto set_modes = [&](mode_t closed, mode_t listable) {
    ASSERT_EQ(::chmod(dir.file("top/117").c_str(), closed), 0);
    ASSERT_EQ(::chmod(dir.file("top/200").c_str(), listable), 0);
    ASSERT_EQ(::chmod(dir.file("top/201/sub").c_str(), listable), 0);
  };
  set_modes(0000, 0444);
  Result<Walked> alone;
  Result<Walked> together;
  {
    const WithoutRoot permissions_count;
    alone = walk(dir.path(), {.threads = 0});
    together = walk(dir.path(), {.threads = 4});
  }
  set_modes(0755, 0755);
  ASSERT_TRUE(ok(alone));
  ASSERT_TRUE(ok(together));
  EXPECT_EQ(together->items, alone->items);
  EXPECT_EQ(together->items.size(), 300U);
  EXPECT_THAT(together->problems, ElementsAre(Pair("/top/117/", "folder_unreadable"),
                                              Pair("/top/200/", "folder_unreadable"),
                                              Pair("/top/201/sub/", "folder_unreadable")));
  EXPECT_THAT(together->items, Contains("?/top/201/sub/"));
}

TEST(ReadAheads, ComeThroughFoldersThatChangeMeanwhile)
{
  for (const unsigned threads : {1U, 4U}) {
    const TempDir outside;
    outside.write_file("secret", "x");
    const TempDir dir;
    for (int i = 0; i < 2000; ++i) dir.write_file("top/" + std::to_string(i) + "/sub/f", "x");
    const std::vector<std::string> before = reference(dir.path());
    int passed = 0;
    const Walked walked =
        must(walk(dir.path(), {.threads = threads, .meanwhile = [&](const std::string&) {
                                 // Ahead of the walk, and within what is being read ahead.
                                 const std::string n = "top/" + std::to_string(++passed % 2000);
                                 if (!dir.exists(n)) return;
                                 if (passed % 3 == 0) dir.remove(n);
                                 if (passed % 3 == 1) {
                                   dir.remove(n);
                                   dir.make_symlink(n, outside.path());
                                 }
                                 if (passed % 3 == 2) dir.write_file(n + "/sub/g", "x");
                               }}));
    std::string last;
    for (const std::string& item : walked.items) {
      const std::string path =
          item.starts_with('?') ? item.substr(1) : item.substr(0, item.find(' '));
      EXPECT_LT(last, path) << "in order, and each once";
      EXPECT_EQ(path.find("secret"), std::string::npos) << "led out of the library";
      last = path;
    }
    for (const auto& [path, code] : walked.problems)
      EXPECT_THAT(code, testing::AnyOf("folder_unreadable", "symlink"));
    EXPECT_GT(walked.items.size(), before.size() / 3);
  }
}

TEST(ReadAheads, ReadWithMoreThreadsThanProcessorsWhereTheyHaveToWait)
{
  const TempDir dir;
  for (int i = 0; i < 400; ++i) dir.write_file("top/" + std::to_string(i) + "/f", "x");
  const std::vector<std::string> expected = reference(dir.path());
  listed_at_once = 0;
  slower_by = 2000;
  const Result<Walked> walked = walk(dir.path(), {.threads = 6, .processors = 2});
  slower_by = 0;
  EXPECT_EQ(must(walked).items, expected);
  EXPECT_GE(listed_at_once, 5) << "of six threads and the walk";
}

TEST(ReadAheads, EndWhenTheScanIsDropped)
{
  const TempDir dir;
  for (int i = 0; i < 500; ++i) dir.write_file("top/" + std::to_string(i) + "/f", "x");
  const Library library = must(Library::open(dir.path()));
  for (int items = 0; items < 20; ++items) {
    LibraryScan scan(library, {.scope = Scope(must(parse_patterns({"**"})), {}),
                               .marked_folders = {},
                               .marker = "",
                               .problem = [](const Problem&) {},
                               .note = [](const std::string&) {},
                               .threads = 4,
                               .processors = 16});
    for (int i = 0; i < items; ++i) EXPECT_TRUE(must(scan.next()));
  }
}

TEST(ReadAheads, BeginNoMoreFoldersOnceStopped)
{
  const TempDir dir;
  for (int i = 0; i < 600; ++i) dir.write_file("top/" + std::to_string(i) + "/f", "x");
  const Library library = must(Library::open(dir.path()));
  std::stop_source stop;
  listings = 0;
  slower_by = 5000;
  std::atomic<int> before_stop = 0;
  std::jthread stopper;
  {
    LibraryScan scan(library, {.scope = Scope(must(parse_patterns({"**"})), {}),
                               .marked_folders = {},
                               .marker = "",
                               .problem = [](const Problem&) {},
                               .note = [](const std::string&) {},
                               .threads = 6,
                               .processors = 16,
                               .stop = stop.get_token()});
    stopper = std::jthread([&] {
      while (listings < 100) std::this_thread::yield();
      before_stop = listings.load();
      stop.request_stop();
    });
    while (!stop.stop_requested() && scan.next()) {
    }
  }
  slower_by = 0;
  stopper.join();
  // A folder that was begun is listed by two calls.
  EXPECT_LE(listings - before_stop, 3 * 7) << "of six threads and the walk";
}

TEST(ReadAheads, DoNotWaitOnceStopped)
{
  const TempDir dir;
  for (int i = 0; i < 500; ++i) dir.write_file("top/" + std::to_string(i) + "/f", "x");
  std::stop_source stop;
  std::size_t delivered = 0;
  const Result<Walked> walked = walk(dir.path(), {.threads = 4,
                                                  .meanwhile =
                                                      [&](const std::string&) {
                                                        if (++delivered == 100) stop.request_stop();
                                                      },
                                                  .stop = stop.get_token()});
  // What was read ahead is delivered; nothing hangs.
  EXPECT_TRUE(walked || walked.error().code == Errc::cancelled);
  EXPECT_GE(delivered, 100U);
}

}  // namespace
}  // namespace ib::test
