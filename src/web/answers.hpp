// SPDX-License-Identifier: Apache-2.0
//
// What this program's own commands say, as a page shows it: each is asked as a process of its own,
// which ends with its memory and its credential.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "sys/subprocess.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// Any thread may call the members.
class Answers {
public:
  using Arguments = std::vector<std::string>;
  /// Of an answer, and of all that are kept.
  static constexpr std::size_t kLargest = std::size_t{16} << 20U;

  /// `program` makes the program that runs a command with these arguments. One that has not ended
  /// after `limit` is killed: commands wait ten minutes for a store themselves.
  Answers(std::function<Program(const Arguments&)> program, std::function<Timestamp()> now,
          std::stop_token stop, std::chrono::seconds limit = std::chrono::minutes(15))
      : program_(std::move(program)), now_(std::move(now)), stop_(std::move(stop)), limit_(limit)
  {}

  struct Answer {
    std::string text;  ///< its stdout
    int exit_status = 0;
    Timestamp time{};
  };
  /// Runs the command, unless it has an answer that is at most so old. Several who ask the same at
  /// once get the same answer. Commands run one at a time. io if it can't be run.
  Result<std::shared_ptr<const Answer>> ask(const Arguments& arguments,
                                            std::chrono::seconds at_most_so_old);

  /// What is known is old from now on: a job has ended.
  void forget();

private:
  Result<Answer> run(const Arguments& arguments) const;

  const std::function<Program(const Arguments&)> program_;
  const std::function<Timestamp()> now_;
  const std::stop_token stop_;
  const std::chrono::seconds limit_;
  std::mutex asking_;
  std::mutex mutex_;
  std::map<Arguments, std::shared_ptr<const Answer>> known_;  // guarded by mutex_, like the next
  std::size_t bytes_ = 0;                                     // of those
};

}  // namespace ib
