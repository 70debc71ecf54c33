// SPDX-License-Identifier: Apache-2.0
#include "transfer/upload.hpp"

#include "core/planning/plan.hpp"
#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/lying_store.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <atomic>
#include <map>

namespace ib::test {
namespace {

std::vector<ObjectName> candidates(const std::string& path, const HashedFile& file)
{
  return candidate_names(path, file.content.sha256, sha256(bytes_of(path)), true, "f00d");
}

/// A library and a store in folders of their own, and callbacks that say what a plain first backup
/// says.
class Uploads : public testing::Test {
protected:
  Uploads()
  {
    calls.next = [this]() -> Result<std::optional<FileToRead>> {
      if (next_ == paths.size()) return std::nullopt;
      return FileToRead{.file = {.path = paths[next_++]}};
    };
    calls.open = [this](const std::string& path) {
      return must(Folder::open(library.path())).open_file(path.substr(1));
    };
    calls.place = [](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
      return StoreUnder{candidates(item.file.path, file)};
    };
    calls.done = [this](UploadResult result) -> Result<> {
      const std::string path = result.item.file.path;
      EXPECT_FALSE(done.contains(path)) << path << " ended twice";
      done.emplace(path, std::move(result.outcome));
      return {};
    };
  }

  void add(const std::string& path, std::string_view bytes)
  {
    library.write_file(path.substr(1), bytes, 1'000'000'000);
    paths.push_back(path);
  }
  Result<> run(const std::stop_token& stop = {})
  {
    SilentProgress progress;
    next_ = 0;
    return run_uploads(store, options, calls, progress, stop);
  }
  std::string stored(const std::string& name)
  {
    return must(get_small(store, {name}, 100'000'000, {}));
  }
  const UploadOutcome& outcome(const std::string& path) { return done.at(path).value(); }

  TempDir library;
  TempDir store_dir;
  std::unique_ptr<ObjectStore> inner = open_dir_store(store_dir.path());
  FaultyStore store{*inner};
  std::vector<std::string> paths;
  UploadOptions options;
  UploadCalls calls;
  std::map<std::string, Result<UploadOutcome>> done;

private:
  std::size_t next_ = 0;
};

TEST_F(Uploads, BelieveNoConfirmationOfOtherBytes)
{
  add("/upload/a", "bytes");
  LyingStore lying(*inner);
  SilentProgress progress;
  const Result<> run = run_uploads(lying, options, calls, progress, {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::corrupt);
  EXPECT_THAT(run.error().message, ::testing::HasSubstr("confirmed other bytes"));
  EXPECT_TRUE(done.empty());
}

TEST_F(Uploads, StoreEveryFileByteForByte)
{
  options = {.workers = 3, .keep_in_memory = 1000};
  for (int i = 0; i < 40; ++i)
    add("/upload/" + std::to_string(i),
        random_bytes(static_cast<std::size_t>(i) * 100, static_cast<unsigned>(i)));
  add("/upload/large", random_bytes(1'000'000, 99));
  must(run());
  EXPECT_EQ(done.size(), paths.size());
  for (const std::string& path : paths) {
    const std::string bytes = library.read_file(path.substr(1));
    EXPECT_TRUE(stored("library" + path) == bytes);
    EXPECT_EQ(outcome(path).end, UploadEnd::sent);
    EXPECT_EQ(outcome(path).object.value, "library" + path);
    EXPECT_EQ(outcome(path).file.content, content_of(bytes));
    EXPECT_EQ(outcome(path).file.mtime_ns, 1'000'000'000);
    EXPECT_FALSE(outcome(path).file.recheck);
    EXPECT_EQ(store.bytes_sent({"library" + path}), bytes.size());
  }
}

TEST_F(Uploads, OfNothingSucceed)
{
  EXPECT_TRUE(ok(run()));
  EXPECT_THAT(store.steps(), IsEmpty());
}

TEST_F(Uploads, RunWithAtLeastOneWorker)
{
  options.workers = 0;
  add("/a", "a");
  must(run());
  EXPECT_EQ(done.size(), 1U);
}

TEST_F(Uploads, DescribeTheObject)
{
  add("/upload/a", "a");
  add("/upload/with\nnewline", "b");
  must(run());
  const Metadata metadata = must(store.stat({"library/upload/a"}, {})).metadata;
  if (metadata.empty()) GTEST_SKIP() << "no extended attributes here";
  EXPECT_EQ(metadata, (Metadata{{"sha256", content_of("a").sha256.hex()},
                                {"sha1", content_of("a").sha1.hex()},
                                {"mtime", "1970-01-01T00:00:01.000000000Z"}}));
  const ObjectName hashed = outcome("/upload/with\nnewline").object;
  EXPECT_TRUE(hashed.value.starts_with(kHashedPrefix));
  EXPECT_EQ(must(store.stat(hashed, {})).metadata.at("path"), "/upload/with%0anewline");
}

TEST_F(Uploads, SendNothingThatIsStoredAlready)
{
  add("/a", "a");
  calls.place = [](const FileToRead&, const HashedFile&) -> Result<Placement> {
    return StoredAlready{{"library/elsewhere"}};
  };
  must(run());
  EXPECT_EQ(outcome("/a").object.value, "library/elsewhere");
  EXPECT_EQ(outcome("/a").end, UploadEnd::held);
  EXPECT_THAT(store.steps(), IsEmpty());
}

TEST_F(Uploads, SendTheSameContentOnceEvenIfItComesManyTimesAtOnce)
{
  options.workers = 8;
  for (int i = 0; i < 40; ++i) add("/copy" + std::to_string(i), "the same");
  std::map<Sha256, ObjectName> known;
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    if (const auto it = known.find(file.content.sha256); it != known.end())
      return StoredAlready{it->second};
    return StoreUnder{candidates(item.file.path, file)};
  };
  const auto note = calls.done;
  calls.done = [&](UploadResult result) -> Result<> {
    if (result.outcome) known.emplace(result.outcome->file.content.sha256, result.outcome->object);
    return note(std::move(result));
  };
  must(run());
  EXPECT_EQ(done.size(), 40U);
  EXPECT_EQ(store.bytes_sent(), 8U);
  EXPECT_EQ(std::ranges::count_if(
                done, [](const auto& entry) { return entry.second->end == UploadEnd::sent; }),
            1);
}

TEST_F(Uploads, LetTheNextCopyTryWhereTheFirstFailed)
{
  options.workers = 4;
  options.keep_in_memory = 4;  // so that the bytes are read a second time
  add("/one", "content");
  add("/two", "content");
  bool first = true;
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    if (std::exchange(first, false))
      library.write_file(item.file.path.substr(1), "CONTENT", 1'000'000'000);
    return StoreUnder{candidates(item.file.path, file)};
  };
  must(run());
  int failures = 0;
  for (const auto& [path, result] : done) {
    if (result) {
      EXPECT_EQ(stored("library" + path), "content");
    } else {
      ++failures;
      EXPECT_EQ(result.error().code, Errc::changed);
    }
  }
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(done.size(), 2U);
}

TEST_F(Uploads, GoToTheNextNameWhereAnotherContentHasTheFirst)
{
  add("/upload/a", "new");
  must(put_small(*inner, {"library/upload/a"}, "old", {}, "text/plain", {}));
  must(run());
  EXPECT_EQ(outcome("/upload/a").object.value,
            "versions/upload/a/" + content_of("new").sha256.hex());
  EXPECT_EQ(outcome("/upload/a").end, UploadEnd::sent);
  EXPECT_THAT(outcome("/upload/a").taken, ElementsAre(ObjectName{"library/upload/a"}));
  EXPECT_EQ(stored("library/upload/a"), "old");
  EXPECT_EQ(stored(outcome("/upload/a").object.value), "new");
}

TEST_F(Uploads, GoToTheNextNameWhereAFolderHasTheFirst)
{
  add("/upload/a", "new");
  must(put_small(*inner, {"library/upload/a/b"}, "old", {}, "text/plain", {}));
  must(run());
  EXPECT_EQ(outcome("/upload/a").object.value,
            "versions/upload/a/" + content_of("new").sha256.hex());
}

TEST_F(Uploads, FindEveryNameTaken)
{
  add("/a", "new");
  const Content content = content_of("new");
  for (const ObjectName& name : candidates("/a", {.content = content}))
    must(put_small(*inner, name, "stranger's", {}, "", {}));
  EXPECT_TRUE(fails_with(Errc::precondition_failed, run()));
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(Uploads, DoNotBelieveWhatAStrangerSaysOfAnObject)
{
  add("/a", "new");
  const Content content = content_of("new");
  must(put_small(*inner, {"library/a"}, "new", {{"sha256", content.sha256.hex()}}, "", {}));
  calls.is_ours = [](const ObjectInfo&) { return false; };
  must(run());
  EXPECT_EQ(outcome("/a").end, UploadEnd::sent);
  EXPECT_THAT(outcome("/a").object.value, EndsWith("-f00d"))
      << "a stranger who has taken one name may have taken the next ones, too";
  EXPECT_THAT(outcome("/a").taken, ElementsAre(ObjectName{"library/a"}));
}

TEST_F(Uploads, GoToTheNextNameWhereTheirOwnObjectHoldsOtherContent)
{
  add("/a", "new");
  must(put_small(*inner, {"library/a"}, "old", {}, "", {}));
  calls.is_ours = [](const ObjectInfo&) { return true; };
  must(run());
  EXPECT_EQ(outcome("/a").object.value, "versions/a/" + content_of("new").sha256.hex());
}

TEST_F(Uploads, SendNothingAgainThatAnEarlierRunHasSent)
{
  for (int i = 0; i < 10; ++i)
    add("/" + std::to_string(i), random_bytes(1000, static_cast<unsigned>(i)));
  must(run());
  const std::uint64_t sent = store.bytes_sent();
  done.clear();
  must(run());
  EXPECT_EQ(store.bytes_sent(), sent);
  for (const std::string& path : paths) {
    EXPECT_EQ(outcome(path).end, UploadEnd::found);
    EXPECT_EQ(outcome(path).object.value, "library" + path);
    EXPECT_THAT(outcome(path).taken, IsEmpty());
  }
}

TEST_F(Uploads, CallAFileChangedThatIsLongerThanItSays)
{
  // A file of /proc says that it is empty and is not: as one that grows after the first look at it.
  // qemu has files of its own in place of those of /proc/self.
  add("/a", "");
  int opened = 0;
  calls.open = [&](const std::string&) {
    ++opened;
    return InputFile::open("/proc/version");
  };
  for (const std::size_t keep : {0UZ, 1000UZ}) {
    options.keep_in_memory = keep;
    done.clear();
    opened = 0;
    must(run());
    EXPECT_TRUE(fails_with(Errc::changed, done.at("/a")));
    EXPECT_GT(opened, 1) << "it is tried again";
    EXPECT_THAT(store.steps(), IsEmpty());
  }
}

TEST_F(Uploads, ReadAFileAgainThatChangedOnce)
{
  add("/a", "in the end");
  bool first = true;
  const auto open = calls.open;
  calls.open = [&](const std::string& path) {
    return std::exchange(first, false) ? InputFile::open("/proc/version") : open(path);
  };
  must(run());
  EXPECT_EQ(stored("library/a"), "in the end");
}

TEST_F(Uploads, KeepNoMoreThanTheMemoryOfAllWorkers)
{
  options = {.workers = 3, .keep_in_memory = 1000, .memory = 11};
  add("/large", "eleven byte");
  add("/small", "ten bytes.");
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    library.write_file(item.file.path.substr(1), "changed", 1'000'000'000);
    return StoreUnder{candidates(item.file.path, file)};
  };
  must(run());
  EXPECT_TRUE(fails_with(Errc::changed, done.at("/large"))) << "not kept, and so read again";
  EXPECT_EQ(outcome("/small").end, UploadEnd::sent);
}

TEST_F(Uploads, CallAFileChangedThatChangesBetweenHashAndSend)
{
  add("/a", "0");
  add("/b", "stays");
  options.keep_in_memory = 0;  // hashed, and read again when it is sent
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    if (item.file.path == "/a") library.write_file("a", "1", 1'000'000'000);
    return StoreUnder{candidates(item.file.path, file)};
  };
  must(run());
  ASSERT_FALSE(done.at("/a"));
  EXPECT_EQ(done.at("/a").error().code, Errc::changed);
  EXPECT_FALSE(done.at("/a").error().hint.empty());
  EXPECT_TRUE(fails_with(Errc::not_found, store.stat({"library/a"}, {})));
  EXPECT_EQ(outcome("/b").end, UploadEnd::sent);
}

TEST_F(Uploads, CallALargeFileChangedThatGrowsOrShrinksBeforeItIsSent)
{
  options.keep_in_memory = 1000;
  add("/grows", std::string(5000, 'g'));
  add("/shrinks", std::string(5000, 's'));
  add("/stays", std::string(5000, 'x'));
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    if (item.file.path == "/grows") library.write_file("grows", std::string(5001, 'g'));
    if (item.file.path == "/shrinks") library.write_file("shrinks", std::string(4999, 's'));
    return StoreUnder{candidates(item.file.path, file)};
  };
  must(run());
  EXPECT_TRUE(fails_with(Errc::changed, done.at("/grows")));
  EXPECT_TRUE(fails_with(Errc::changed, done.at("/shrinks")));
  EXPECT_EQ(outcome("/stays").end, UploadEnd::sent);
  EXPECT_THAT(store_dir.list_tree("library"), ElementsAre("stays"));
}

TEST_F(Uploads, SendWhatWasHashedWhateverHappensToASmallFile)
{
  add("/a", "as it was");
  calls.place = [&](const FileToRead& item, const HashedFile& file) -> Result<Placement> {
    library.write_file("a", "as it is now");
    return StoreUnder{candidates(item.file.path, file)};
  };
  must(run());
  EXPECT_EQ(stored("library/a"), "as it was");
}

TEST_F(Uploads, MistrustATimeThatIsYoungOrInTheFuture)
{
  const std::int64_t now =
      std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  add("/young", "y");
  library.set_mtime("young", now);
  add("/future", "f");
  library.set_mtime("future", now + 3'600'000'000'000);
  add("/old", "o");
  library.set_mtime("old", now - 60'000'000'000);
  must(run());
  EXPECT_TRUE(outcome("/young").file.recheck);
  EXPECT_TRUE(outcome("/future").file.recheck);
  EXPECT_FALSE(outcome("/old").file.recheck);
}

TEST_F(Uploads, GoOnPastFilesThatCannotBeRead)
{
  add("/closed", "x");
  ASSERT_EQ(::chmod(library.file("closed").c_str(), 0000), 0);
  ASSERT_EQ(::chmod(store_dir.path().c_str(), 0777), 0);
  paths.emplace_back("/vanished");
  library.make_folder("folder");
  paths.emplace_back("/folder");
  add("/good", "good");
  {
    const WithoutRoot permissions_count;
    must(run());
  }
  EXPECT_TRUE(fails_with(Errc::denied, done.at("/closed")));
  EXPECT_TRUE(fails_with(Errc::not_found, done.at("/vanished")));
  EXPECT_TRUE(fails_with(Errc::io, done.at("/folder")));
  EXPECT_EQ(outcome("/good").end, UploadEnd::sent);
}

TEST_F(Uploads, EndWithTheStoresErrorAndDeliverWhatItConfirmed)
{
  options.workers = 1;
  for (int i = 0; i < 10; ++i) add("/" + std::to_string(i), std::to_string(i));
  FaultyStore faulty(*inner, {{.step = 4, .when = Fault::When::before}});
  SilentProgress progress;
  EXPECT_TRUE(fails_with(Errc::unavailable, run_uploads(faulty, options, calls, progress, {})));
  EXPECT_TRUE(faulty.all_faults_hit());
  EXPECT_EQ(done.size(), 3U);
  for (const auto& [path, result] : done) EXPECT_TRUE(ok(result)) << path;
  EXPECT_LE(store_dir.list_tree("library").size(), 4U) << "nothing new is begun";
}

TEST_F(Uploads, ConfirmNothingThatTheStoreDidNotConfirm)
{
  options.workers = 1;
  add("/a", "content");
  for (const Fault::When when : {Fault::When::midway, Fault::When::after}) {
    FaultyStore faulty(*inner, {{.step = 1, .when = when}});
    SilentProgress progress;
    const std::vector<std::string> all = paths;
    std::size_t next = 0;
    calls.next = [&]() -> Result<std::optional<FileToRead>> {
      if (next == all.size()) return std::nullopt;
      return FileToRead{.file = {.path = all[next++]}};
    };
    EXPECT_TRUE(fails_with(Errc::unavailable, run_uploads(faulty, options, calls, progress, {})));
    EXPECT_TRUE(faulty.all_faults_hit());
    EXPECT_THAT(done, IsEmpty());
  }
  // The second time it was stored all the same: the next run finds it and does not send it again.
  std::size_t next = 0;
  calls.next = [&]() -> Result<std::optional<FileToRead>> {
    if (next++ > 0) return std::nullopt;
    return FileToRead{.file = {.path = "/a"}};
  };
  must(run());
  EXPECT_EQ(outcome("/a").end, UploadEnd::found);
  EXPECT_EQ(store.bytes_sent(), 0U);
}

TEST_F(Uploads, StopWhenTheyAreAskedTo)
{
  options.workers = 2;
  for (int i = 0; i < 100; ++i) add("/" + std::to_string(i), std::to_string(i));
  std::stop_source stop;
  const auto note = calls.done;
  calls.done = [&](UploadResult result) -> Result<> {
    stop.request_stop();
    return note(std::move(result));
  };
  EXPECT_TRUE(fails_with(Errc::cancelled, run(stop.get_token())));
  EXPECT_GE(done.size(), 1U);
  EXPECT_LE(done.size(), 4U);
  for (const auto& [path, result] : done) {
    EXPECT_TRUE(ok(result));
    EXPECT_EQ(stored("library" + path), path.substr(1));
  }
}

TEST_F(Uploads, EndWithTheErrorOfACallback)
{
  for (int i = 0; i < 50; ++i) add("/" + std::to_string(i), std::to_string(i));
  const UploadCalls good = calls;

  calls.done = [&](UploadResult) -> Result<> { return fail(Errc::corrupt, "manifest"); };
  EXPECT_TRUE(fails_with(Errc::corrupt, run()));
  EXPECT_LT(store_dir.list_tree("library").size(), 50U);

  calls = good;
  calls.place = [&](const FileToRead&, const HashedFile&) -> Result<Placement> {
    return fail(Errc::corrupt, "manifest");
  };
  EXPECT_TRUE(fails_with(Errc::corrupt, run()));

  calls = good;
  calls.next = [&]() -> Result<std::optional<FileToRead>> {
    return fail(Errc::corrupt, "manifest");
  };
  EXPECT_TRUE(fails_with(Errc::corrupt, run()));
}

}  // namespace
}  // namespace ib::test
