// SPDX-License-Identifier: Apache-2.0
//
// A restore point opened for reading: what a restore of it brings.
#pragma once

#include "manifest/restore_set.hpp"
#include "repository/catalog.hpp"

#include <optional>

namespace ib {

class PointFiles {
public:
  enum class Paths : std::uint8_t {
    as_named,       ///< originals where the point's dump names them
    as_in_library,  ///< everything where the library had it, as it was there
  };

  /// `catalog` must outlive it, and nothing be written to its manifest. corrupt where the manifest
  /// is not the one that the point's audit was about.
  static Result<PointFiles> open(const RepositoryContext& repository, Catalog& catalog,
                                 const RestorePoint& point, Paths paths = Paths::as_named);

  const RestoreSet& set() const { return *set_; }
  /// The manifest that the set is read from.
  Manifest& manifest() { return own_ ? *own_ : *catalog_; }
  /// Whether that is the point's own. Else it is gone or damaged, and the history in a newer one
  /// has to do: what was placed is not known, nor what runs that did not know of each other had.
  bool is_own() const { return !obstacle_; }
  /// Why it is not, for a person.
  std::string obstacle_text() const;

private:
  explicit PointFiles(Manifest& catalog) : catalog_(&catalog) {}
  Manifest* catalog_;
  Timestamp time_{};
  std::optional<Manifest> own_;  // where the catalog's is another one
  std::optional<Error> obstacle_;
  std::optional<RestoreSet> set_;
};

}  // namespace ib
