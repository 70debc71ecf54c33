// SPDX-License-Identifier: Apache-2.0
//
// The names of what does not stay for ever.
#pragma once

#include "core/names/object_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ib {

/// The time in the name of a dump, or of a proof; absent for every other name.
std::optional<Timestamp> dump_time(const ObjectName& name);
std::optional<Timestamp> proof_time(const ObjectName& name);
/// The run that a name below runs/ belongs to; empty for every other name.
std::string run_of(const ObjectName& name);
/// When a run began, as its id says it.
std::optional<Timestamp> run_start(std::string_view run);

/// The name of an object that retention may remove: a numbered manifest or restore point, or what
/// lies below database/, runs/ or proofs/. There is no other way to make one, so that what the
/// library holds or has held (library/, versions/, hashed/) cannot even be named to
/// ObjectStore::remove.
class RemovableName {
public:
  /// Absent for every other name.
  static std::optional<RemovableName> of(const ObjectName& name);
  const ObjectName& name() const { return name_; }

private:
  explicit RemovableName(ObjectName name) : name_(std::move(name)) {}
  ObjectName name_;
};

}  // namespace ib
