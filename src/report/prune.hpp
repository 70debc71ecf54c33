// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "core/pricing/usage.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ib {

/// What `prune` removes, or would.
struct PruneReport {
  ReportHeader header;
  bool dry_run = false;
  struct Kept {
    Timestamp time{};
    bool complete = false;
    std::string reasons;  ///< "last, monthly"
  };
  std::vector<Kept> kept;                    ///< restore points, oldest first
  std::vector<Timestamp> restore_points;     ///< that go
  StoredAmount documents, dumps, manifests;  ///< that go: restore points, dumps, manifest-*.db
  StoredAmount runs, proofs;
  std::uint64_t removed = 0;            ///< objects that are gone now
  PerClass<StoredAmount> freed;         ///< all of it, by class
  std::optional<double> saves_monthly;  ///< dollars; absent where the store charges nothing
  std::optional<double> early;          ///< dollars: what is billed since it goes before its time
  Usage usage;

  std::uint64_t objects() const
  {
    return documents.objects + dumps.objects + manifests.objects + runs.objects + proofs.objects;
  }
  std::uint64_t bytes() const
  {
    return documents.bytes + dumps.bytes + manifests.bytes + runs.bytes + proofs.bytes;
  }
};

Outcome outcome_of(const PruneReport& report);
/// Lines that end in a newline.
std::string to_text(const PruneReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const PruneReport& report);

}  // namespace ib
