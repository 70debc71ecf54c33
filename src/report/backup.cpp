// SPDX-License-Identifier: Apache-2.0
#include "report/backup.hpp"

#include "base/text.hpp"
#include "core/records/audit_fields.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string database_row(const BackupReport& report)
{
  if (!report.database) return report.dry_run ? "" : "not in this restore point";
  const DumpInfo& dump = *report.database;
  if (report.dry_run)
    return "would be dumped: Immich " + dump.immich_version + ", " +
           count_of(dump.assets, "asset", "assets");
  std::string assets = count_of(dump.assets, "asset", "assets");
  if (report.previous_assets && dump.assets > *report.previous_assets) {
    assets += " (+" + format_count(dump.assets - *report.previous_assets) + ")";
  } else if (report.previous_assets && dump.assets < *report.previous_assets) {
    assets += " (-" + format_count(*report.previous_assets - dump.assets) + ")";
  }
  return format_bytes(dump.bytes) + ", trailer ok, " + assets;
}

std::string with_bytes(const std::string& text, std::uint64_t bytes)
{
  return text.empty() ? "" : text + " (" + format_bytes(bytes) + ")";
}

/// A file that moved is gone from where it was: it is not counted as another loss.
std::string gone_row(const BackupReport& report)
{
  if (report.moved == 0 || report.archived == 0) return some(report.archived, "gone");
  return count_of(report.archived, "path", "paths") + " gone, with those of what moved";
}

std::string library_row(const BackupReport& report)
{
  if (!report.files_covered) return "left as it was (--no-files)";
  const std::string found = count_of(report.plan.scanned, "file", "files") + ": ";
  const bool all_new = report.added == report.plan.scanned && report.added > 1;
  const std::string changes = list({
      with_bytes(all_new ? "all new" : some(report.added, "new"), report.added_bytes),
      some(report.changed, "changed"),
      some(report.touched, "with another time"),
      some(report.moved, "moved"),
      some(report.copied, report.copied == 1 ? "a copy" : "copies"),
      some(report.returned, "back"),
      gone_row(report),
      some(report.failed, "not saved"),
      some(report.suspect, "with bytes that they should not have"),
      some(report.rehashed, "read again to be sure"),
  });
  return found + (changes.empty() ? "nothing has changed" : changes);
}

std::string planned_library_row(const BackupReport& report)
{
  if (!report.files_covered) return "would be left as it is (--no-files)";
  const PlanCounts& plan = report.plan;
  return files_of_size(plan.scanned, plan.scanned_bytes) + ": " +
         list({with_bytes(some(plan.to_read, "to read"), plan.to_read_bytes),
               some(plan.unchanged, "unchanged"), some(plan.gone, "gone")});
}

/// "201,341 of 201,344 originals; 3 accepted as lost"
std::string proof_row(const BackupReport& report)
{
  if (!report.audit) return {};
  const Audit& audit = *report.audit;
  const std::string text = format_count(audit.protected_originals()) + " of " +
                           count_of(audit.originals, "original", "originals");
  const std::string details = list({
      audit.stored == 0 ? "" : format_count(audit.stored) + " without a checksum to compare",
      some(audit.placed, "not where the library has them"),
      some(audit.differs, "not as Immich recorded"),
      some(audit.missing, "missing"),
      some(audit.excluded, "left out by --exclude"),
      some(audit.deleted, "deleted by Immich meanwhile"),
      some(audit.offline, "offline in Immich"),
      some(audit.accepted, "accepted by you"),
  });
  return details.empty() ? text : text + "; " + details;
}

/// The proof rests on the manifest. This says when the store was last listed against it.
std::string listed_row(const BackupReport& report)
{
  if (!report.audit || report.dry_run) return {};
  if (!report.store_listed)
    return "no listing of the store against the manifest is known: "
           "`immich-backup verify` makes one";
  return "the store was last listed against the manifest on " + format_iso(*report.store_listed) +
         " (immich-backup verify)";
}

std::string stored_row(const BackupReport& report)
{
  return list({report.uploaded_objects == 0
                   ? ""
                   : objects_of_size(report.uploaded_objects, report.uploaded_bytes),
               report.found_stored == 0
                   ? ""
                   : some(report.found_stored, "already there from an interrupted run")});
}

std::string left_out_row(const BackupReport& report)
{
  std::vector<std::string> parts;
  parts.reserve(report.left_out.size());
  for (const std::string& part : report.left_out) parts.push_back(printable_message(part));
  return list(parts);
}

/// "2,000 class A at ARCHIVE, 12 class A at STANDARD, 3 class B at STANDARD"
std::string operations(const Usage& usage)
{
  std::vector<std::string> parts;
  parts.reserve(2 * kStorageClasses.size());
  for (const StorageClass each : kStorageClasses)
    parts.push_back(some(usage.of[each].class_a, "class A at " + std::string(to_string(each))));
  for (const StorageClass each : kStorageClasses)
    parts.push_back(some(usage.of[each].class_b, "class B at " + std::string(to_string(each))));
  return list(parts);
}

