// SPDX-License-Identifier: Apache-2.0
#include "report/layout.hpp"

#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(PrintableMessage, LeavesWhatIsPrintableAlready)
{
  EXPECT_EQ(printable_message("a\\nb: bad"), "a\\nb: bad");
  EXPECT_EQ(printable_message("\\"), "\\");
  EXPECT_EQ(printable_message(""), "");
  EXPECT_EQ(printable_message("tab\there"), "tab\\there");
}

}  // namespace
}  // namespace ib::test
