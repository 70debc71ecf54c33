// SPDX-License-Identifier: Apache-2.0
// The names of objects that do not stay for ever.
#pragma once

#include "core/names/object_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ib {

/// The time in the name of a dump or a proof. Absent for every other name.
std::optional<Timestamp> dump_time(const ObjectName& name);
std::optional<Timestamp> proof_time(const ObjectName& name);
/// The run of an object below runs/. Empty for every other name.
std::string run_of(const ObjectName& name);
/// The start of a run, which its id tells.
std::optional<Timestamp> run_start(std::string_view run);

/// The name of an object that retention may remove: a numbered manifest or restore point, or an
/// object below database/, runs/ or proofs/. There is no other way to make one. So nobody can even
/// name to ObjectStore::remove what the library holds or has held (library/, versions/, hashed/).
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
