// SPDX-License-Identifier: Apache-2.0
#include "app/restore/heal.hpp"
#include "support/builders.hpp"
#include "support/workplace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <functional>

namespace ib::test {
namespace {

const std::string kPhoto = "/upload/photo.jpg";

/// Does something once, when the first bytes have come.
class Meanwhile final : public Progress {
public:
  explicit Meanwhile(std::function<void()> action) : action_(std::move(action)) {}
  void begin(std::string_view /*step*/, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {}
  void advance(std::uint64_t /*files*/, std::uint64_t bytes) override
  {
    if (bytes > 0 && action_) std::exchange(action_, nullptr)();
  }
  void end() override {}
  void note(std::string_view /*line*/) override {}

private:
  std::function<void()> action_;
};

class Healing : public ::testing::Test {
protected:
  Healing()
  {
    put("what is stored");
    place_.backup();
    put("an earlier edit");
    place_.backup();
    put("what is stored");
    place_.backup();
  }

  void put(const std::string& bytes)
  {
    put_file(place_.library() + kPhoto, bytes, ++time_ * 1'000'000'000);
  }
  std::string photo() { return must(read_file(place_.library() + kPhoto, 1000)); }
  HealReport heal(std::function<void()> meanwhile)
  {
    Meanwhile progress(std::move(meanwhile));
    return must(run_heal(place_.session(progress),
                         {.library = place_.library(), .files = {kPhoto}, .write = true}));
  }

  Workplace place_;
  std::int64_t time_ = 1'500'000'000;
};

TEST_F(Healing, ReplacesWhatTheBackupHolds)
{
  put("an earlier edit");
  EXPECT_THAT(codes(heal(nullptr).header), IsEmpty());
  EXPECT_EQ(photo(), "what is stored");
}

TEST_F(Healing, LeavesAloneWhatChangesWhileItIsAtWork)
{
  put("an earlier edit");
  const HealReport report = heal([&] { put("the newest edit"); });
  EXPECT_THAT(codes(report.header), ElementsAre("not_healed"));
  EXPECT_EQ(report.healed, 0U);
  EXPECT_EQ(photo(), "the newest edit");
}

TEST_F(Healing, LeavesAloneWhatAppearsWhileItIsAtWork)
{
  std::filesystem::remove(place_.library() + kPhoto);
  const HealReport report = heal([&] { put("put back by somebody"); });
  EXPECT_THAT(codes(report.header), ElementsAre("not_healed"));
  EXPECT_EQ(photo(), "put back by somebody");
  EXPECT_EQ(files_below(place_.library() + "/upload").count("/.immich-backup"), 0U);
}

}  // namespace
}  // namespace ib::test
