// SPDX-License-Identifier: Apache-2.0
// Parses the JSON of reports.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ib::test {

using nlohmann::json;

/// Expects one line of JSON.
inline json parsed(const std::string& text)
{
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "more than one line";
  return json::parse(text, nullptr, false);
}

inline std::vector<std::string> keys(const json& object)
{
  std::vector<std::string> names;
  for (const auto& [key, value] : object.items()) names.push_back(key);
  return names;
}

/// The fields of every report.
inline const std::vector<std::string> kHeader{"command",   "result",   "store",
                                              "elapsed_s", "problems", "notes"};

}  // namespace ib::test