std::string cost_row(const BackupReport& report)
{
  if (!report.cost) return {};
  const CostSummary& cost = *report.cost;
  const std::string monthly = format_dollars(cost.monthly) + " a month";
  if (!report.dry_run) return format_dollars(cost.once) + " for this run, " + monthly;
  return format_dollars(cost.once) + " for the run at most (" + operations(report.usage) +
         "), then " + monthly;
}

std::string auto_row(const BackupReport& report)
{
  if (!report.dry_run || !report.cost || report.cost->auto_saves < 0.01) return {};
  return "--storage-class auto would save " + format_dollars(report.cost->auto_saves) +
         " on these files as long as they are kept";
}

std::string prices_row(const BackupReport& report)
{
  if (!report.dry_run || !report.cost) return {};
  return describe_prices(report.cost->location, report.cost->date);
}

std::string restore_point_row(const BackupReport& report)
{
  const std::string took = ", " + format_duration(report.header.elapsed);
  if (report.shard && !report.restore_point)
    return "none of a part; the next backup of the whole library takes in what was stored" + took;
  if (!report.restore_point) return "none was written" + took;
  const std::size_t problems = report.header.problems.size();
  const std::string verdict =
      std::string(report.complete ? "complete" : "incomplete") +
      (problems == 0 ? "" : ", " + count_of(problems, "problem", "problems"));
  return format_iso(*report.restore_point) + ": " + verdict +
         (report.seeding ? ", " + describe(*report.seeding) : "") +
         (report.audit ? ", " + format_count(report.audit->protected_originals()) + " of " +
                             count_of(report.audit->originals, "original", "originals")
                       : "") +
         took;
}

Json cost_or_null(const std::optional<CostSummary>& cost)
{
  if (!cost) return nullptr;
  return {{"usd", dollars(cost->once)},
          {"usd_month", dollars(cost->monthly)},
          {"auto_saves_usd", dollars(cost->auto_saves)},
          {"location", to_utf8(cost->location)},
          {"prices_of", to_utf8(cost->date)}};
}

Json seeding_or_null(const std::optional<Seeding>& seeding)
{
  if (!seeding) return nullptr;
  const std::optional<std::uint64_t> days = seeding->days_left();
  return {{"percent", seeding->percent()},
          {"files_left", seeding->files_left},
          {"bytes_left", seeding->bytes_left},
          {"days_left", days ? Json(*days) : Json(nullptr)}};
}

}  // namespace

Outcome outcome_of(const BackupReport& report)
{
  if (!report.dry_run && !report.restore_point && !report.shard) return Outcome::failed;
  return outcome_by_problems(report.header);
}

std::string to_text(const BackupReport& report)
{
  Rows rows;
  rows.add("database", database_row(report));
  rows.add("of the library", describe(report.shard));
  rows.add("library", report.dry_run ? planned_library_row(report) : library_row(report));
  rows.add("left out", left_out_row(report));
  if (!report.dry_run) rows.add("stored", stored_row(report));
  rows.add("proof", proof_row(report));
  rows.add("", listed_row(report));
  rows.add("cost", cost_row(report));
  rows.add("", auto_row(report));
  rows.add("prices", prices_row(report));
  rows.add_notes(report.header.notes);
  if (report.dry_run) {
    rows.add("dry run",
             "nothing was stored; a backup would read the files above, "
             "and store those with new content");
  } else {
    rows.add("restore point", restore_point_row(report));
  }
  return rows.text() + problems_text(report.header.problems, report.restore_point);
}

std::string to_json(const BackupReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["dry_run"] = report.dry_run;
  json["restore_point"] = time_or_null(report.restore_point);
  json["complete"] = report.complete;
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
                  {"missing_but_kept", report.plan.missing_but_kept},
                  {"not_covered", report.plan.not_covered}};
  json["uploaded"] = {{"objects", report.uploaded_objects},
                      {"bytes", report.uploaded_bytes},
                      {"found_stored", report.found_stored}};
  json["requests"] = to_object(report.usage);
  json["cost"] = cost_or_null(report.cost);
  json["database"] = object_or_null(report.database);
  json["audit"] = report.audit ? audit_object<Json>(*report.audit) : Json(nullptr);
  json["store_listed"] = time_or_null(report.store_listed);
  json["manifest"] = object_or_null(report.manifest);
  if (report.manifest) json["manifest"]["written"] = report.manifest_written;
  json["totals"] = to_object(report.totals);
  json["seeding"] = seeding_or_null(report.seeding);
  json["shard"] = object_or_null(report.shard);
  json["left_out"] = to_array(report.left_out);
  return json_line(json);
}

}  // namespace ib
