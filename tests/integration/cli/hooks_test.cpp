// SPDX-License-Identifier: Apache-2.0
#include "cli/hooks.hpp"

#include "support/builders.hpp"
#include "support/matchers.hpp"
#include "support/settings.hpp"
#include "support/temp_dir.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace ib::test {
namespace {

Hooks afterwards(const std::string& command)
{
  return must(Hooks::of(settings({"backup", "--after-backup", command})));
}

TEST(Hooks, RunAfterABackupThatWasStopped)
{
  const TempDir dir;
  std::stop_source stop;
  stop.request_stop();
  Hooks hooks = afterwards("sleep 0.2; cat >'" + dir.file("report") + "'");
  EXPECT_TRUE(ok(hooks.after("{}", 130, stop.get_token())));
  EXPECT_TRUE(std::filesystem::exists(dir.file("report"))) << "what it unmounts stays mounted";
}

TEST(Hooks, EndByAStopThatComesWhileTheyRun)
{
  std::stop_source stop;
  Hooks hooks = afterwards("sleep 600");
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  EXPECT_TRUE(fails_with(Errc::cancelled, hooks.after("{}", 0, stop.get_token())));
}

TEST(Hooks, RunOnce)
{
  const TempDir dir;
  Hooks hooks = afterwards("echo x >>'" + dir.file("runs") + "'");
  EXPECT_TRUE(ok(hooks.after("", 0, {})));
  EXPECT_TRUE(ok(hooks.after("", 0, {})));
  EXPECT_EQ(std::filesystem::file_size(dir.file("runs")), 2U);
}

}  // namespace
}  // namespace ib::test
