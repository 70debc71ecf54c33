// SPDX-License-Identifier: Apache-2.0
//
// What tests say with: GoogleMock's matchers by their plain names, and whether a Result is good.
#pragma once

#include "base/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace ib::test {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// gtest's words for a failure of the program's own: ASSERT_TRUE(ok(result)).
template <class T>
testing::AssertionResult ok(const Result<T>& result)
{
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << to_string(result.error().code) << ": " << result.error().message;
}

/// EXPECT_TRUE(fails_with(Errc::invalid, result))
template <class T>
testing::AssertionResult fails_with(Errc code, const Result<T>& result)
{
  if (!result && result.error().code == code) return testing::AssertionSuccess();
  testing::AssertionResult failure = testing::AssertionFailure()
                                     << "expected " << to_string(code) << ", but ";
  if (result) return failure << "it succeeded";
  return failure << "got " << to_string(result.error().code) << ": " << result.error().message;
}

/// The value. Throws where there is none, which fails the test and ends it.
template <class T>
T must(Result<T> result)
{
  if (!result)
    throw std::runtime_error(std::string(to_string(result.error().code)) + ": " +
                             result.error().message + "\n" + result.error().hint);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
}  // namespace ib::test
