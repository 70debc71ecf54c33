// SPDX-License-Identifier: Apache-2.0
//
// The whole program with a real server that is told, or that does not want to listen.
#include "cli/notices.hpp"

#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "support/builders.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"
#include "support/workplace.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace ib::test {
namespace {

using namespace std::chrono_literals;
using Fault = Scripted::Fault;

constexpr const char* kToken = "t0ken-of-theirs";

class BeingTold : public testing::Test {
protected:
  BeingTold()
  {
    must_be_zero(::pthread_sigmask(SIG_SETMASK, nullptr, &before));
    block_signals();
  }
  ~BeingTold() override
  {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
    static_cast<void>(::pthread_sigmask(SIG_SETMASK, &before, nullptr));
  }

  static void must_be_zero(int result) { ASSERT_EQ(result, 0); }

  void set(const std::string& name, const std::string& value)
  {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  /// The exit status of `backup` without a database, into a folder. Whatever it says, the token is
  /// not in it.
  int backup(std::vector<std::string> more = {})
  {
    std::vector<std::string> words{"immich-backup",
                                   "backup",
                                   "--no-database",
                                   "--library",
                                   place.library(),
                                   "--store",
                                   "file://" + place.store_folder()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_program(static_cast<int>(argv.size()), argv.data());
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    EXPECT_THAT(out + err, Not(HasSubstr(kToken)));
    return status;
  }

  std::vector<std::string> targets() const
  {
    std::vector<std::string> targets;
    for (const Received& request : server.received()) targets.push_back(request.target);
    return targets;
  }

  std::string secret_url(const std::string& path) const
  {
    return server.url("/" + path + "/" + kToken);
  }

  Workplace place;
  TempDir folder;
  ScriptedServer server;
  std::string out, err;

private:
  sigset_t before{};
  std::vector<std::string> set_;
};

TEST_F(BeingTold, PingsTheStartAndTheSuccess)
{
  server.then_always([](const Received&) { return Scripted{.body = "OK"}; });
  set("IMMICH_BACKUP_PING", secret_url("ping"));
  ASSERT_EQ(backup(), 0) << err;
  EXPECT_THAT(targets(), ElementsAre("/ping/" + std::string(kToken) + "/start",
                                     "/ping/" + std::string(kToken)));
  EXPECT_THAT(server.received()[1].body, HasSubstr("backup: ok"));
  EXPECT_THAT(err, Not(HasSubstr("warning")));
}

TEST_F(BeingTold, PingsTheExitStatusOfAFailureWithTheLastLinesOfTheLog)
{
  server.then_always([](const Received&) { return Scripted{}; });
  set("IMMICH_BACKUP_PING", secret_url("ping"));
  set("IMMICH_BACKUP_WEBHOOK", secret_url("hook"));
  set("IMMICH_BACKUP_WEBHOOK_TEMPLATE", R"({"content": "{result} {exit_status}: {problems}"})");
  ASSERT_EQ(backup({"--library", "/x"}), 2);  // given twice: nothing is known yet of whom to tell
  EXPECT_TRUE(server.received().empty());

  std::filesystem::create_symlink("nowhere", place.library() + "/upload/link\"\n.jpg");
  ASSERT_EQ(backup(), 3) << err;
  const std::vector<Received> received = server.received();
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(received[1].target, "/ping/" + std::string(kToken) + "/3");
  EXPECT_THAT(received[1].body, HasSubstr("backing up files"));
  EXPECT_THAT(received[1].body, HasSubstr("(symlink)"));
  EXPECT_EQ(received[2].header("content-type"), "application/json");
  const auto hook = nlohmann::json::parse(received[2].body, nullptr, false);
  ASSERT_TRUE(hook.is_object()) << received[2].body;
  EXPECT_THAT(hook["content"].get<std::string>(), HasSubstr("incomplete 3: "));
  EXPECT_THAT(hook["content"].get<std::string>(), HasSubstr("link\"\\n.jpg"));
}

TEST_F(BeingTold, TellsOfARunThatCannotEvenBegin)
{
  server.then_always([](const Received&) { return Scripted{}; });
  set("IMMICH_BACKUP_PING", secret_url("ping"));
  std::filesystem::remove_all(place.library());
  EXPECT_EQ(backup(), 2) << err;
  EXPECT_EQ(targets().back(), "/ping/" + std::string(kToken) + "/2");
  EXPECT_THAT(server.received().back().body, HasSubstr("no library"));
}

TEST_F(BeingTold, SendsTheWebhookWhenItIsToBeSent)
{
  server.then_always([](const Received&) { return Scripted{.status = 204}; });
  set("IMMICH_BACKUP_WEBHOOK", secret_url("hook"));
  ASSERT_EQ(backup(), 0) << err;
  EXPECT_TRUE(server.received().empty());
  ASSERT_EQ(backup({"--webhook-on", "always"}), 0) << err;
  ASSERT_EQ(server.received().size(), 1U);
  EXPECT_THAT(server.received()[0].body, HasSubstr("backup: ok"));
  EXPECT_EQ(server.received()[0].header("content-type"), "text/plain; charset=utf-8");
}

TEST_F(BeingTold, FailsNoBackupForAServerThatAnswersWithAnError)
{
  server.then_always(
      [](const Received& request) { return Scripted{.status = 500, .body = request.target}; });
  set("IMMICH_BACKUP_PING", secret_url("ping"));
  set("IMMICH_BACKUP_WEBHOOK", secret_url("hook"));
  set("IMMICH_BACKUP_PUSHGATEWAY", secret_url("push"));
  ASSERT_EQ(backup({"--quiet", "--webhook-on", "always", "--metrics-file",
                    folder.file("no/such/folder.prom")}),
            0)
      << err;
  for (const char* option : {"--ping: ", "--webhook: ", "--pushgateway: "})
    EXPECT_THAT(err, HasSubstr("warning: " + std::string(option) + server.host() +
                               ": answered with status 500"));
  EXPECT_THAT(err, HasSubstr("warning: --metrics-file: "));
}

TEST_F(BeingTold, FailsNoBackupForAServerThatIsNotThere)
{
  set("IMMICH_BACKUP_PING", "http://127.0.0.1:1/" + std::string(kToken));
  ASSERT_EQ(backup(), 0) << err;
  EXPECT_THAT(err, HasSubstr("warning: --ping: 127.0.0.1:1: "));
}

TEST_F(BeingTold, DoesNotWaitLongForAServerThatHangs)
{
  server.then_always([](const Received&) { return Scripted{.fault = Fault::stall}; });
  Notices notices({.command = "backup",
                   .metrics_file = std::nullopt,
                   .pushgateway = std::nullopt,
                   .pings = {secret_url("ping")},
                   .webhook = secret_url("hook"),
                   .webhook_on = NoticeOn::always,
                   .webhook_template = std::nullopt,
                   .mail = std::nullopt,
                   .ca_bundle = "",
                   .timeout = 200ms});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(notices.begin({}), ElementsAre("--ping: " + server.host() + ": no reply in time"));
  const std::vector<std::string> warnings =
      notices.end({.command = "backup", .result = "ok"}, Metrics("backup"), {});
  EXPECT_THAT(warnings, ElementsAre("--ping: " + server.host() + ": no reply in time",
                                    "--webhook: " + server.host() + ": no reply in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
}

TEST_F(BeingTold, TriesASecondTimeWhatMayPass)
{
  server.expect({.method = "POST", .target = "/hook/" + std::string(kToken)}, {.status = 503});
  server.expect({.method = "POST", .target = "/hook/" + std::string(kToken)},
                {.fault = Fault::none});
  set("IMMICH_BACKUP_WEBHOOK", secret_url("hook"));
  ASSERT_EQ(backup({"--webhook-on", "always"}), 0) << err;
  EXPECT_THAT(err, Not(HasSubstr("warning")));
}

TEST_F(BeingTold, WritesMetricsThatOutliveAFailure)
{
  server.then_always([](const Received&) { return Scripted{}; });
  const std::string file = folder.file("immich.prom");
  set("IMMICH_BACKUP_METRICS_FILE", file);
  set("IMMICH_BACKUP_PUSHGATEWAY", server.url());
  ASSERT_EQ(backup(), 0) << err;
  const std::string good = folder.read_file("immich.prom");
  EXPECT_THAT(good, HasSubstr("last_exit_status{command=\"backup\"} 0\n"));
  EXPECT_THAT(good, HasSubstr("restore_point_covers{command=\"backup\",part=\"database\"} 0\n"));
  EXPECT_THAT(folder.list_tree(), ElementsAre("immich.prom"));  // no temporary file is left
  EXPECT_THAT(targets(), ElementsAre("/metrics/job/immich-backup/command/backup"));
  EXPECT_EQ(server.received()[0].body, good);

  std::filesystem::remove_all(place.library());
  ASSERT_EQ(backup(), 2) << err;
  const std::string bad = folder.read_file("immich.prom");
  EXPECT_THAT(bad, HasSubstr("last_exit_status{command=\"backup\"} 2\n"));
  EXPECT_THAT(bad, HasSubstr("problems{command=\"backup\"} 1\n"));
  const std::size_t success = good.find("immich_backup_last_success_timestamp_seconds{");
  ASSERT_NE(success, std::string::npos);
  EXPECT_THAT(bad, HasSubstr(good.substr(success, good.find('\n', success) - success + 1)));
}

TEST_F(BeingTold, SaysWhileARunGetsOnThatItDoes)
{
  Notices notices({.command = "backup", .metrics_file = folder.file("immich.prom")});
  RunLog log;
  SilentProgress silent;
  LoggedProgress progress(silent, log);
  {
    const Heartbeat heartbeat(notices, log, progress, 1ms);
    progress.begin("comparing the library with the manifest", std::nullopt, std::nullopt);
    progress.advance(1, 1);
    std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(folder.exists("immich.prom"));
    progress.begin(kSendingFiles, std::nullopt, std::nullopt);
    progress.advance(1, 1);
    for (int i = 0; i < 10'000 && !folder.exists("immich.prom"); ++i)
      std::this_thread::sleep_for(1ms);
  }
  EXPECT_THAT(folder.read_file("immich.prom"),
              HasSubstr("immich_backup_seeding{command=\"backup\"} 1\n"));
  EXPECT_THAT(folder.read_file("immich.prom"),
              HasSubstr("immich_backup_last_progress_timestamp_seconds"));
}

TEST_F(BeingTold, LogsInJsonWhereItIsAsked)
{
  std::filesystem::remove(place.library() + "/upload/.immich");
  server.then_always([](const Received&) { return Scripted{.status = 500}; });
  set("IMMICH_BACKUP_LOG_FORMAT", "json");
  set("IMMICH_BACKUP_WEBHOOK", secret_url("hook"));
  ASSERT_EQ(backup({"--webhook-on", "always"}), 0) << err;
  EXPECT_NE(backup({"--library", "/x"}), 0);
  std::istringstream lines(err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_TRUE(nlohmann::json::parse(line, nullptr, false).is_object()) << line;
  EXPECT_GT(count, 0);
  EXPECT_THAT(err, HasSubstr(R"("level":"error")"));
  EXPECT_EQ(backup({"--log-format", "xml"}), 2);
}

}  // namespace
}  // namespace ib::test
