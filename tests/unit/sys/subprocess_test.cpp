// SPDX-License-Identifier: Apache-2.0
#include "sys/subprocess.hpp"

#include "support/builders.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace ib::test {
namespace {

Program shell(std::string script)
{
  return {.argv = {"sh", "-c", std::move(script)}};
}

Result<std::string> read_all(Subprocess& process)
{
  std::string text;
  std::vector<std::byte> buffer(64 * 1024);
  for (;;) {
    const std::size_t n = TRY(process.read(buffer));
    if (n == 0) return text;
    text += text_of(ByteView(buffer).first(n));
  }
}

class Subprocesses : public testing::Test {
protected:
  // As the program does at its start: a child that ends early must not end us.
  void SetUp() override { old_ = ::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override { ::signal(SIGPIPE, old_); }

private:
  void (*old_)(int) = SIG_DFL;
};

TEST_F(Subprocesses, PassMebibytesThroughWhileStderrIsFlooded)
{
  const TempDir dir;
  const std::string input = random_bytes(5'000'000, 1);
  Program program = shell(
      "head -c 2000000 /dev/zero >&2; cat > \"$KEPT\"; head -c 2000000 /dev/zero >&2;cat "
      "\"$KEPT\"; head -c 2000000 /dev/zero >&2; echo the end >&2");
  program.environment = {{"KEPT", dir.file("kept")}};
  Subprocess process = must(Subprocess::start(program, {}));
  must(process.write(bytes_of(input)));
  process.close_stdin();
  EXPECT_TRUE(must(read_all(process)) == input);
  const Exit exit = must(process.finish());
  EXPECT_EQ(exit.status, 0);
  EXPECT_THAT(exit.stderr_tail, SizeIs(4096));
  EXPECT_THAT(exit.stderr_tail, EndsWith("the end\n"));
}

TEST_F(Subprocesses, ThatTalkWhileTheyAreFedDoNotBlock)
{
  Subprocess process = must(Subprocess::start({.argv = {"cat"}}, {}));
  must(process.write(bytes_of(random_bytes(3'000'000, 2))));
  EXPECT_EQ(must(process.finish()).status, 0);
}

TEST_F(Subprocesses, TellHowTheyEnded)
{
  EXPECT_EQ(must(must(Subprocess::start(shell("exit 0"), {})).finish()).status, 0);
  EXPECT_EQ(must(must(Subprocess::start(shell("exit 3"), {})).finish()).status, 3);
  EXPECT_EQ(must(must(Subprocess::start(shell("kill -KILL $$"), {})).finish()).status,
            128 + SIGKILL);
  const Exit exit = must(must(Subprocess::start(shell("echo why >&2; exit 1"), {})).finish());
  EXPECT_EQ(exit.stderr_tail, "why\n");
}

TEST_F(Subprocesses, TellWhetherTheyHaveEnded)
{
  Subprocess process = must(Subprocess::start(shell("read line; exit 5"), {}));
  EXPECT_FALSE(process.has_ended());
  process.close_stdin();
  while (!process.has_ended()) std::this_thread::yield();
  EXPECT_TRUE(process.has_ended()) << "to ask changes nothing";
  EXPECT_EQ(must(process.finish()).status, 5);
}

TEST_F(Subprocesses, AreEndedByTheSignalThatTheyWant)
{
  const TempDir dir;
  Program program = shell(
      "trap 'echo quit >\"$KEPT\"; exit' QUIT; trap 'echo term >\"$KEPT\"; exit' TERM; echo ready; "
      "while :; do sleep 0.01; done");
  program.environment = {{"KEPT", dir.file("kept")}};
  program.end_signal = SIGQUIT;
  {
    Subprocess process = must(Subprocess::start(program, {}));
    std::array<std::byte, 6> ready;
    EXPECT_EQ(must(process.read(ready)), 6U);
  }
  EXPECT_EQ(must(read_file(dir.file("kept"), 10)), "quit\n");
}

TEST_F(Subprocesses, ThatDoNotExistAreNotFound)
{
  const TempDir dir;
  dir.write_file("data", "no program");
  EXPECT_TRUE(fails_with(Errc::not_found,
                         Subprocess::start({.argv = {"immich-backup-no-such-program"}}, {})));
  EXPECT_TRUE(fails_with(Errc::not_found, Subprocess::start({.argv = {dir.file("none")}}, {})));
  EXPECT_TRUE(fails_with(Errc::denied, Subprocess::start({.argv = {dir.file("data")}}, {})));
}

TEST_F(Subprocesses, GetWhatIsAddedToTheEnvironment)
{
  Program program =
      shell("printf '%s|%s|' \"$IB_TEST_ADDED\" \"$HOME\"; test -n \"$PATH\" && printf path");
  program.environment = {{"IB_TEST_ADDED", "a=b c"}, {"HOME", "/elsewhere"}};
  EXPECT_EQ(must(run_and_capture(program, {})), "a=b c|/elsewhere|path");
}

TEST_F(Subprocesses, GetNoCredentialOfThisProcess)
{
  for (const char* name : {"GCS_CREDENTIALS", "DB_PASSWORD", "IMMICH_BACKUP_WEBHOOK", "PSQLRC"})
    ASSERT_EQ(::setenv(name, "s3cret", 1), 0);
  const std::string seen = must(run_and_capture({.argv = {"env"}}, {}));
  EXPECT_THAT(seen, Not(HasSubstr("s3cret")));
  EXPECT_THAT(seen, HasSubstr("PATH="));
  for (const char* name : {"GCS_CREDENTIALS", "DB_PASSWORD", "IMMICH_BACKUP_WEBHOOK", "PSQLRC"})
    ASSERT_EQ(::unsetenv(name), 0);
}

TEST_F(Subprocesses, KeepArgumentsAsTheyAre)
{
  EXPECT_EQ(must(run_and_capture({.argv = {"printf", "%s|%s|", "a b", "$(x) '\""}}, {})),
            "a b|$(x) '\"|");
}

TEST_F(Subprocesses, ThatFailAreErrorsWithTheirWords)
{
  const Result<std::string> output =
      run_and_capture(shell("echo out; echo the reason >&2; exit 4"), {});
  ASSERT_TRUE(fails_with(Errc::io, output));
  EXPECT_THAT(output.error().message, HasSubstr("exit status 4"));
  EXPECT_THAT(output.error().message, HasSubstr("the reason"));
}

TEST_F(Subprocesses, ThatEndBeforeTheyHaveReadEverythingAreErrors)
{
  Subprocess process = must(Subprocess::start(shell("exec <&-; echo closed; exit 0"), {}));
  EXPECT_TRUE(fails_with(Errc::io, process.write(bytes_of(random_bytes(1'000'000, 3)))));
  EXPECT_TRUE(fails_with(Errc::io, process.write(bytes_of("more"))));
  EXPECT_EQ(must(process.finish()).status, 0);
}

/// The process id that a child prints first.
pid_t printed_pid(Subprocess& process)
{
  std::array<std::byte, 32> buffer{};
  const std::size_t n = must(process.read(buffer));
  return std::stoi(std::string(text_of(ByteView(buffer).first(n))));
}

TEST_F(Subprocesses, AreEndedWithTheirHandle)
{
  pid_t pid = 0;
  {
    Subprocess process = must(Subprocess::start(shell("echo $$; exec sleep 300"), {}));
    pid = printed_pid(process);
    EXPECT_EQ(::kill(pid, 0), 0);
    const Subprocess moved = std::move(process);
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(Subprocesses, AreLeftWithinSecondsWhenAskedToStop)
{
  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = 0;
  for (const bool reading : {true, false}) {
    std::stop_source stop;
    Subprocess process =
        must(Subprocess::start(shell("echo $$; exec sleep 300"), stop.get_token()));
    pid = printed_pid(process);
    std::jthread stopper([&] { stop.request_stop(); });
    if (reading) {
      std::array<std::byte, 32> buffer{};
      EXPECT_TRUE(fails_with(Errc::cancelled, process.read(buffer)));
    } else {
      EXPECT_TRUE(
          fails_with(Errc::cancelled, process.write(bytes_of(std::string(10'000'000, 'x')))));
      EXPECT_TRUE(fails_with(Errc::cancelled, process.finish()));
    }
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Subprocesses, PassOnWhatTheyPrintOnStderr)
{
  std::string heard;
  Program program = shell("echo one >&2; echo two; echo three >&2");
  program.on_stderr = [&](std::string_view piece) { heard += piece; };
  Subprocess process = must(Subprocess::start(program, {}));
  process.close_stdin();
  EXPECT_EQ(must(read_all(process)), "two\n");
  must(process.finish());
  EXPECT_EQ(heard, "one\nthree\n");
}

TEST_F(Subprocesses, GetTimeToEndInOrder)
{
  std::stop_source stop;
  // What it has started is not asked: it ends that itself.
  Program program = shell(
      "trap 'wait; echo in order; exit 7' TERM; "
      "sh -c 'trap \"echo asked\" TERM; echo $$; sleep 0.5; echo went on' & wait");
  program.with_children = true;
  program.time_to_end = std::chrono::seconds(60);
  Subprocess process = must(Subprocess::start(program, stop.get_token()));
  process.close_stdin();
  static_cast<void>(printed_pid(process));
  stop.request_stop();
  EXPECT_EQ(must(read_all(process)), "went on\nin order\n");
  EXPECT_EQ(must(process.finish()).status, 7);
}

TEST_F(Subprocesses, ThatTakeTooLongToEndAreKilled)
{
  std::stop_source stop;
  pid_t pid = 0;
  {
    Program program = shell("trap '' TERM; echo $$; while :; do sleep 0.1; done");
    program.with_children = true;
    program.time_to_end = std::chrono::seconds(1);
    Subprocess process = must(Subprocess::start(program, stop.get_token()));
    pid = printed_pid(process);
    stop.request_stop();
    EXPECT_TRUE(fails_with(Errc::cancelled, process.finish()));
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace ib::test
