// SPDX-License-Identifier: Apache-2.0
#include "transfer/download.hpp"

#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <map>

namespace ib::test {
namespace {

class Downloads : public testing::Test {
protected:
  void store_object(const std::string& name, std::string_view bytes)
  {
    must(put_small(*store, {name}, bytes, {}, "text/plain", {}));
  }
  void add(const std::string& name, std::string_view bytes,
           std::optional<std::string> to = std::nullopt)
  {
    items.push_back({.object = {name},
                     .content = content_of(bytes),
                     .path = "/" + name,
                     .target = std::move(to),
                     .mtime_ns = 1'500'000'000'123'456'789});
  }
  Result<> run(Overwrite overwrite = Overwrite::never, const std::stop_token& stop = {})
  {
    const Folder folder = TRY(Folder::open(target.path()));
    SilentProgress progress;
    std::size_t next = 0;
    ends.clear();
    return run_downloads(*store, {.workers = 3, .target = &folder, .overwrite = overwrite},
                         {.next = [&]() -> Result<std::optional<DownloadItem>> {
                            if (next == items.size()) return std::nullopt;
                            return items[next++];
                          },
                          .done = [&](DownloadResult result) -> Result<> {
                            ends.emplace(result.item.object.value, std::move(result.end));
                            return on_done();
                          }},
                         progress, stop);
  }

