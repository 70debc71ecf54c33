// SPDX-License-Identifier: Apache-2.0
#include "cli/confirm.hpp"

#include "cli/output.hpp"

#include <unistd.h>

namespace ib {

bool someone_can_answer()
{
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

bool ask_on_terminal(const std::string& question)
{
  write_stderr("\n" + question + " [y/N] ");
  std::string answer;
  char c = 0;
  while (answer.size() < 80 && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') answer += c;
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace ib
