// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "immich/known_functions.hpp"
#include "postgres/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A thing in a database that no known Immich has made, and that runs code once somebody reads or
/// writes there, or makes Immich see something else. All its texts are a stranger's: they pass
/// printable() before a person sees them.
struct ExtraObject {
  std::string type;    ///< "trigger"
  std::string name;    ///< as SQL writes it: "steal" on public.asset
  std::string detail;  ///< what it does, in SQL or in words; may be empty
  std::string drop;    ///< the statement that removes it, without the semicolon
  /// Whether it is a function in SQL or PL/pgSQL that runs as its caller, or a trigger, a default
  /// or a check that calls only such ones. A newer Immich may well have made it.
  bool is_of_immichs_kind = false;
};

struct ExtraObjects {
  /// What has to go first is first. At most kMostExtraObjects, those of Immich's kind last.
  std::vector<ExtraObject> named;
  std::uint64_t count = 0;  ///< of all of them
};
constexpr std::size_t kMostExtraObjects = 100;

/// What the database holds that no known Immich (1.117 to 3.1) has made: functions and triggers
/// that are not Immich's to the letter, views, rules, policies, row-level security, and all else
/// that runs code. Tables, columns and enum types are no such things, and a database that is no
/// Immich's may be asked, too.
///
/// `connection` must be of the role that has restored the dump, or of another one that is no
/// superuser, for what belongs to an extension is the extension's own only where that role may not
/// have put it there. Reads the system's catalogs alone, so that nothing in the database runs. The
/// connection must be in no transaction of begin().
Result<ExtraObjects> find_extra_objects(Connection& connection,
                                        std::span<const KnownFunction> known = kKnownFunctions);

/// Whether this is the schema level (ImmichFacts) of an Immich that is newer than those whose
/// functions are known. A database says that of itself, whoever wrote it.
bool is_newer_than_known(std::string_view schema_level);

}  // namespace ib
