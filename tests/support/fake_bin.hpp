// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sys/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <fstream>
#include <string>
#include <string_view>

namespace ib::test {

/// A folder with fake programs.
class FakeBin {
public:
  FakeBin() : folder_(ScratchFolder::create("").value()) {}

  std::string script(std::string_view name, std::string_view body) const
  {
    std::ofstream(folder_.file(name)) << "#!/bin/sh\n" << body << '\n';
    EXPECT_EQ(::chmod(folder_.file(name).c_str(), 0755), 0);
    return folder_.file(name);
  }
  const ScratchFolder& folder() const { return folder_; }

private:
  ScratchFolder folder_;
};

}  // namespace ib::test
