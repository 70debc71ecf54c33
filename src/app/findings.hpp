// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"
#include "report/header.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib {

/// That a point's own manifest is gone or damaged: `obstacle` says how.
inline Problem manifest_lost(std::string obstacle)
{
  return {.path = "",
          .code = "manifest_lost",
          .message = std::move(obstacle),
          .hint = "Another restore point may have its own: --at takes one."};
}

/// What a command finds on its way, for its report: problems, which are also shown at once, and
/// notes. One thread at a time.
class Findings {
public:
  /// Both must outlive it.
  Findings(Progress& progress, ReportHeader& header) : progress_(progress), header_(header) {}

  void problem(Problem problem)
  {
    progress_.note(problem.message);
    header_.problems.push_back(std::move(problem));
  }
  void problem(const Error& error, std::string_view code, const std::string& path)
  {
    problem(problem_from(error, code, path));
  }
  /// One that the person is told of in another way.
  void problem_told(Problem problem) { header_.problems.push_back(std::move(problem)); }
  void note(std::string text) { header_.notes.push_back(std::move(text)); }

  /// For those below who only have notes to add.
  std::vector<std::string>& notes() { return header_.notes; }
  const std::vector<Problem>& problems() const { return header_.problems; }

private:
  Progress& progress_;
  ReportHeader& header_;
};

}  // namespace ib
