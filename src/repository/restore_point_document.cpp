// SPDX-License-Identifier: Apache-2.0
#include "repository/documents.hpp"

#include "base/text.hpp"
#include "core/records/audit_fields.hpp"
#include "repository/json_reader.hpp"

#include <algorithm>
#include <cmath>

namespace ib {
namespace {

/// To a millionth of a dollar: beyond that, digits are noise.
Json dollars(double amount)
{
  return std::round(amount * 1e6) / 1e6;
}

Json to_object(const Problem& problem)
{
  Json json{{"path", to_utf8(problem.path)},
            {"code", to_utf8(problem.code)},
            {"message", to_utf8(problem.message)}};
  if (!problem.hint.empty()) json["hint"] = to_utf8(problem.hint);
  return json;
}

Json to_object(const ManifestInfo& manifest)
{
  Json base;
  if (manifest.base)
    base = {{"object", to_utf8(manifest.base->object.value)},
            {"sha256", manifest.base->sha256.hex()}};
  return {{"object", to_utf8(manifest.object.value)},
          {"bytes", manifest.bytes},
          {"sha256", manifest.sha256.hex()},
          {"base", std::move(base)}};
}

Json texts(const std::vector<std::string>& values)
{
  Json array = Json::array();
  for (const std::string& value : values) array.push_back(to_utf8(value));
  return array;
}

Json to_object(const DumpInfo& dump)
{
  Json json{{"object", to_utf8(dump.object.value)},
            {"bytes", dump.bytes},
            {"sha256", dump.sha256.hex()},
            {"plain_bytes", dump.plain_bytes},
            {"immich_version", to_utf8(dump.immich_version)},
            {"schema_level", to_utf8(dump.schema_level)},
            {"assets", dump.assets},
            {"suspect", dump.suspect},
            {"left_out", dump.left_out},
            {"encoding", to_utf8(dump.encoding)},
            {"settings", texts(dump.settings)},
            {"granted", texts(dump.granted)}};
  if (dump.encrypted_bytes) json["encrypted_bytes"] = *dump.encrypted_bytes;
  return json;
}

Json to_object(const RecordingRun& run)
{
  return {{"generation", run.generation},
          {"run", to_utf8(run.run)},
          {"started", format_iso(run.started)}};
}

std::vector<Problem> read_problems(JsonReader& reader, const std::string& where)
{
  std::vector<Problem> problems;
  const Json* array = reader.array_within("problems");
  if (array == nullptr) return problems;
  for (const Json& element : *array) {
    if (!element.is_object()) continue;
    JsonReader inner(element, where + ": problems");
    problems.push_back({.path = inner.text("path"),
                        .code = inner.text("code"),
                        .message = inner.text("message"),
                        .hint = inner.text("hint")});
    reader.take_fault_of(inner);
  }
  return problems;
}

/// Absent where a kind or a class is not known here: the rest would be no sum.
std::optional<StoredTotals> read_stored(JsonReader& reader, const std::string& where)
{
  const Json* array = reader.array_within("stored");
  if (array == nullptr) return std::nullopt;
  StoredTotals totals;
  for (const Json& element : *array) {
    if (!element.is_object()) return std::nullopt;
    JsonReader inner(element, where + ": stored");
    const std::string kind_name = inner.text("kind");
    const auto* kind =
        std::ranges::find(kStoredKinds, kind_name, [](StoredKind k) { return to_string(k); });
    const std::optional<StorageClass> storage_class = parse_storage_class(inner.text("class"));
    if (kind == kStoredKinds.end() || !storage_class) return std::nullopt;
    totals[*kind][*storage_class] = {.objects = inner.number("objects"),
                                     .bytes = inner.number("bytes")};
    reader.take_fault_of(inner);
  }
  return totals;
}

Json to_array(const std::vector<RecipientSet>& sets)
{
  Json array = Json::array();
  for (const RecipientSet& set : sets)
    array.push_back({{"keys", texts(set.keys)}, {"objects", set.objects}});
  return array;
}

std::vector<RecipientSet> read_recipients(JsonReader& reader, const std::string& where)
{
  std::vector<RecipientSet> sets;
  const Json* array = reader.array_within("recipients");
  if (array == nullptr) return sets;
  for (const Json& element : *array) {
    if (!element.is_object()) continue;
    JsonReader inner(element, where + ": recipients");
    sets.push_back({.keys = inner.texts("keys"), .objects = inner.number("objects")});
    reader.take_fault_of(inner);
  }
  return sets;
}

Json stored_array(const StoredTotals& totals)
{
  Json array = Json::array();
  for (const StoredKind kind : kStoredKinds) {
    for (const StorageClass storage_class : kStorageClasses) {
      const StoredAmount& amount = totals[kind][storage_class];
      if (amount == StoredAmount{}) continue;
      array.push_back({{"kind", to_string(kind)},
                       {"class", to_string(storage_class)},
                       {"objects", amount.objects},
                       {"bytes", amount.bytes}});
    }
  }
  return array;
}

void read_parts(JsonReader& reader, const std::string& where, RestorePoint& point)
{
  if (const Json* files = reader.object_within("files")) {
    JsonReader inner(*files, where + ": files");
    point.counts = {.files = inner.number("count"),
                    .bytes = inner.number("bytes"),
                    .archived = inner.number("archived"),
                    .archived_bytes = inner.number("archived_bytes"),
                    .versions = inner.number("versions"),
                    .placed = inner.number("placed")};
    reader.take_fault_of(inner);
  }
  if (const Json* seeding = reader.object_within("seeding")) {
    JsonReader inner(*seeding, where + ": seeding");
    point.seeding = {.files_left = inner.number("files_left"),
                     .bytes_left = inner.number("bytes_left"),
                     .bytes = inner.number("bytes"),
                     .bytes_per_day = inner.number("bytes_per_day")};
    reader.take_fault_of(inner);
  }
  if (const Json* not_covered = reader.object_within("not_covered")) {
    JsonReader inner(*not_covered, where + ": not_covered");
    point.not_covered = {.files = inner.number("files"),
                         .since = inner.time("since", true).value_or(Timestamp{})};
    reader.take_fault_of(inner);
  }
  if (const Json* rehash = reader.object_within("rehash")) {
    JsonReader inner(*rehash, where + ": rehash");
    point.rehash = {.share = static_cast<std::uint32_t>(inner.number("share")),
                    .part = static_cast<std::uint32_t>(inner.number("part"))};
    reader.take_fault_of(inner);
  }
  if (reader.has("looked_at_ns"))
    point.looked_at_ns = static_cast<std::int64_t>(reader.number("looked_at_ns"));
  if (reader.has("parents")) point.parents = reader.texts("parents");
  if (const Json* manifest = reader.object_within("manifest")) {
    JsonReader inner(*manifest, where + ": manifest");
    point.manifest = {.object = inner.object("object"),
                      .bytes = inner.number("bytes"),
                      .sha256 = inner.sha256("sha256")};
    if (const Json* base = inner.object_within("base")) {
      JsonReader of_base(*base, where + ": manifest.base");
      point.manifest->base = {.object = of_base.object("object"),
                              .sha256 = of_base.sha256("sha256")};
      inner.take_fault_of(of_base);
    }
    reader.take_fault_of(inner);
  }
  if (const Json* checkpoints = reader.array_within("checkpoints")) {
    for (const Json& element : *checkpoints) {
      if (!element.is_object()) continue;
      JsonReader inner(element, where + ": checkpoints");
      point.checkpoints.push_back(
          {.object = inner.object("object"), .sha256 = inner.text("sha256")});
      reader.take_fault_of(inner);
    }
  }
  if (const Json* audit = reader.object_within("audit")) {
    JsonReader inner(*audit, where + ": audit");
    point.audit.emplace();
    for (const auto& [name, member] : kAuditFields) *point.audit.*member = inner.number(name);
    // Of version 3: restores did not put these where the database names them, nor did audits tell
    // what was deleted from what was left out.
    for (const char* name : {"moved", "gone"}) point.audit->elsewhere += inner.number(name);
    point.audit->missing += inner.number("left");
    reader.take_fault_of(inner);
  }
  if (const Json* database = reader.object_within("database")) {
    JsonReader inner(*database, where + ": database");
    point.database = {.object = inner.object("object"),
                      .bytes = inner.number("bytes"),
                      .sha256 = inner.sha256("sha256"),
                      .plain_bytes = inner.number("plain_bytes"),
                      .immich_version = inner.text("immich_version"),
                      .schema_level = inner.text("schema_level"),
                      .assets = inner.number("assets"),
                      .suspect = inner.flag("suspect"),
                      .left_out = inner.texts("left_out"),
                      .encoding = inner.text("encoding"),
                      .settings = inner.texts("settings"),
                      .granted = inner.texts("granted")};
    if (inner.has("encrypted_bytes"))
      point.database->encrypted_bytes = inner.number("encrypted_bytes");
    reader.take_fault_of(inner);
  }
}

void read_state(JsonReader& reader, const std::string& where, RestorePoint& point)
{
  if (const Json* covers = reader.object_within("covers")) {
    JsonReader inner(*covers, where + ": covers");
    point.covers = {.files = inner.flag("files"),
                    .database = inner.flag("database"),
                    .part = inner.flag("part")};
    reader.take_fault_of(inner);
  }
  if (const Json* run = reader.object_within("recorded_by")) {
    JsonReader inner(*run, where + ": recorded_by");
    point.recorded_by = {.generation = inner.number("generation"),
                         .run = inner.text("run"),
                         .started = inner.time("started").value_or(Timestamp{})};
    reader.take_fault_of(inner);
  }
  if (reader.has("placed_for")) point.placed_for = reader.text("placed_for");
  if (const Json* roots = reader.array_within("extra_roots")) {
    for (const Json& element : *roots) {
      if (!element.is_object()) continue;
      JsonReader inner(element, where + ": extra_roots");
      ExtraRoot root{.name = inner.text("name"), .folder = inner.text("folder")};
      if (const Json* folders = inner.array_within("immich")) {
        for (const Json& folder : *folders) {
          if (!folder.is_object()) continue;
          JsonReader each(folder, where + ": extra_roots: immich");
          root.in_immich.push_back({.path = each.text("path"), .below = each.text("below")});
          inner.take_fault_of(each);
        }
      }
      point.extra_roots.push_back(std::move(root));
      reader.take_fault_of(inner);
    }
  }
  point.media_roots = reader.texts("media_roots");
  point.missed = reader.number("missed");
  point.accepts_changes = reader.flag("accepts_changes");
}

/// A document of version 3 does not say what its run was asked to save, and names states by
/// seconds. What it says of itself is held against its own dump and audit.
void read_state_of_version_3(const std::string& verdict, RestorePoint& point)
{
  const bool is_dump_alone = point.database && !point.audit && verdict == "complete";
  point.covers = {.files = !is_dump_alone, .database = point.database.has_value()};
  point.recorded_by.generation = generation_in_version_3(point.time);
  if (point.audit) point.placed_for = "";
  if (verdict != "complete") point.missed = std::max<std::uint64_t>(point.problem_count, 1);
}

}  // namespace

std::string serialize(const RestorePoint& point)
{
  Json problems = Json::array();
  for (std::size_t i = 0; i < std::min(point.problems.size(), kProblemsInDocument); ++i) {
    problems.push_back(to_object(point.problems[i]));
  }
  Json checkpoints = Json::array();
  for (const CheckpointInfo& checkpoint : point.checkpoints) {
    checkpoints.push_back(
        {{"object", to_utf8(checkpoint.object.value)}, {"sha256", checkpoint.sha256}});
  }
  Json extra_roots = Json::array();
  for (const ExtraRoot& root : point.extra_roots) {
    Json folders = Json::array();
    for (const ImmichFolder& each : root.in_immich)
      folders.push_back({{"path", to_utf8(each.path)}, {"below", to_utf8(each.below)}});
    extra_roots.push_back(
        {{"name", root.name}, {"folder", to_utf8(root.folder)}, {"immich", std::move(folders)}});
  }
  Json media_roots = Json::array();
  for (const std::string& root : point.media_roots) media_roots.push_back(to_utf8(root));
  return dump_document(
      {{"document", "restore point"},
       {"time", format_iso(point.time)},
       {"verdict", point.is_complete() ? "complete" : "incomplete"},
       {"started", format_iso(point.started)},
       {"run", to_utf8(point.run)},
       {"program_version", to_utf8(point.program_version)},
       {"store", to_utf8(point.store)},
       {"covers",
        {{"files", point.covers.files},
         {"database", point.covers.database},
         {"part", point.covers.part}}},
       {"recorded_by", to_object(point.recorded_by)},
       {"missed", point.missed},
       {"accepts_changes", point.accepts_changes},
       {"files",
        {{"count", point.counts.files},
         {"bytes", point.counts.bytes},
         {"archived", point.counts.archived},
         {"archived_bytes", point.counts.archived_bytes},
         {"versions", point.counts.versions},
         {"placed", point.counts.placed}}},
       {"database", point.database ? to_object(*point.database) : Json(nullptr)},
       {"audit", point.audit ? audit_object<Json>(*point.audit) : Json(nullptr)},
       {"placed_for", point.placed_for ? Json(to_utf8(*point.placed_for)) : Json(nullptr)},
       {"extra_roots", std::move(extra_roots)},
       {"media_roots", std::move(media_roots)},
       {"store_listed", point.store_listed ? Json(format_iso(*point.store_listed)) : Json(nullptr)},
       {"manifest", point.manifest ? to_object(*point.manifest) : Json(nullptr)},
       {"parents", point.parents ? Json(*point.parents) : Json(nullptr)},
       {"checkpoints", std::move(checkpoints)},
       {"location", point.location ? Json(to_utf8(*point.location)) : Json(nullptr)},
       {"cost_usd", point.cost ? dollars(*point.cost) : Json(nullptr)},
       {"cost_usd_month", point.monthly_cost ? dollars(*point.monthly_cost) : Json(nullptr)},
       {"stored", point.stored ? stored_array(*point.stored) : Json(nullptr)},
       {"recipients", to_array(point.recipients)},
       {"not_covered", point.not_covered ? Json{{"files", point.not_covered->files},
                                                {"since", format_iso(point.not_covered->since)}}
                                         : Json(nullptr)},
       {"seeding", point.seeding ? Json{{"files_left", point.seeding->files_left},
                                        {"bytes_left", point.seeding->bytes_left},
                                        {"bytes", point.seeding->bytes},
                                        {"bytes_per_day", point.seeding->bytes_per_day}}
                                 : Json(nullptr)},
       {"rehash", point.rehash ? Json{{"share", point.rehash->share}, {"part", point.rehash->part}}
                               : Json(nullptr)},
       {"looked_at_ns", point.looked_at_ns ? Json(*point.looked_at_ns) : Json(nullptr)},
       {"good_assets", point.good_assets ? Json(*point.good_assets) : Json(nullptr)},
       {"rebuilt", point.rebuilt},
       {"may_not_prune", point.may_not_prune},
       {"problem_count", point.problem_count},
       {"problems", std::move(problems)}});
}

Result<RestorePoint> parse_restore_point(std::string_view json, std::string_view name)
{
  const std::string where(name);
  const Json document = TRY(parse_object(json, name));
  JsonReader reader(document, where);
  RestorePoint point;
  point.time = reader.time("time", true).value_or(Timestamp{});
  point.started = reader.time("started").value_or(point.time);
  const std::string verdict = reader.text("verdict", true);
  point.run = reader.text("run");
  point.program_version = reader.text("program_version");
  point.store = reader.text("store");
  read_parts(reader, where, point);
  point.problem_count = reader.number("problem_count");
  if (document.contains("covers")) {
    read_state(reader, where, point);
  } else {
    read_state_of_version_3(verdict, point);
  }
  point.store_listed = reader.time("store_listed");
  if (const std::string location = reader.text("location"); !location.empty())
    point.location = location;
  point.cost = reader.amount("cost_usd");
  point.monthly_cost = reader.amount("cost_usd_month");
  point.stored = read_stored(reader, where);
  point.recipients = read_recipients(reader, where);
  if (document.contains("good_assets") && !document["good_assets"].is_null())
    point.good_assets = reader.number("good_assets");
  point.rebuilt = reader.flag("rebuilt");
  point.may_not_prune = reader.flag("may_not_prune");
  point.problems = read_problems(reader, where);
  TRY(reader.finish());
  if (verdict != "complete" && verdict != "incomplete") {
    return fail(Errc::corrupt, where + ": 'verdict' is neither complete nor incomplete");
  }
  return point;
}

}  // namespace ib
