// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"

#include <string>
#include <vector>

namespace ib::test {

/// Keeps the lines that a person must read. For a command that works on one thread.
class Told final : public Progress {
public:
  void begin(std::string_view /*step*/, std::optional<std::uint64_t> /*files*/,
             std::optional<std::uint64_t> /*bytes*/) override
  {}
  void advance(std::uint64_t /*files*/, std::uint64_t /*bytes*/) override {}
  void end() override {}
  void note(std::string_view line) override { lines.emplace_back(line); }

  std::vector<std::string> lines;
};

}  // namespace ib::test
