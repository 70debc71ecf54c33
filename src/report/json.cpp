// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include "base/text.hpp"
#include "core/records/audit_fields.hpp"

#include <cmath>

namespace ib {
namespace {

/// Without the digits that binary fractions add: 290.123.
Json seconds(std::chrono::milliseconds elapsed)
{
  return static_cast<double>(elapsed.count()) / 1000.0;
}

std::string_view result_word(Outcome outcome)
{
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::retryable:
    case Outcome::incomplete:
      return "incomplete";
    case Outcome::damaged:
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

Json to_object(const Problem& problem)
{
  Json json{{"path", to_utf8(problem.path)},
            {"code", to_utf8(problem.code)},
            {"message", to_utf8(problem.message)}};
  if (!problem.hint.empty()) json["hint"] = to_utf8(problem.hint);
  return json;
}

}  // namespace

std::string json_text(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_line(const Json& json)
{
  return json_text(json) + "\n";
}

Json header_object(const ReportHeader& header, Outcome outcome)
{
  return {{"command", header.command},
          {"result", result_word(outcome)},
          {"store", to_utf8(header.store)},
          {"elapsed_s", seconds(header.elapsed)},
          {"problems", to_array(header.problems)},
          {"notes", to_array(header.notes)}};
}

Json local_time(const std::optional<Timestamp>& time)
{
  if (!time) return nullptr;
  std::string text = format_iso(*time);
  text.pop_back();  // Z
  return text;
}

Json time_or_null(const std::optional<Timestamp>& time)
{
  return time ? Json(format_iso(*time)) : Json(nullptr);
}

Json to_array(const std::vector<Problem>& problems)
{
  Json array = Json::array();
  for (const Problem& problem : problems) array.push_back(to_object(problem));
  return array;
}

Json to_array(const std::vector<std::string>& texts)
{
  Json array = Json::array();
  for (const std::string& text : texts) array.push_back(to_utf8(text));
  return array;
}

Json dollars(double amount)
{
  return std::round(amount * 1e6) / 1e6;
}

Json dollars_or_null(const std::optional<double>& amount)
{
  return amount ? dollars(*amount) : Json(nullptr);
}

Json to_object(const Shard& shard)
{
  return {{"part", shard.part}, {"parts", shard.parts}};
}

Json to_object(const Usage& usage)
{
  Json by_class = Json::object();
  for (const StorageClass each : kStorageClasses) {
    const Usage::OfClass& counted = usage.of[each];
    if (counted == Usage::OfClass{}) continue;
    by_class[to_string(each)] = {{"class_a", counted.class_a},
                                 {"class_b", counted.class_b},
                                 {"retrieved_bytes", counted.retrieved_bytes}};
  }
  return {{"class_a", usage.class_a()},
          {"class_b", usage.class_b()},
          {"free", usage.free},
          {"by_class", std::move(by_class)}};
}

Json to_object(const FileCounts& counts)
{
  return {{"files", counts.files},       {"bytes", counts.bytes},
          {"archived", counts.archived}, {"archived_bytes", counts.archived_bytes},
          {"versions", counts.versions}, {"placed", counts.placed}};
}

Json to_object(const DumpInfo& dump)
{
  return {{"object", to_utf8(dump.object.value)},
          {"bytes", dump.bytes},
          {"sha256", dump.sha256.hex()},
          {"plain_bytes", dump.plain_bytes},
          {"immich_version", to_utf8(dump.immich_version)},
          {"schema_level", to_utf8(dump.schema_level)},
          {"assets", dump.assets},
          {"suspect", dump.suspect},
          {"left_out", to_array(dump.left_out)},
          {"encoding", to_utf8(dump.encoding)},
          {"settings", to_array(dump.settings)},
          {"granted", to_array(dump.granted)}};
}

Json to_object(const ManifestInfo& manifest)
{
  return {{"object", to_utf8(manifest.object.value)},
          {"bytes", manifest.bytes},
          {"sha256", manifest.sha256.hex()},
          {"base", manifest.base ? Json(to_utf8(manifest.base->object.value)) : Json(nullptr)}};
}

Json to_object(const RestorePoint& point)
{
  return {{"time", format_iso(point.time)},
          {"verdict", point.is_complete() ? "complete" : "incomplete"},
          {"covers",
           {{"files", point.covers.files},
            {"database", point.covers.database},
            {"part", point.covers.part}}},
          {"run", to_utf8(point.run)},
          {"files", to_object(point.counts)},
          {"database", object_or_null(point.database)},
          {"audit", point.audit ? audit_object<Json>(*point.audit) : Json(nullptr)},
          {"store_listed", time_or_null(point.store_listed)},
          {"manifest", object_or_null(point.manifest)},
          {"cost_usd_month", dollars_or_null(point.monthly_cost)},
          {"problem_count", point.problem_count}};
}

Json full_restore_object(const Usage& restore, const Prices& prices)
{
  return {{"usd", dollars(cost_of(restore, prices))},
          {"objects", restore.class_b()},
          {"bytes", restore.retrieved_bytes()}};
}

Json prices_object(const Prices& prices)
{
  return {{"location", to_utf8(prices.location)}, {"date", to_utf8(prices.date)}};
}

}  // namespace ib
