// SPDX-License-Identifier: Apache-2.0
//
// The stable names of an audit's counts: in restore points and reports alike.
#pragma once

#include "core/records/audit.hpp"

#include <array>
#include <utility>

namespace ib {

/// docs/formats/restore-point.md explains them.
inline constexpr std::array<std::pair<const char*, std::uint64_t Audit::*>, 17> kAuditFields{{
    {"originals", &Audit::originals},
    {"proven", &Audit::proven},
    {"stored", &Audit::stored},
    {"differs", &Audit::differs},
    {"missing", &Audit::missing},
    {"excluded", &Audit::excluded},
    {"deleted", &Audit::deleted},
    {"offline", &Audit::offline},
    {"accepted", &Audit::accepted},
    {"elsewhere", &Audit::elsewhere},
    {"placed", &Audit::placed},
    {"edited", &Audit::edited},
    {"others", &Audit::others},
    {"others_missing", &Audit::others_missing},
    {"trashed", &Audit::trashed},
    {"external", &Audit::external},
    {"unknown", &Audit::unknown},
}};

/// `Json` is an object type of nlohmann's.
template <class Json>
Json audit_object(const Audit& audit)
{
  Json json = Json::object();
  for (const auto& [name, member] : kAuditFields) json[name] = audit.*member;
  json["protected"] = audit.protected_originals();
  return json;
}

}  // namespace ib
