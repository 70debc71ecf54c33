// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/doctor.hpp"

#include "support/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

TEST(DoctorJobTest, LeavesOutWhatIsNotSet)
{
  const auto nothing = [](const char*) { return std::optional<std::string>(); };
  const DoctorJob empty = doctor_job(settings({"doctor"}), nothing);
  EXPECT_FALSE(empty.store_url);
  EXPECT_FALSE(empty.library);
  EXPECT_EQ(empty.database.value(), std::nullopt);
  const DoctorJob job = doctor_job(settings({"doctor", "--store", "gs://b1", "--scratch", "/s"},
                                            {{"LIBRARY_PATH", "/srv"}, {"DB_HOSTNAME", "db"}}),
                                   nothing);
  EXPECT_EQ(job.store_url, "gs://b1");
  EXPECT_EQ(job.library, "/srv");
  EXPECT_EQ(job.scratch_parent, "/s");
  EXPECT_EQ(job.database.value()->address.host, "db");
}

TEST(DoctorJobTest, CarriesSettingsThatCannotBeUnderstoodToTheReport)
{
  const DoctorJob job = doctor_job(settings({"doctor"}, {{"DB_URL", "mysql://db"}}),
                                   [](const char*) { return std::optional<std::string>(); });
  ASSERT_FALSE(job.database);
  EXPECT_EQ(job.database.error().code, Errc::invalid);
}

}  // namespace
}  // namespace ib::test
