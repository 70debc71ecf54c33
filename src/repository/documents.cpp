// SPDX-License-Identifier: Apache-2.0
#include "repository/documents.hpp"

#include "core/records/audit_fields.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace ib {
namespace {

using Json = nlohmann::ordered_json;

// Documents are for people as well: indented.
std::string dump_document(const Json& json)
{
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Reads fields out of a JSON object that anybody may have written. The first field that is not
/// what it must be is remembered, and reading goes on with defaults.
class Reader {
public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  std::string text(const char* key, bool required = false)
  {
    const Json* value = find(key, required);
    if (value == nullptr) return {};
    if (!value->is_string()) return wrong<std::string>(key, "a text");
    return value->get<std::string>();
  }

  std::uint64_t number(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned()) return wrong<std::uint64_t>(key, "a whole number");
    return value->get<std::uint64_t>();
  }

  std::optional<double> amount(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return wrong<std::optional<double>>(key, "a number");
    return value->get<double>();
  }

  std::vector<std::string> texts(const char* key)
  {
    std::vector<std::string> texts;
    const Json* array = array_within(key);
    if (array == nullptr) return texts;
    for (const Json& element : *array) {
      if (!element.is_string()) return wrong<std::vector<std::string>>(key, "an array of texts");
      texts.push_back(element.get<std::string>());
    }
    return texts;
  }

  bool flag(const char* key, bool required = false)
  {
    const Json* value = find(key, required);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return wrong<bool>(key, "true or false");
    return value->get<bool>();
  }

  std::optional<Timestamp> time(const char* key, bool required = false)
  {
    const std::string written = text(key, required);
    if (written.empty()) return std::nullopt;
    const Result<Timestamp> parsed = parse_timestamp(written);
    return parsed ? std::optional(*parsed) : wrong<std::optional<Timestamp>>(key, "a time");
  }

  Sha256 sha256(const char* key)
  {
    const Result<Sha256> parsed = Sha256::parse(text(key, true));
    return parsed ? *parsed : wrong<Sha256>(key, "a SHA-256");
  }

  ObjectName object(const char* key)
  {
    const std::string name = text(key, true);
    return is_valid_object_name(name) ? ObjectName{name}
                                      : wrong<ObjectName>(key, "an object's name");
  }

  /// Whether there is something other than null.
  bool has(const char* key) const
  {
    const auto it = json_.find(key);
    return it != json_.end() && !it->is_null();
  }

  /// An object within this one, or null.
  const Json* object_within(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr || value->is_object()) return value;
    return wrong<const Json*>(key, "an object");
  }

  const Json* array_within(const char* key)
  {
    const Json* value = find(key, false);
    if (value == nullptr || value->is_array()) return value;
    return wrong<const Json*>(key, "an array");
  }

  void take_fault_of(const Reader& inner)
  {
    if (fault_.empty()) fault_ = inner.fault_;
  }

  Result<> finish() const
  {
    if (fault_.empty()) return {};
    return fail(Errc::corrupt, fault_);
  }

private:
  const Json* find(const char* key, bool required)
  {
    const auto it = json_.find(key);
    if (it != json_.end() && !it->is_null()) return &*it;
    if (required && fault_.empty()) fault_ = where_ + ": lacks '" + key + "'";
    return nullptr;
  }

  template <class T>
  T wrong(const char* key, const char* expected)
  {
    if (fault_.empty()) fault_ = where_ + ": '" + key + "' is not " + expected;
    return T{};
  }

  const Json& json_;
  std::string where_;
  std::string fault_;
};

Result<Json> parse_object(std::string_view text, std::string_view name)
{
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(Errc::corrupt, std::string(name) + ": is not a JSON object");
  return json;
}

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
  return {{"object", to_utf8(manifest.object.value)},
          {"bytes", manifest.bytes},
          {"sha256", manifest.sha256.hex()}};
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
          {"left_out", dump.left_out}};
}

Json to_object(const RecordingRun& run)
{
  return {{"generation", run.generation},
          {"run", to_utf8(run.run)},
          {"started", format_iso(run.started)}};
}

std::vector<Problem> read_problems(Reader& reader, const std::string& where)
{
  std::vector<Problem> problems;
  const Json* array = reader.array_within("problems");
  if (array == nullptr) return problems;
  for (const Json& element : *array) {
    if (!element.is_object()) continue;
    Reader inner(element, where + ": problems");
    problems.push_back({.path = inner.text("path"),
                        .code = inner.text("code"),
                        .message = inner.text("message"),
                        .hint = inner.text("hint")});
    reader.take_fault_of(inner);
  }
  return problems;
}

