// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/findings.hpp"
#include "app/session.hpp"
#include "repository/listing.hpp"
#include "repository/runs.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ib {

/// Removes dumps that are too old, after a run that has made a good one; where the credential may
/// not, which is as it should be, the person is told once.
class DumpRetention {
public:
  /// Both must outlive it.
  DumpRetention(const Session& session, Findings& findings) : session_(session), findings_(findings)
  {}

  /// What the restore point before says: that the person was told.
  void set_told(bool told) { was_told_ = told; }

  /// Looks which dumps there are. One listing.
  Result<> list();
  /// As they were listed, without those that were removed.
  const std::vector<ObjectInfo>& dumps() const { return dumps_; }
  void add(ObjectInfo dump) { dumps_.push_back(std::move(dump)); }

  /// Removes the dumps beyond `keep` good ones of those that are named by restore points, as
  /// old_dumps() chooses them. What goes wrong is a note.
  void remove_old(const ManifestListing& listing, std::span<const UnfinishedRun> unfinished,
                  std::uint64_t keep);

  /// Dumps were to be removed, and the credential may not.
  bool is_denied() const { return denied_; }
  /// Whether that is so, or was told of before.
  bool may_not_prune() const { return denied_ || was_told_; }

private:
  const Session& session_;
  Findings& findings_;
  std::vector<ObjectInfo> dumps_;
  bool denied_ = false;
  bool was_told_ = false;
};

}  // namespace ib
