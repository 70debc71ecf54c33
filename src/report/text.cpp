// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "net/bandwidth_timetable.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"
#include "repository/runs.hpp"

#include <algorithm>

namespace ib {
namespace {

std::string finished(const ReportHeader& header, Outcome outcome, std::string_view well)
{
  std::string verdict(well);
  if (outcome == Outcome::damaged) verdict = "damage was found";
  if (outcome == Outcome::incomplete)
    verdict = "incomplete, " + count_of(header.problems.size(), "problem", "problems");
  if (outcome == Outcome::failed) verdict = "failed";
  return verdict + ", " + format_duration(header.elapsed);
}

std::string time_and_age(Timestamp time, Timestamp now)
{
  return format_iso(time) + (time <= now ? ", " + format_duration(now - time) + " ago" : "");
}

std::string verdict_of(const RestorePoint& point)
{
  if (point.complete) return "complete";
  return point.problem_count == 0
             ? "incomplete"
             : "incomplete, " + count_of(point.problem_count, "problem", "problems");
}

// ---- verify

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

// ---- snapshots

std::string padded(const std::string& text, std::size_t width)
{
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string snapshot_line(const RestorePoint& point, bool without_its_dump)
{
  const std::string verdict = point.complete ? "complete  " : "incomplete";
  const std::string line = format_iso(point.time) + "  " + verdict + "  " +
                           padded(count_of(point.counts.files, "file ", "files"), 15) + "  " +
                           padded(format_bytes(point.counts.bytes), 8);
  if (!point.database) return line + "  no dump\n";
  if (without_its_dump) return line + "  dump removed (too old to be kept)\n";
  return line + "  dump " + padded(format_bytes(point.database->bytes), 8) + "  Immich " +
         printable(point.database->immich_version) + (point.database->suspect ? ", suspect" : "") +
         (point.database->left_out.empty() ? "" : ", without all of its data") + "\n";
}

}  // namespace

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
                           finished(report.header, outcome_of(report), "no damage found"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const DrillReport& report)
{
  Rows rows;
  if (report.dump)
    rows.add("dump",
             describe(*report.dump) + (report.dump_read ? ": whole, to its last line" : ""));
  if (report.restored) {
    rows.add("database", "restored on " + printable_message(report.server) + ": " +
                             count_of(report.rows, "row", "rows") + " in " +
                             count_of(report.tables, "table", "tables"));
    rows.add("proof", format_count(report.protected_originals) + " of " +
                          count_of(report.originals, "original", "originals") + " that it names " +
                          (report.originals == 1 ? "is" : "are") +
                          " stored as Immich recorded them");
  }
  for (const std::string& thing : report.left_out) rows.add("left out", printable(thing));
  rows.add("read back", count_of(report.read_back, "file", "files") + " of " +
                            format_count(report.files) + " (" +
                            format_bytes(report.read_back_bytes) +
                            "), each restored and compared byte for byte");
  if (report.files > 0 && report.weeks > 0)
    rows.add("all of them",
             "within " + count_of(report.weeks, "week", "weeks") + ", with a drill in each");
  rows.add("", report.proven_since
                   ? "every file of the library of " + format_iso(*report.proven_since) +
                         " has been read back since"
                   : "not every file of the library has been read back yet");
  if (report.damaged > 0)
    rows.add("damaged", count_of(report.damaged, "thing is", "things are") + " not as recorded");
  if (report.cost) rows.add("cost", format_dollars(*report.cost) + " for this drill");
  rows.add_notes(report.header.notes);
  rows.add("proven", format_iso(report.restore_point) + ": " +
                         finished(report.header, outcome_of(report), "it can be restored"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const HealReport& report)
{
  Rows rows;
  for (const HealReport::File& file : report.files) {
    const std::string found =
        file.state == HealReport::State::missing ? "missing" : "not what is stored";
    rows.add(file.state == HealReport::State::whole ? "whole"
             : report.dry_run                       ? "would heal"
             : file.healed                          ? "healed"
                                                    : "not healed",
             printable(file.path) + (file.state == HealReport::State::whole ? "" : ": " + found));
  }
  if (report.cost)
    rows.add("cost", format_dollars(*report.cost) + (report.dry_run ? " at most" : ""));
  rows.add_notes(report.header.notes);
  rows.add("library",
           finished(report.header, outcome_of(report),
                    std::ranges::all_of(report.files,
                                        [](const HealReport::File& file) {
                                          return file.state == HealReport::State::whole;
                                        })
                        ? "nothing to heal"
                    : report.dry_run ? "nothing was written: --yes does it"
                                     : count_of(report.healed, "file", "files") + " healed"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const RestoreReport& report)
{
  Rows rows;
  const std::string target = " to " + printable(report.target);
  if (report.assets) {
    rows.add("chosen", count_of(*report.assets, "asset", "assets") +
                           ", with the other halves of live photos, and sidecars");
  }
  if (report.dry_run) {
    rows.add("would restore", files_of_size(report.selected, report.selected_bytes) + target);
  } else {
    rows.add("restored",
             files_of_size(report.restored, report.restored_bytes) + target +
                 (report.restored == 0 ? "" : ": each compared with what was recorded"));
  }
  rows.add("there already",
           list({some(report.whole, "with the right content"),
                 some(report.kept, "left alone (--overwrite if-different replaces them)")}));
  if (report.damaged > 0) {
    rows.add("damaged",
             count_of(report.damaged, "file", "files") +
                 ": the store's bytes are not what was recorded; nothing of it was written");
  }
  if (report.cost) {
    rows.add(report.dry_run ? "would cost" : "cost", format_dollars(*report.cost) +
                                                         (report.dry_run ? " at most" : "") +
                                                         " (retrieval, network and operations)");
  }
  if (report.bytes_per_second > 0) {
    const bool at_once = report.duration < std::chrono::seconds(1);
    rows.add("would take",
             (at_once ? "under 1 s" : format_duration(report.duration)) + " at " +
                 format_rate(report.bytes_per_second) +
                 (report.rate_is_limited ? ", as --bwlimit has it"
                                         : " (100 Mbit/s); --bwlimit says how fast it may be"));
  }
  if (report.album_json) rows.add("album list", printable(*report.album_json));
  rows.add_notes(report.header.notes);
  rows.add("restore point",
           format_iso(report.restore_point) + ": " +
               finished(report.header, outcome_of(report),
                        report.dry_run ? "dry run, nothing was written" : "restored"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const DatabaseRestoreReport& report)
{
  Rows rows;
  rows.add("dump", describe(report.dump));
  rows.add("database",
           printable_message(report.database) + ": " + count_of(report.assets, "asset", "assets"));
  if (report.counted) {
    rows.add(
        "rows",
        count_of(report.rows, "row", "rows") + " in " + count_of(report.tables, "table", "tables") +
            (report.header.problems.empty() ? ": each table as many as the dump" : " in the dump"));
  }
  rows.add_notes(report.header.notes);
  rows.add("restore point", (report.restore_point ? format_iso(*report.restore_point) + ": " : "") +
                                finished(report.header, outcome_of(report), "restored"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const StatusReport& report)
{
  Rows rows;
  rows.add("store", printable(report.header.store));
  if (!report.newest) {
    rows.add("restore point", "none yet: `immich-backup backup` makes the first");
  } else {
    const RestorePoint& newest = *report.newest;
    rows.add("restore point", time_and_age(newest.time, report.now) + ": " + verdict_of(newest) +
                                  (newest.seeding ? ", " + describe(*newest.seeding) : ""));
    rows.add("library", files_of_size(newest.counts.files, newest.counts.bytes) +
                            (newest.counts.archived == 0
                                 ? ""
                                 : ", and " + format_count(newest.counts.archived) +
                                       " gone from it but kept (" +
                                       format_bytes(newest.counts.archived_bytes) + ")"));
    rows.add("database",
             newest.database ? describe(*newest.database) : "not in this restore point");
  }
  rows.add("verified",
           !report.last_verified
               ? "never: `immich-backup verify` does it"
               : time_and_age(*report.last_verified, report.now) +
                     (report.last_verified_ok ? ": no damage found"
                      : report.damage_found == report.last_verified
                          ? ": damage was found; `immich-backup verify` names it"
                          : ": what was found damaged on " + format_iso(*report.damage_found) +
                                " has not been found whole since"));
  if (report.last_verified)
    rows.add("", report.proven_since
                     ? "every file of the library of " + format_iso(*report.proven_since) +
                           " has been read back since"
                     : "not every file of the library has been read back yet");
  if (report.newest) {
    rows.add("restore from", report.newest_complete ? format_iso(report.newest_complete->time)
                                                    : format_iso(report.newest->time) +
                                                          ", though no restore point is complete");
  }
  rows.add("kept", count_of(report.restore_points, "restore point", "restore points"));
  if (!report.unfinished_runs.empty()) {
    rows.add("unfinished",
             count_of(report.unfinished_runs.size(), "run", "runs") +
                 ": still going on, or interrupted; the next backup finds what was stored");
  }
  rows.add_notes(report.header.notes);
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const SnapshotsReport& report)
{
  std::string text;
  for (const RestorePoint& point : report.restore_points)
    text += snapshot_line(point, report.without_their_dump.contains(point.time));
  if (text.empty()) text = "no restore points\n";
  Rows notes;
  notes.add_notes(report.header.notes);
  return text + notes.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const PruneReport& report)
{
  const std::string_view goes = report.dry_run ? "would go" : "removed";
  Rows rows;
  std::string_view word = "kept";
  for (const PruneReport::Kept& kept : report.kept) {
    rows.add(word, format_iso(kept.time) + (kept.complete ? "" : ", incomplete") + " (" +
                       kept.reasons + ")");
    word = "";
  }
  if (report.kept.empty()) rows.add("kept", "there is no restore point");
  word = goes;
  for (const Timestamp time : report.restore_points) {
    rows.add(word, "restore point " + format_iso(time));
    word = "";
  }
  const auto amount = [](const StoredAmount& stored, std::string_view one, std::string_view many) {
    return stored.objects == 0
               ? ""
               : count_of(stored.objects, one, many) + " (" + format_bytes(stored.bytes) + ")";
  };
  rows.add(word, list({amount(report.dumps, "dump", "dumps"),
                       amount(report.manifests, "manifest", "manifests"),
                       amount(report.runs, "object of finished runs", "objects of finished runs"),
                       amount(report.proofs, "proof", "proofs")}));
  const std::uint64_t bytes = report.documents.bytes + report.dumps.bytes + report.manifests.bytes +
                              report.runs.bytes + report.proofs.bytes;
  if (report.objects() == 0) {
    rows.add(goes, "nothing");
  } else {
    rows.add(report.dry_run ? "would free" : "freed",
             format_bytes(bytes) + (report.saves_monthly
                                        ? ", " + format_dollars(*report.saves_monthly) + " a month"
                                        : ""));
  }
  if (report.early.value_or(0) > 0) {
    rows.add(
        "early",
        format_dollars(*report.early) +
            " is billed all the same: what goes before the minimum storage duration of its class");
  }
  rows.add_notes(report.header.notes);
  if (report.dry_run)
    rows.add("dry run", report.objects() == 0 ? "there is nothing to remove"
                                              : "nothing was removed: --yes removes it");
  else
    rows.add("pruned", finished(report.header, outcome_of(report),
                                count_of(report.removed, "object", "objects") + " removed"));
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const CostReport& report)
{
  Rows rows;
  rows.add("store", printable(report.header.store));
  const bool is_free = report.prices.free_of_charge();
  for (const StoredKind kind : kStoredKinds) {
    std::string_view word = to_string(kind);
    for (const StorageClass each : kStorageClasses) {
      const StoredAmount& amount = report.stored[kind][each];
      if (amount.objects == 0) continue;
      std::string text = objects_of_size(amount.objects, amount.bytes);
      if (!is_free) {
        text += " in " + std::string(to_string(each)) + ": " +
                format_dollars(monthly_cost(amount, each, report.prices)) + " a month";
      }
      rows.add(word, text);
      word = "";
    }
  }
  if (is_free) {
    rows.add("cost", "a folder bills nothing");
    rows.add_notes(report.header.notes);
    return rows.text();
  }
  rows.add("now", format_dollars(monthly_cost(report.stored, report.prices)) + " a month");
  rows.add("at year's end",
           format_dollars(report.monthly_at_year_end) + " a month" +
               (report.growth_per_day
                    ? ", if it goes on as since " + format_iso(*report.growth_since).substr(0, 10) +
                          " (" +
                          format_bytes(
                              static_cast<std::uint64_t>(std::max(0.0, *report.growth_per_day))) +
                          " a day)"
                    : ": how fast it grows is not known before a week has passed"));
  rows.add("full restore",
           format_dollars(cost_of(report.restore, report.prices)) + " to read " +
               objects_of_size(report.restore.class_b(), report.restore.retrieved_bytes()) +
               " once, outside Google's network");
  rows.add("prices", printable(report.prices.location) + ", of " + printable(report.prices.date) +
                         ", before taxes, discounts and the free tier");
  rows.add_notes(report.header.notes);
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_text(const RebuildReport& report)
{
  Rows rows;
  rows.add("based on", report.based_on ? printable(report.based_on->value)
                                       : "the store's objects alone: no manifest could be read");
  rows.add("store",
           list({count_of(report.objects, "object that holds a file", "objects that hold files"),
                 some(report.read_back, "read back")}));
  if (report.added > 0)
    rows.add("added",
             count_of(report.added, "content", "contents") + " that the manifest did not know");
  if (report.dropped > 0) {
    rows.add("dropped",
             count_of(report.dropped, "entry whose object is", "entries whose objects are") +
                 " missing or damaged; the next backup stores the files again");
  }
  rows.add("library", files_of_size(report.totals.files, report.totals.bytes));
  rows.add_notes(report.header.notes);
  rows.add("restore point", (report.restore_point ? format_iso(*report.restore_point) + ": "
                                                  : "none was written: ") +
                                finished(report.header, outcome_of(report), "rebuilt"));
  return rows.text() + problems_text(report.header.problems, report.restore_point);
}

}  // namespace ib
