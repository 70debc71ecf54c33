// SPDX-License-Identifier: Apache-2.0
#include "sys/process_name.hpp"

#include "support/builders.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <string>

namespace ib::test {
namespace {

/// A child that says its name and then waits to be told to go, as long as this lives.
class Child {
public:
  Child()
  {
    std::array<int, 2> tell{};
    EXPECT_EQ(::pipe(tell.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::string name = this_process();
      static_cast<void>(::write(tell[1], name.data(), name.size()));
      for (;;) ::pause();
    }
    std::array<char, 4096> name{};
    name_.assign(name.data(), static_cast<std::size_t>(::read(tell[0], name.data(), name.size())));
    ::close(tell[0]);
    ::close(tell[1]);
  }
  void kill() const
  {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT), 0);
  }
  void forget() const { EXPECT_EQ(::waitpid(pid_, nullptr, 0), pid_); }
  const std::string& name() const { return name_; }

private:
  pid_t pid_ = -1;
  std::string name_;
};

TEST(AProcess, IsSeenToRunUntilItEnds)
{
  EXPECT_EQ(is_running(this_process()), true);
  const Child child;
  ASSERT_NE(child.name(), this_process());
  EXPECT_EQ(is_running(child.name()), true);
  child.kill();
  EXPECT_EQ(is_running(child.name()), false) << "it has ended, though its parent has not looked";
  child.forget();
  EXPECT_EQ(is_running(child.name()), false);
}

TEST(AProcess, OfAnotherMachineOrContainerIsNotSeen)
{
  EXPECT_EQ(is_running(""), std::nullopt);
  EXPECT_EQ(is_running("a process of elsewhere"), std::nullopt);
  std::string elsewhere = this_process();
  elsewhere.front() = elsewhere.front() == '0' ? '1' : '0';
  EXPECT_EQ(is_running(elsewhere), std::nullopt);
}

TEST(AProcess, IsNotAnotherThatHasItsNumber)
{
  const std::string name = this_process();
  EXPECT_EQ(is_running(name.substr(0, name.rfind(' ')) + " 1"), false);
}

}  // namespace
}  // namespace ib::test