  TempDir store_dir;
  TempDir target;
  std::unique_ptr<ObjectStore> store = open_dir_store(store_dir.path());
  std::vector<DownloadItem> items;
  std::multimap<std::string, Result<DownloadEnd>> ends;
  std::function<Result<>()> on_done = []() -> Result<> { return {}; };
};

TEST_F(Downloads, WriteEachFileWithItsBytesAndTime)
{
  for (int i = 0; i < 30; ++i) {
    const std::string name = "library/" + std::to_string(i);
    const std::string bytes =
        random_bytes(static_cast<std::size_t>(i) * 30'000, static_cast<unsigned>(i));
    store_object(name, bytes);
    add(name, bytes, "a/b" + std::to_string(i % 3) + "/" + std::to_string(i));
  }
  must(run());
  EXPECT_EQ(ends.size(), 30U);
  for (const DownloadItem& item : items) {
    EXPECT_EQ(ends.find(item.object.value)->second.value(), DownloadEnd::written);
    EXPECT_EQ(content_of(target.read_file(*item.target)), item.content);
    EXPECT_EQ(target.mtime_ns(*item.target), item.mtime_ns);
  }
  EXPECT_EQ(target.list_tree().size(), 30U) << "nothing else is left";
}

TEST_F(Downloads, WriteFilesOfEveryName)
{
  store_object("library/a", "a");
  for (const std::string& name : {std::string("with\nnewline"), std::string("\xFF\xFE"),
                                  std::string("quote'\""), std::string(255, 'n')})
    add("library/a", "a", name);
  must(run());
  EXPECT_EQ(target.list_tree().size(), 4U);
  EXPECT_EQ(target.read_file(std::string(255, 'n')), "a");
}

TEST_F(Downloads, WithoutATargetOnlyCompare)
{
  store_object("library/good", "good");
  store_object("library/bad", "bad!");
  add("library/good", "good");
  add("library/bad", "good");
  add("library/missing", "good");
  must(run());
  EXPECT_EQ(ends.find("library/good")->second.value(), DownloadEnd::verified);
  EXPECT_TRUE(fails_with(Errc::corrupt, ends.find("library/bad")->second));
  EXPECT_TRUE(fails_with(Errc::corrupt, ends.find("library/missing")->second));
  EXPECT_THAT(target.list_tree(), IsEmpty());
}

TEST_F(Downloads, LeaveNothingOfADamagedOrMissingObject)
{
  store_object("library/longer", "content and more");
  store_object("library/shorter", "cont");
  store_object("library/other", "CONTENT");
  store_object("library/good", "content");
  for (const char* name : {"longer", "shorter", "other", "good", "missing"}) {
    add("library/" + std::string(name), "content", name);
    target.write_file("old-" + std::string(name), "old");
    add("library/" + std::string(name), "content", "old-" + std::string(name));
  }
  must(run(Overwrite::always));
  EXPECT_THAT(target.list_tree(), ElementsAre("good", "old-good", "old-longer", "old-missing",
                                              "old-other", "old-shorter"));
  EXPECT_EQ(target.read_file("old-good"), "content");
  for (const char* name : {"longer", "shorter", "other", "missing"}) {
    EXPECT_EQ(target.read_file("old-" + std::string(name)), "old");
    const auto range = ends.equal_range("library/" + std::string(name));
    for (auto it = range.first; it != range.second; ++it)
      EXPECT_TRUE(fails_with(Errc::corrupt, it->second)) << name;
  }
}

TEST_F(Downloads, OverwriteAsTheyAreTold)
{
  struct {
    Overwrite overwrite;
    const char* there;
    DownloadEnd end;
    const char* after;
  } const table[] = {
      {Overwrite::never, "old", DownloadEnd::kept, "old"},
      {Overwrite::never, "content", DownloadEnd::kept, "content"},
      {Overwrite::if_different, "old", DownloadEnd::written, "content"},
      {Overwrite::if_different, "CONTENT", DownloadEnd::written, "content"},
      {Overwrite::if_different, "content", DownloadEnd::whole, "content"},
      {Overwrite::always, "old", DownloadEnd::written, "content"},
      {Overwrite::always, "content", DownloadEnd::written, "content"},
  };
  store_object("library/a", "content");
  add("library/a", "content", "a");
  for (const auto& row : table) {
    target.write_file("a", row.there, 1'000'000'000);
    must(run(row.overwrite));
    EXPECT_EQ(ends.begin()->second.value(), row.end) << row.there;
    EXPECT_EQ(target.read_file("a"), row.after);
    EXPECT_EQ(target.mtime_ns("a"),
              row.end == DownloadEnd::kept ? 1'000'000'000 : items[0].mtime_ns);
  }
}

TEST_F(Downloads, PutNoFileInTheWayOfAFolder)
{
  store_object("library/a", "content");
  target.write_file("a/inside", "x");
  add("library/a", "content", "a");
  must(run(Overwrite::always));
  EXPECT_TRUE(fails_with(Errc::io, ends.begin()->second));
  EXPECT_THAT(target.list_tree(), ElementsAre("a/inside"));
}

TEST_F(Downloads, DoNotWriteThroughALink)
{
  const TempDir outside;
  outside.write_file("precious", "precious");
  target.make_symlink("link", outside.path());
  target.make_symlink("file-link", outside.file("precious"));
  store_object("library/a", "content");
  add("library/a", "content", "link/a");
  add("library/a", "content", "link/precious");
  add("library/a", "content", "file-link");
  add("library/a", "content", "../escaped");
  for (const Overwrite overwrite : {Overwrite::if_different, Overwrite::always}) {
    must(run(overwrite));
    ASSERT_EQ(ends.size(), 4U);
    for (const auto& [name, end] : ends) EXPECT_FALSE(end);
  }
  EXPECT_THAT(outside.list_tree(), ElementsAre("precious"));
  EXPECT_EQ(outside.read_file("precious"), "precious");
  EXPECT_THAT(target.list_tree(), ElementsAre("file-link", "link"));
}

TEST_F(Downloads, WriteOverWhatAnInterruptedRestoreLeft)
{
  store_object("library/a", "content");
  add("library/a", "content", "folder/a");
  must(run());
  // The temporary name is derived from the target's: a left-over of it is used up.
  const std::string partial =
      "folder/.immich-backup-" + sha256(bytes_of("folder/a")).hex().substr(0, 24) + ".partial";
  target.write_file(partial, "what was written before the power went");
  must(run(Overwrite::always));
  EXPECT_THAT(target.list_tree(), ElementsAre("folder/a"));
}

TEST_F(Downloads, StopWhenTheyAreAskedToOrACallbackFails)
{
  for (int i = 0; i < 100; ++i) {
    store_object("library/" + std::to_string(i), "x");
    add("library/" + std::to_string(i), "x", std::to_string(i));
  }
  std::stop_source stop;
  on_done = [&]() -> Result<> {
    stop.request_stop();
    return {};
  };
  EXPECT_TRUE(fails_with(Errc::cancelled, run(Overwrite::never, stop.get_token())));
  EXPECT_LE(ends.size(), 6U);
  EXPECT_LE(target.list_tree().size(), 6U);
  on_done = []() -> Result<> { return fail(Errc::io, "report"); };
  EXPECT_TRUE(fails_with(Errc::io, run(Overwrite::always)));
}

/// A store that is out of reach after the first object.
class LostStore final : public ObjectStore {
public:
  LostStore(ObjectStore& inner, Errc code) : inner_(inner), code_(code) {}
  const StoreAddress& address() const override { return inner_.address(); }
  Result<ObjectInfo> put(const NewObject& o, ByteSource& s, const std::stop_token& t) override
  {
    return inner_.put(o, s, t);
  }
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& n, const Metadata& m,
                                               const std::string& c,
                                               const std::stop_token& t) override
  {
    return inner_.create(n, m, c, t);
  }
  Result<ObjectInfo> replace(const NewObject& o, ByteSource& s, std::uint64_t g,
                             const std::stop_token& t) override
  {
    return inner_.replace(o, s, g, t);
  }
  Result<> remove(const RemovableName& n, const std::stop_token& t) override
  {
    return inner_.remove(n, t);
  }
  Result<ObjectInfo> stat(const ObjectName& n, const std::stop_token& t) override
  {
    return inner_.stat(n, t);
  }
  Result<> get(const ObjectName& /*name*/, const ByteSink& sink, const std::stop_token& /*stop*/,
               std::uint64_t /*offset*/) override
  {
    TRY(sink(bytes_of("cont")));
    return fail(code_, "lost");
  }
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& p, const std::string& s,
                                             const std::stop_token& t, ListedMetadata m) override
  {
    return inner_.list(p, s, t, m);
  }
  StoreFeatures features() const override { return inner_.features(); }
  Result<Timestamp> now(const std::stop_token& stop) override { return inner_.now(stop); }

private:
  ObjectStore& inner_;
  Errc code_;
};

TEST_F(Downloads, EndWhereTheStoreIsOutOfReach)
{
  for (int i = 0; i < 50; ++i) add("library/" + std::to_string(i), "content", std::to_string(i));
  const std::unique_ptr<ObjectStore> inner = std::move(store);
  for (const Errc code : {Errc::unavailable, Errc::denied}) {
    store = std::make_unique<LostStore>(*inner, code);
    EXPECT_TRUE(fails_with(code, run()));
    EXPECT_THAT(ends, IsEmpty());
    EXPECT_THAT(target.list_tree(), IsEmpty());
  }
  store = std::make_unique<LostStore>(*inner, Errc::io);
  EXPECT_TRUE(ok(run())) << "one object that cannot be read fails alone";
  EXPECT_EQ(ends.size(), 50U);
}

}  // namespace
}  // namespace ib::test
