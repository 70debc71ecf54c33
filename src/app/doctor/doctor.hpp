// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/progress.hpp"
#include "core/names/extra_root.hpp"
#include "postgres/database_settings.hpp"
#include "report/doctor.hpp"
#include "repository/store_layers.hpp"
#include "store/open_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

struct DoctorJob {
  std::optional<std::string> store_url;  ///< absent: no store is named
  StoreOptions store_options;
  std::optional<Error> class_error;  ///< what is wrong with the settings of classes and prices
  std::function<Result<OpenStore>(const StoreAddress&, const StoreOptions&)> open = open_store;
  /// How the store is read where it is signed or encrypted. Empty: as it is, always.
  std::function<Result<StoreLayers>(ObjectStore&, const std::stop_token&)> layers = {};
  std::string machine_key;             ///< where the machine key is, or would be
  std::optional<std::string> library;  ///< absent: none is named
  /// An error where what names them cannot be understood.
  Result<std::vector<ExtraRoot>> extra_roots = std::vector<ExtraRoot>();
  /// Holds nothing where no database is named; an error where what names it cannot be understood.
  Result<std::optional<DatabaseSettings>> database = std::optional<DatabaseSettings>();
  std::string scratch_parent;  ///< empty: $TMPDIR or /tmp
  std::vector<std::string> ignored_manifests;
};

/// Looks at all that a backup needs and says what is wrong and how to mend it. Changes nothing,
/// waits for nobody longer than some seconds, and asks a bucket five times at most: one Class A
/// operation and four of Class B. What cannot be found out is a check of its own, so the only error
/// is `cancelled`.
Result<DoctorReport> run_doctor(const DoctorJob& job, Progress& progress,
                                const std::stop_token& stop);

}  // namespace ib
