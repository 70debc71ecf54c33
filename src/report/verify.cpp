// SPDX-License-Identifier: Apache-2.0
#include "report/verify.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string listing_row(const VerifyReport& report)
{
  return format_count(report.present) + " of " +
         objects_of_size(report.objects, report.object_bytes) +
         (report.listing_has_checksums ? ": there, with the recorded size and CRC32C"
                                       : ": there, with the recorded size");
}

std::string not_proven_row(const VerifyReport& report)
{
  if (report.read_back >= report.objects && report.damaged == 0) return {};
  const bool some_read = report.read_back > 0;
  const std::string rest = some_read ? "the bytes of what was not read: " : "";
  return rest +
         (report.listing_has_checksums
              ? "a listing proves names, sizes and the store's own checksums"
              : "a folder's listing proves names and sizes") +
         (report.budget_spent ? "; the budget did not reach for more"
          : report.shard      ? "; the other parts read the rest"
                              : "; --all reads the bytes");
}

}  // namespace

Outcome outcome_of(const VerifyReport& report)
{
  return report.damaged > 0 ? Outcome::damaged : outcome_by_problems(report.header);
}

std::string to_text(const VerifyReport& report)
{
  Rows rows;
  rows.add("listing", listing_row(report));
  if (report.read_back > 0) {
    rows.add("read back", objects_of_size(report.read_back, report.read_back_bytes) +
                              ": byte for byte as recorded");
  }
  rows.add("of the store", describe(report.shard));
  if (report.dump_checked) rows.add("database", "the dump was read to its end: whole");
  if (report.damaged > 0) {
    rows.add("damaged", count_of(report.damaged, "object is", "objects are") +
                            " missing or not what was recorded");
  }
  if (report.unknown_objects > 0) {
    rows.add("unknown",
             count_of(report.unknown_objects, "object", "objects") +
                 " that no manifest names: of a run that was interrupted, or a stranger's");
  }
  rows.add("not proven", not_proven_row(report));
  if (report.cost) rows.add("cost", format_dollars(*report.cost) + " for this run");
  rows.add_notes(report.header.notes);
  rows.add("verified", (report.restore_point ? format_iso(*report.restore_point) + ": " : "") +
                           verdict_and_time(report.header, outcome_of(report), "no damage found"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const VerifyReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
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
  return json_line(json);
}

}  // namespace ib
