// SPDX-License-Identifier: Apache-2.0
#include "support/killed.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace ib::test {

bool is_killed(const std::function<bool()>& work)
{
  const pid_t child = ::fork();
  // The child leaves without the test program's own ends.
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace ib::test
