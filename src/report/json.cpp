// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "core/records/audit_fields.hpp"
#include "report/json_header.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"
#include "repository/runs.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace ib {
namespace {

using Json = nlohmann::ordered_json;

std::string dump_line(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

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
    case Outcome::incomplete:
      return "incomplete";
    case Outcome::damaged:
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

Json time_or_null(const std::optional<Timestamp>& time)
{
  return time ? Json(format_iso(*time)) : Json(nullptr);
}

Json to_array(const std::vector<std::string>& texts)
{
  Json array = Json::array();
  for (const std::string& text : texts) array.push_back(to_utf8(text));
  return array;
}

Json to_object(const Shard& shard)
{
  return {{"part", shard.part}, {"parts", shard.parts}};
}

Json to_object(const Problem& problem)
{
  Json json{{"path", to_utf8(problem.path)},
            {"code", to_utf8(problem.code)},
            {"message", to_utf8(problem.message)}};
  if (!problem.hint.empty()) json["hint"] = to_utf8(problem.hint);
  return json;
}

Json to_array(const std::vector<Problem>& problems)
{
  Json array = Json::array();
  for (const Problem& problem : problems) array.push_back(to_object(problem));
  return array;
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

/// To a millionth of a dollar: beyond that, digits are noise.
Json dollars(double amount)
{
  return std::round(amount * 1e6) / 1e6;
}

Json dollars_or_null(const std::optional<double>& amount)
{
  return amount ? dollars(*amount) : Json(nullptr);
}

Json to_object(const CostSummary& cost)
{
  return {{"usd", dollars(cost.once)},
          {"usd_month", dollars(cost.monthly)},
          {"auto_saves_usd", dollars(cost.auto_saves)},
          {"location", to_utf8(cost.location)},
          {"prices_of", to_utf8(cost.date)}};
}

Json to_object(const Seeding& seeding)
{
  return {{"percent", seeding.percent()},
          {"files_left", seeding.files_left},
          {"bytes_left", seeding.bytes_left},
          {"days_left", seeding.days_left() ? Json(*seeding.days_left()) : Json(nullptr)}};
}

Json to_object(const FileCounts& counts)
{
  return {{"files", counts.files},
          {"bytes", counts.bytes},
          {"archived", counts.archived},
          {"archived_bytes", counts.archived_bytes},
          {"versions", counts.versions}};
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
          {"left_out", to_array(dump.left_out)}};
}

Json to_object(const ManifestInfo& manifest)
{
  return {{"object", to_utf8(manifest.object.value)},
          {"bytes", manifest.bytes},
          {"sha256", manifest.sha256.hex()}};
}

Json to_object(const RestorePoint& point)
{
  return {{"time", format_iso(point.time)},
          {"verdict", point.complete ? "complete" : "incomplete"},
          {"run", to_utf8(point.run)},
          {"files", to_object(point.counts)},
          {"database", point.database ? to_object(*point.database) : Json(nullptr)},
          {"audit", point.audit ? audit_object<Json>(*point.audit) : Json(nullptr)},
          {"store_listed", time_or_null(point.store_listed)},
          {"manifest", point.manifest ? to_object(*point.manifest) : Json(nullptr)},
          {"problem_count", point.problem_count}};
}

template <class T>
Json object_or_null(const std::optional<T>& value)
{
  return value ? to_object(*value) : Json(nullptr);
}

Json header_of(const ReportHeader& header, Outcome outcome)
{
  return {{"command", header.command},
          {"result", result_word(outcome)},
          {"store", to_utf8(header.store)},
          {"elapsed_s", seconds(header.elapsed)},
          {"problems", to_array(header.problems)},
          {"notes", to_array(header.notes)}};
}

}  // namespace

std::string to_json(const BackupReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["restore_point"] = time_or_null(report.restore_point);
  json["files"] = {{"covered", report.files_covered},
                   {"scanned", report.plan.scanned},
                   {"new", report.added},
                   {"changed", report.changed},
                   {"touched", report.touched},
                   {"moved", report.moved},
                   {"copied", report.copied},
                   {"returned", report.returned},
                   {"unchanged", report.plan.unchanged},
                   {"archived", report.archived},
                   {"failed", report.failed},
                   {"rehashed", report.rehashed},
                   {"suspect", report.suspect},
                   {"scanned_bytes", report.plan.scanned_bytes},
                   {"new_bytes", report.added_bytes}};
  json["plan"] = {{"to_read", report.plan.to_read},
                  {"to_read_bytes", report.plan.to_read_bytes},
                  {"gone", report.plan.gone},
                  {"missing_but_kept", report.plan.missing_but_kept}};
  json["uploaded"] = {{"objects", report.uploaded_objects},
                      {"bytes", report.uploaded_bytes},
                      {"found_stored", report.found_stored}};
  json["requests"] = to_object(report.usage);
  json["cost"] = object_or_null(report.cost);
  json["database"] = object_or_null(report.database);
  json["audit"] = report.audit ? audit_object<Json>(*report.audit) : Json(nullptr);
  json["store_listed"] = time_or_null(report.store_listed);
  json["manifest"] = object_or_null(report.manifest);
  if (report.manifest) json["manifest"]["written"] = report.manifest_written;
  json["totals"] = to_object(report.totals);
  json["seeding"] = object_or_null(report.seeding);
  json["shard"] = object_or_null(report.shard);
  json["left_out"] = to_array(report.left_out);
  return dump_line(json);
}

std::string to_json(const VerifyReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["restore_point"] = time_or_null(report.restore_point);
  json["objects"] = {{"named", report.objects},
                     {"bytes", report.object_bytes},
                     {"present", report.present},
                     {"damaged", report.damaged},
                     {"unknown", report.unknown_objects}};
  json["read_back"] = {{"objects", report.read_back}, {"bytes", report.read_back_bytes}};
  json["listing_has_checksums"] = report.listing_has_checksums;
  json["dump_checked"] = report.dump_checked;
  json["shard"] = object_or_null(report.shard);
  json["budget_spent"] = report.budget_spent;
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return dump_line(json);
}

std::string to_json(const DrillReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["restore_point"] = format_iso(report.restore_point);
  json["dump"] =
      report.dump ? Json{{"object", to_utf8(report.dump->object.value)}, {"read", report.dump_read}}
                  : Json(nullptr);
  json["database"] = {{"restored", report.restored},
                      {"server", to_utf8(report.server)},
                      {"tables", report.tables},
                      {"rows", report.rows},
                      {"left_out", report.left_out}};
  json["originals"] = {{"named", report.originals}, {"protected", report.protected_originals}};
  json["files"] = {{"total", report.files}, {"due", report.due}};
  json["read_back"] = {{"objects", report.read_back}, {"bytes", report.read_back_bytes}};
  json["proven_since"] = time_or_null(report.proven_since);
  json["weeks"] = report.weeks;
  json["damaged"] = report.damaged;
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return dump_line(json);
}

std::string to_json(const HealReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["files"] = Json::array();
  for (const HealReport::File& file : report.files) {
    const char* const state = file.state == HealReport::State::whole     ? "whole"
                              : file.state == HealReport::State::missing ? "missing"
                                                                         : "different";
    json["files"].push_back(
        {{"path", to_utf8(file.path)}, {"state", state}, {"healed", file.healed}});
  }
  json["healed"] = report.healed;
  json["damaged"] = report.damaged;
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return dump_line(json);
}

std::string to_json(const RestoreReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["restore_point"] = format_iso(report.restore_point);
  json["target"] = to_utf8(report.target);
  json["files"] = {{"selected", report.selected}, {"selected_bytes", report.selected_bytes},
                   {"restored", report.restored}, {"restored_bytes", report.restored_bytes},
                   {"kept", report.kept},         {"whole", report.whole},
                   {"damaged", report.damaged}};
  json["assets"] = report.assets ? Json(*report.assets) : Json(nullptr);
  json["album_json"] = report.album_json ? Json(to_utf8(*report.album_json)) : Json(nullptr);
  json["foreseen"] = !report.dry_run ? Json(nullptr)
                                     : Json{{"bytes_per_second", report.bytes_per_second},
                                            {"limited", report.rate_is_limited},
                                            {"seconds", report.duration.count()}};
  json["requests"] = to_object(report.usage);
  json["cost_usd"] = dollars_or_null(report.cost);
  return dump_line(json);
}

std::string to_json(const DatabaseRestoreReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["restore_point"] = time_or_null(report.restore_point);
  json["dump"] = to_object(report.dump);
  json["database"] = to_utf8(report.database);
  json["assets"] = report.assets;
  json["created"] = report.created;
  json["replaced"] = report.replaced;
  json["rows"] = {{"counted", report.counted}, {"tables", report.tables}, {"rows", report.rows}};
  return dump_line(json);
}

std::string to_json(const StatusReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["newest"] = object_or_null(report.newest);
  json["newest_complete"] = object_or_null(report.newest_complete);
  json["age_s"] = report.newest
                      ? Json(std::max<std::int64_t>(0, (report.now - report.newest->time).count()))
                      : Json(nullptr);
  json["restore_points"] = report.restore_points;
  json["last_verified"] = time_or_null(report.last_verified);
  json["last_verified_ok"] = report.last_verified ? Json(report.last_verified_ok) : Json(nullptr);
  json["damage_found"] = time_or_null(report.damage_found);
  json["proven_since"] = time_or_null(report.proven_since);
  json["unfinished_runs"] = to_array(report.unfinished_runs);
  return dump_line(json);
}

std::string to_json(const SnapshotsReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  Json points = Json::array();
  for (const RestorePoint& point : report.restore_points) {
    Json object = to_object(point);
    if (point.database) object["dump_present"] = !report.without_their_dump.contains(point.time);
    points.push_back(std::move(object));
  }
  json["restore_points"] = std::move(points);
  return dump_line(json);
}

std::string to_json(const PruneReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  Json kept = Json::array();
  for (const PruneReport::Kept& each : report.kept) {
    kept.push_back({{"time", format_iso(each.time)},
                    {"complete", each.complete},
                    {"reasons", to_utf8(each.reasons)}});
  }
  json["kept"] = std::move(kept);
  Json gone = Json::array();
  for (const Timestamp time : report.restore_points) gone.push_back(format_iso(time));
  json["restore_points"] = std::move(gone);
  const auto amount = [](const StoredAmount& stored) {
    return Json{{"objects", stored.objects}, {"bytes", stored.bytes}};
  };
  json["dumps"] = amount(report.dumps);
  json["manifests"] = amount(report.manifests);
  json["runs"] = amount(report.runs);
  json["proofs"] = amount(report.proofs);
  json["removed_objects"] = report.removed;
  json["saves_usd_month"] = dollars_or_null(report.saves_monthly);
  json["early_usd"] = dollars_or_null(report.early);
  json["requests"] = to_object(report.usage);
  return dump_line(json);
}

std::string to_json(const CostReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  Json stored = Json::array();
  for (const StoredKind kind : kStoredKinds) {
    for (const StorageClass each : kStorageClasses) {
      const StoredAmount& amount = report.stored[kind][each];
      if (amount.objects == 0) continue;
      stored.push_back({{"kind", to_string(kind)},
                        {"class", to_string(each)},
                        {"objects", amount.objects},
                        {"bytes", amount.bytes},
                        {"usd_month", dollars(monthly_cost(amount, each, report.prices))}});
    }
  }
  json["stored"] = std::move(stored);
  json["usd_month"] = dollars(monthly_cost(report.stored, report.prices));
  json["usd_month_at_year_end"] = dollars(report.monthly_at_year_end);
  json["growth_bytes_per_day"] =
      report.growth_per_day ? Json(std::llround(*report.growth_per_day)) : Json(nullptr);
  json["growth_since"] = time_or_null(report.growth_since);
  json["restore"] = {{"usd", dollars(cost_of(report.restore, report.prices))},
                     {"objects", report.restore.class_b()},
                     {"bytes", report.restore.retrieved_bytes()}};
  json["prices"] = {{"location", to_utf8(report.prices.location)},
                    {"date", to_utf8(report.prices.date)}};
  json["requests"] = to_object(report.usage);
  return dump_line(json);
}

std::string to_json(const RecoveryKitReport& report)
{
  const RestorePoint& point = report.restore_point;
  Json json = header_of(report.header, outcome_of(report));
  json["program_version"] = to_utf8(report.program_version);
  json["restore_point"] = format_iso(point.time);
  json["complete"] = point.complete;
  json["files"] = {{"count", point.counts.files}, {"bytes", point.counts.bytes}};
  json["database"] = object_or_null(point.database);
  json["last_verified"] = time_or_null(report.last_verified);
  json["last_verified_ok"] = report.last_verified_ok;
  json["restore"] = {{"usd", dollars(cost_of(report.restore, report.prices))},
                     {"objects", report.restore.class_b()},
                     {"bytes", report.restore.retrieved_bytes()}};
  json["prices"] = {{"location", to_utf8(report.prices.location)},
                    {"date", to_utf8(report.prices.date)}};
  return dump_line(json);
}

std::string to_json(const RebuildReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  json["restore_point"] = time_or_null(report.restore_point);
  json["based_on"] = report.based_on ? Json(to_utf8(report.based_on->value)) : Json(nullptr);
  json["objects"] = {{"found", report.objects},
                     {"read_back", report.read_back},
                     {"added", report.added},
                     {"dropped", report.dropped}};
  json["manifest"] = object_or_null(report.manifest);
  json["totals"] = to_object(report.totals);
  return dump_line(json);
}

std::string to_json(const DoctorReport& report)
{
  Json json = header_of(report.header, outcome_of(report));
  Json checks = Json::array();
  for (const Check& check : report.checks) {
    Json item{{"area", check.area},
              {"name", check.name},
              {"verdict", verdict_word(check.verdict)},
              {"message", to_utf8(check.message)}};
    if (!check.fix.empty()) item["fix"] = to_utf8(check.fix);
    checks.push_back(std::move(item));
  }
  json["checks"] = std::move(checks);
  json["requests"] = to_object(report.usage);
  return dump_line(json);
}

std::string header_json(const ReportHeader& header, Outcome outcome)
{
  return dump_line(header_of(header, outcome));
}

std::string failure_to_json(const std::string& command, const std::string& store,
                            std::chrono::milliseconds elapsed, const Error& error)
{
  ReportHeader header{.command = to_utf8(command), .store = store, .elapsed = elapsed};
  header.problems.push_back(problem_from(error, to_string(error.code), ""));
  return dump_line(header_of(header, Outcome::failed));
}

}  // namespace ib
