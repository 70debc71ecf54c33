// SPDX-License-Identifier: Apache-2.0
#include "report/render.hpp"

namespace ib {
namespace {

Outcome by_problems(const ReportHeader& header)
{
  return header.problems.empty() ? Outcome::ok : Outcome::incomplete;
}

}  // namespace

Outcome outcome_of(const BackupReport& report)
{
  if (!report.dry_run && !report.restore_point && !report.shard) return Outcome::failed;
  return by_problems(report.header);
}

Outcome outcome_of(const VerifyReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : by_problems(report.header);
}

Outcome outcome_of(const DrillReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : by_problems(report.header);
}

Outcome outcome_of(const HealReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : by_problems(report.header);
}

Outcome outcome_of(const RestoreReport& report)
{
  if (report.damaged > 0) return Outcome::damaged;
  const bool nothing_there = report.restored + report.kept + report.whole == 0;
  if (!report.dry_run && !report.header.problems.empty() && nothing_there) return Outcome::failed;
  return by_problems(report.header);
}

Outcome outcome_of(const AlbumsReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const DatabaseRestoreReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const StatusReport& report)
{
  if (report.last_verified && !report.last_verified_ok) return Outcome::damaged;
  if (!report.newest || !report.newest->complete) return Outcome::incomplete;
  return by_problems(report.header);
}

Outcome outcome_of(const SnapshotsReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const FindReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const DiffReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const CostReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const RecoveryKitReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const PruneReport& report)
{
  return by_problems(report.header);
}

Outcome outcome_of(const RebuildReport& report)
{
  return report.restore_point ? by_problems(report.header) : Outcome::failed;
}

Outcome outcome_of(const DoctorReport& report)
{
  return by_problems(report.header);
}

}  // namespace ib