/// Absent where a kind or a class is not known here: the rest would be no sum.
std::optional<StoredTotals> read_stored(Reader& reader, const std::string& where)
{
  const Json* array = reader.array_within("stored");
  if (array == nullptr) return std::nullopt;
  StoredTotals totals;
  for (const Json& element : *array) {
    if (!element.is_object()) return std::nullopt;
    Reader inner(element, where + ": stored");
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

void read_parts(Reader& reader, const std::string& where, RestorePoint& point)
{
  if (const Json* files = reader.object_within("files")) {
    Reader inner(*files, where + ": files");
    point.counts = {.files = inner.number("count"),
                    .bytes = inner.number("bytes"),
                    .archived = inner.number("archived"),
                    .archived_bytes = inner.number("archived_bytes"),
                    .versions = inner.number("versions"),
                    .placed = inner.number("placed")};
    reader.take_fault_of(inner);
  }
  if (const Json* seeding = reader.object_within("seeding")) {
    Reader inner(*seeding, where + ": seeding");
    point.seeding = {.files_left = inner.number("files_left"),
                     .bytes_left = inner.number("bytes_left"),
                     .bytes = inner.number("bytes"),
                     .bytes_per_day = inner.number("bytes_per_day")};
    reader.take_fault_of(inner);
  }
  if (const Json* rehash = reader.object_within("rehash")) {
    Reader inner(*rehash, where + ": rehash");
    point.rehash = {.share = static_cast<std::uint32_t>(inner.number("share")),
                    .part = static_cast<std::uint32_t>(inner.number("part"))};
    reader.take_fault_of(inner);
  }
  if (const Json* manifest = reader.object_within("manifest")) {
    Reader inner(*manifest, where + ": manifest");
    point.manifest = {.object = inner.object("object"),
                      .bytes = inner.number("bytes"),
                      .sha256 = inner.sha256("sha256")};
    reader.take_fault_of(inner);
  }
  if (const Json* checkpoints = reader.array_within("checkpoints")) {
    for (const Json& element : *checkpoints) {
      if (!element.is_object()) continue;
      Reader inner(element, where + ": checkpoints");
      point.checkpoints.push_back(
          {.object = inner.object("object"), .sha256 = inner.text("sha256")});
      reader.take_fault_of(inner);
    }
  }
  if (const Json* audit = reader.object_within("audit")) {
    Reader inner(*audit, where + ": audit");
    point.audit.emplace();
    for (const auto& [name, member] : kAuditFields) *point.audit.*member = inner.number(name);
    // Of version 3: restores did not put these where the database names them, nor did audits tell
    // what was deleted from what was left out.
    for (const char* name : {"moved", "gone"}) point.audit->elsewhere += inner.number(name);
    point.audit->missing += inner.number("left");
    reader.take_fault_of(inner);
  }
  if (const Json* database = reader.object_within("database")) {
    Reader inner(*database, where + ": database");
    point.database = {.object = inner.object("object"),
                      .bytes = inner.number("bytes"),
                      .sha256 = inner.sha256("sha256"),
                      .plain_bytes = inner.number("plain_bytes"),
                      .immich_version = inner.text("immich_version"),
                      .schema_level = inner.text("schema_level"),
                      .assets = inner.number("assets"),
                      .suspect = inner.flag("suspect"),
                      .left_out = inner.texts("left_out")};
    reader.take_fault_of(inner);
  }
}

void read_state(Reader& reader, const std::string& where, RestorePoint& point)
{
  if (const Json* covers = reader.object_within("covers")) {
    Reader inner(*covers, where + ": covers");
    point.covers = {.files = inner.flag("files"),
                    .database = inner.flag("database"),
                    .part = inner.flag("part")};
    reader.take_fault_of(inner);
  }
  if (const Json* run = reader.object_within("recorded_by")) {
    Reader inner(*run, where + ": recorded_by");
    point.recorded_by = {.generation = inner.number("generation"),
                         .run = inner.text("run"),
                         .started = inner.time("started").value_or(Timestamp{})};
    reader.take_fault_of(inner);
  }
  if (reader.has("placed_for")) point.placed_for = reader.text("placed_for");
  if (const Json* roots = reader.array_within("extra_roots")) {
    for (const Json& element : *roots) {
      if (!element.is_object()) continue;
      Reader inner(element, where + ": extra_roots");
      point.extra_roots.push_back({.name = inner.text("name"), .folder = inner.text("folder")});
      reader.take_fault_of(inner);
    }
  }
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
  for (const ExtraRoot& root : point.extra_roots)
    extra_roots.push_back({{"name", root.name}, {"folder", to_utf8(root.folder)}});
  return dump_document(
      {{"document", "restore point"},
       {"time", format_iso(point.time)},
       {"verdict", point.is_complete() ? "complete" : "incomplete"},
       {"started", format_iso(point.started)},
       {"run", to_utf8(point.run)},
       {"program_version", to_utf8(point.program_version)},
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
       {"store_listed", point.store_listed ? Json(format_iso(*point.store_listed)) : Json(nullptr)},
       {"manifest", point.manifest ? to_object(*point.manifest) : Json(nullptr)},
       {"checkpoints", std::move(checkpoints)},
       {"location", point.location ? Json(to_utf8(*point.location)) : Json(nullptr)},
       {"cost_usd", point.cost ? dollars(*point.cost) : Json(nullptr)},
       {"cost_usd_month", point.monthly_cost ? dollars(*point.monthly_cost) : Json(nullptr)},
       {"stored", point.stored ? stored_array(*point.stored) : Json(nullptr)},
       {"seeding", point.seeding ? Json{{"files_left", point.seeding->files_left},
                                        {"bytes_left", point.seeding->bytes_left},
                                        {"bytes", point.seeding->bytes},
                                        {"bytes_per_day", point.seeding->bytes_per_day}}
                                 : Json(nullptr)},
       {"rehash", point.rehash ? Json{{"share", point.rehash->share}, {"part", point.rehash->part}}
                               : Json(nullptr)},
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
  Reader reader(document, where);
  RestorePoint point;
  point.time = reader.time("time", true).value_or(Timestamp{});
  point.started = reader.time("started").value_or(point.time);
  const std::string verdict = reader.text("verdict", true);
  point.run = reader.text("run");
  point.program_version = reader.text("program_version");
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

std::string serialize(const RunMark& mark)
{
  return dump_document({{"document", "run mark"},
                        {"run", to_utf8(mark.run)},
                        {"time", format_iso(mark.time)},
                        {"program_version", to_utf8(mark.program_version)}});
}

Result<RunMark> parse_run_mark(std::string_view json, std::string_view name)
{
  const Json document = TRY(parse_object(json, name));
  Reader reader(document, std::string(name));
  RunMark mark{.run = reader.text("run"),
               .time = reader.time("time", true).value_or(Timestamp{}),
               .program_version = reader.text("program_version")};
  TRY(reader.finish());
  return mark;
}

std::string_view word_for(Proof::Verdict verdict)
{
  switch (verdict) {
    case Proof::Verdict::proven:
      return "proven";
    case Proof::Verdict::not_proven:
      return "not_proven";
    case Proof::Verdict::damaged:
      return "damaged";
  }
  return "not_proven";
}

std::string serialize(const Proof& proof)
{
  Json drill = nullptr;
  if (proof.drill) {
    drill = {{"restored", proof.drill->restored},
             {"tables", proof.drill->tables},
             {"rows", proof.drill->rows},
             {"originals", proof.drill->originals},
             {"protected", proof.drill->protected_originals}};
  }
  return dump_document(
      {{"document", "proof"},
       {"time", format_iso(proof.time)},
       {"verdict", word_for(proof.verdict)},
       {"command", to_utf8(proof.command)},
       {"program_version", to_utf8(proof.program_version)},
       {"restore_point",
        proof.restore_point ? Json(format_iso(*proof.restore_point)) : Json(nullptr)},
       {"objects", proof.objects},
       {"present", proof.present},
       {"read_back", proof.read_back},
       {"read_back_bytes", proof.read_back_bytes},
       {"damaged", proof.damaged},
       {"damaged_read_back", proof.damaged_read_back},
       {"proven_part", proof.proven
                           ? Json{{"part", proof.proven->part}, {"parts", proof.proven->parts}}
                           : Json(nullptr)},
       {"drill", drill}});
}

namespace {

/// Documents of version 3 say only whether there was damage.
Proof::Verdict read_verdict(Reader& reader, const Json& document, const Proof& proof)
{
  if (document.contains("verdict")) {
    const std::string word = reader.text("verdict", true);
    for (const Proof::Verdict verdict : {Proof::Verdict::proven, Proof::Verdict::damaged})
      if (word == word_for(verdict)) return verdict;
    return Proof::Verdict::not_proven;
  }
  if (!reader.flag("ok", true)) return Proof::Verdict::damaged;
  return proof.drill && !proof.drill->restored ? Proof::Verdict::not_proven
                                               : Proof::Verdict::proven;
}

}  // namespace

Result<Proof> parse_proof(std::string_view json, std::string_view name)
{
  const Json document = TRY(parse_object(json, name));
  Reader reader(document, std::string(name));
  Proof proof{.time = reader.time("time", true).value_or(Timestamp{}),
              .command = reader.text("command"),
              .program_version = reader.text("program_version"),
              .restore_point = reader.time("restore_point"),
              .objects = reader.number("objects"),
              .present = reader.number("present"),
              .read_back = reader.number("read_back"),
              .read_back_bytes = reader.number("read_back_bytes"),
              .damaged = reader.number("damaged")};
  // What was written before this was known of may have been found by reading.
  proof.damaged_read_back =
      document.contains("damaged_read_back") ? reader.number("damaged_read_back") : proof.damaged;
  if (const Json* drill = reader.object_within("drill")) {
    Reader inner(*drill, std::string(name) + ": drill");
    proof.drill = Proof::Drill{.restored = inner.flag("restored")};
    reader.take_fault_of(inner);
  }
  proof.verdict = read_verdict(reader, document, proof);
  TRY(reader.finish());
  return proof;
}

}  // namespace ib
