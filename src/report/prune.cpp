// SPDX-License-Identifier: Apache-2.0
#include "report/prune.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

void add_kept(Rows& rows, const PruneReport& report)
{
  if (report.kept.empty()) rows.add("kept", "there is no restore point");
  std::string_view word = "kept";
  for (const PruneReport::Kept& kept : report.kept) {
    rows.add(word, format_iso(kept.time) + (kept.complete ? "" : ", incomplete") + " (" +
                       kept.reasons + ")");
    word = "";
  }
}

std::string amount(const StoredAmount& stored, std::string_view one, std::string_view many)
{
  if (stored.objects == 0) return {};
  return count_of(stored.objects, one, many) + " (" + format_bytes(stored.bytes) + ")";
}

void add_removed(Rows& rows, const PruneReport& report)
{
  std::string_view word = report.dry_run ? "would go" : "removed";
  for (const Timestamp time : report.restore_points) {
    rows.add(word, "restore point " + format_iso(time));
    word = "";
  }
  rows.add(word, list({amount(report.dumps, "dump", "dumps"),
                       amount(report.manifests, "manifest", "manifests"),
                       amount(report.runs, "object of finished runs", "objects of finished runs"),
                       amount(report.proofs, "proof", "proofs")}));
  if (report.objects() == 0) {
    rows.add(word, "nothing");
    return;
  }
  rows.add(
      report.dry_run ? "would free" : "freed",
      format_bytes(report.bytes()) +
          (report.saves_monthly ? ", " + format_dollars(*report.saves_monthly) + " a month" : ""));
}

Json to_object(const StoredAmount& stored)
{
  return {{"objects", stored.objects}, {"bytes", stored.bytes}};
}

}  // namespace

Outcome outcome_of(const PruneReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const PruneReport& report)
{
  Rows rows;
  add_kept(rows, report);
  add_removed(rows, report);
  if (report.early.value_or(0) > 0) {
    rows.add("early", format_dollars(*report.early) +
                          " is billed all the same: "
                          "what goes before the minimum storage duration of its class");
  }
  rows.add_notes(report.header.notes);
  if (report.dry_run)
    rows.add("dry run", report.objects() == 0 ? "there is nothing to remove"
                                              : "nothing was removed: --yes removes it");
  else
    rows.add("pruned",
             verdict_and_time(report.header, outcome_of(report),
                              count_of(report.removed, "object", "objects") + " removed"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const PruneReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
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
  json["dumps"] = to_object(report.dumps);
  json["manifests"] = to_object(report.manifests);
  json["runs"] = to_object(report.runs);
  json["proofs"] = to_object(report.proofs);
  json["removed_objects"] = report.removed;
  json["saves_usd_month"] = dollars_or_null(report.saves_monthly);
  json["early_usd"] = dollars_or_null(report.early);
  json["requests"] = to_object(report.usage);
  return json_line(json);
}

}  // namespace ib
