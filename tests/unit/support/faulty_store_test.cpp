// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_store.hpp"

#include "store/dir/dir_store.hpp"
#include "support/builders.hpp"
#include "support/killed.hpp"
#include "support/temp_dir.hpp"

namespace ib::test {
namespace {

// The tests of crashes rest on this: it has to strike where it says, and nowhere else.

std::vector<std::string> objects(const TempDir& dir)
{
  std::vector<std::string> names;
  const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
  const std::unique_ptr<ObjectCursor> cursor = must(store->list("", "", {}));
  for (const ObjectInfo& info : drain(cursor)) names.push_back(info.name.value);
  return names;
}

Result<> some_work(ObjectStore& store)
{
  TRY(put_small(store, {"a"}, "first", {}, "", {}));
  const std::unique_ptr<ObjectWriter> writer = TRY(store.create({"b"}, {}, "", {}));
  TRY(writer->write(bytes_of("sec")));
  TRY(writer->write(bytes_of("ond")));
  TRY(writer->commit());
  MemorySource source(bytes_of("third"));
  TRY(store.replace({.name = {"c"}, .size = 5, .crc32c = crc32c(bytes_of("third"))}, source, 0,
                    {}));
  return {};
}

TEST(FaultyStores, CountStepsAndBytes)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> inner = open_dir_store(dir.path());
  FaultyStore store(*inner);
  must(some_work(store));
  EXPECT_THAT(store.steps(),
              ElementsAre("put a", "create b", "write b", "write b", "commit b", "replace c"));
  EXPECT_EQ(store.bytes_sent({"a"}), 5U);
  EXPECT_EQ(store.bytes_sent({"b"}), 6U);
  EXPECT_EQ(store.bytes_sent(), 16U);
  EXPECT_EQ(store.times_stored({"b"}), 1U);
  EXPECT_FALSE(put_small(store, {"a"}, "again", {}, "", {}));
  EXPECT_EQ(store.times_stored({"a"}), 1U);
  EXPECT_TRUE(store.all_faults_hit());
}

struct Struck {
  std::size_t step;
  Fault::When when;
  std::vector<std::string> left;
};

const Struck kStruck[] = {
    {1, Fault::When::before, {}},         {1, Fault::When::midway, {}},
    {1, Fault::When::after, {"a"}},       {2, Fault::When::before, {"a"}},
    {2, Fault::When::after, {"a"}},       {3, Fault::When::before, {"a"}},
    {4, Fault::When::after, {"a"}},       {5, Fault::When::before, {"a"}},
    {5, Fault::When::after, {"a", "b"}},  {6, Fault::When::before, {"a", "b"}},
    {6, Fault::When::midway, {"a", "b"}}, {6, Fault::When::after, {"a", "b", "c"}},
};

TEST(FaultyStores, FailBeforeMidwayAndAfterEachStep)
{
  for (const Struck& row : kStruck) {
    const TempDir dir;
    const std::unique_ptr<ObjectStore> inner = open_dir_store(dir.path());
    FaultyStore store(*inner, {{.step = row.step, .when = row.when}});
    EXPECT_TRUE(fails_with(Errc::unavailable, some_work(store))) << row.step;
    EXPECT_TRUE(store.all_faults_hit());
    EXPECT_EQ(objects(dir), row.left) << row.step;
  }
}

TEST(FaultyStores, KillTheProcessAtEachStep)
{
  for (const Struck& row : kStruck) {
    const TempDir dir;
    EXPECT_TRUE(is_killed([&] {
      const std::unique_ptr<ObjectStore> inner = open_dir_store(dir.path());
      FaultyStore store(*inner, {{.step = row.step, .when = row.when, .kind = Fault::Kind::kill}});
      return some_work(store).has_value();
    })) << row.step;
    EXPECT_EQ(objects(dir), row.left)
        << "the store's promises hold across a kill at step " << row.step;
    const std::unique_ptr<ObjectStore> store = open_dir_store(dir.path());
    if (row.left.empty()) {
      EXPECT_TRUE(ok(some_work(*store))) << "and what was not finished can be done again";
    }
  }
}

TEST(FaultyStores, TellWhenAFaultDidNotCome)
{
  const TempDir dir;
  const std::unique_ptr<ObjectStore> inner = open_dir_store(dir.path());
  FaultyStore store(*inner, {{.step = 7}, {.step = 2, .when = Fault::When::midway}});
  must(some_work(store));
  EXPECT_FALSE(store.all_faults_hit());
}

}  // namespace
}  // namespace ib::test
