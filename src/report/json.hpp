// SPDX-License-Identifier: Apache-2.0
//
// What the JSON of several reports has in common. Names from outside are made UTF-8. For this
// module's sources alone: nlohmann's header is too heavy for one that others include.
#pragma once

#include "core/pricing/cost.hpp"
#include "core/pricing/usage.hpp"
#include "core/records/restore_point.hpp"
#include "core/selection/shard.hpp"
#include "report/header.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ib {

using Json = nlohmann::ordered_json;

/// One object on one line, without and with a newline.
std::string json_text(const Json& json);
std::string json_line(const Json& json);

/// What every report begins with.
Json header_object(const ReportHeader& header, Outcome outcome);

Json time_or_null(const std::optional<Timestamp>& time);
/// What a clock at the place showed: without a zone, which nobody knows.
Json local_time(const std::optional<Timestamp>& time);
Json to_array(const std::vector<std::string>& texts);
Json to_array(const std::vector<Problem>& problems);

/// To a millionth of a dollar: beyond that, digits are noise.
Json dollars(double amount);
Json dollars_or_null(const std::optional<double>& amount);

Json to_object(const Shard& shard);
Json to_object(const Usage& usage);
Json to_object(const FileCounts& counts);
Json to_object(const DumpInfo& dump);
Json to_object(const ManifestInfo& manifest);
Json to_object(const RestorePoint& point);

/// What reading a whole backup once costs: "restore" of `cost` and `recovery-kit`.
Json full_restore_object(const Usage& restore, const Prices& prices);
Json prices_object(const Prices& prices);

template <class T>
Json object_or_null(const std::optional<T>& value)
{
  return value ? to_object(*value) : Json(nullptr);
}

}  // namespace ib
