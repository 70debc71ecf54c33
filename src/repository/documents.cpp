// SPDX-License-Identifier: Apache-2.0
#include "repository/documents.hpp"

#include "base/text.hpp"
#include "repository/json_reader.hpp"

#include <algorithm>

namespace ib {

namespace {

/// Of the store as a whole: its first part changes when an older program must not write to it.
constexpr std::string_view kStoreFormat = "5.0";

Json to_object(const StoreMarker& marker)
{
  Json immich = Json::array();
  for (const std::string& user : marker.immich) immich.push_back(to_utf8(user));
  Json json{{"document", "store marker"},  {"format", kStoreFormat},
            {"id", to_utf8(marker.id)},    {"created", format_iso(marker.created)},
            {"immich", std::move(immich)}, {"program_version", to_utf8(marker.program_version)}};
  if (!marker.key.empty()) json["key"] = to_utf8(marker.key);
  if (!marker.recipients.empty()) json["recipients"] = marker.recipients;
  return json;
}

}  // namespace

std::string serialize(const StoreMarker& marker)
{
  return dump_document(to_object(marker));
}

std::string serialize_on_one_line(const StoreMarker& marker)
{
  return to_object(marker).dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<StoreMarker> parse_store_marker(std::string_view json, std::string_view name)
{
  const Json document = TRY(parse_object(json, name));
  JsonReader reader(document, std::string(name));
  const std::string format = reader.text("format", true);
  StoreMarker marker{.id = reader.text("id", true),
                     .created = reader.time("created", true).value_or(Timestamp{}),
                     .immich = reader.texts("immich"),
                     .program_version = reader.text("program_version"),
                     .key = reader.text("key"),
                     .recipients = reader.texts("recipients")};
  TRY(reader.finish());
  if (!format.starts_with("5.")) {
    return fail(Errc::corrupt, std::string(name) + ": the store has format " + printable(format) +
                                   "; this program knows format 5");
  }
  if (marker.id.empty()) return fail(Errc::corrupt, std::string(name) + ": has an empty id");
  return marker;
}

std::string serialize(const std::vector<VouchedObject>& vouched)
{
  Json objects = Json::array();
  for (const VouchedObject& each : vouched) {
    objects.push_back({{"name", to_utf8(each.name)},
                       {"sha256", each.sha256},
                       {"metadata_sha256", each.metadata_sha256}});
  }
  return dump_document({{"document", "signed objects"}, {"objects", std::move(objects)}});
}

Result<std::vector<VouchedObject>> parse_vouching(std::string_view json, std::string_view name)
{
  const Json document = TRY(parse_object(json, name));
  JsonReader reader(document, std::string(name));
  std::vector<VouchedObject> vouched;
  const Json* objects = reader.array_within("objects");
  TRY(reader.finish());
  if (objects == nullptr) return vouched;
  for (const Json& element : *objects) {
    if (!element.is_object())
      return fail(Errc::corrupt, std::string(name) + ": 'objects' holds something else");
    JsonReader inner(element, std::string(name) + ": objects");
    vouched.push_back({.name = inner.text("name", true),
                       .sha256 = inner.text("sha256", true),
                       .metadata_sha256 = inner.text("metadata_sha256", true)});
    TRY(inner.finish());
  }
  return vouched;
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
  JsonReader reader(document, std::string(name));
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
Proof::Verdict read_verdict(JsonReader& reader, const Json& document, const Proof& proof)
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
  JsonReader reader(document, std::string(name));
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
    JsonReader inner(*drill, std::string(name) + ": drill");
    proof.drill = Proof::Drill{.restored = inner.flag("restored")};
    reader.take_fault_of(inner);
  }
  proof.verdict = read_verdict(reader, document, proof);
  TRY(reader.finish());
  return proof;
}

namespace {

void redate_field(Json& object, const char* key, Timestamp time,
                  const std::function<Timestamp(Timestamp)>& redated)
{
  const auto field = object.find(key);
  if (field == object.end() || !field->is_string()) return;
  if (const Result<Timestamp> old = parse_timestamp(field->get<std::string>()))
    *field = format_iso(std::min(redated(*old), time));
}

void rename_manifest(Json& name, const std::function<Timestamp(Timestamp)>& redated)
{
  if (!name.is_string()) return;
  if (const std::optional<Timestamp> old = manifest_time({name.get<std::string>()}))
    name = manifest_name(redated(*old)).value;
}

}  // namespace

Result<std::string> redated_document(std::string_view json, std::string_view name, Timestamp time,
                                     const std::function<Timestamp(Timestamp)>& redated)
{
  Json document = TRY(parse_object(json, name));
  document["time"] = format_iso(time);
  for (const char* key : {"started", "store_listed", "restore_point"})
    redate_field(document, key, time, redated);
  const auto member = [&](const char* key) -> Json* {
    const auto found = document.find(key);
    return found == document.end() ? nullptr : &*found;
  };
  if (Json* run = member("recorded_by"); run != nullptr && run->is_object())
    redate_field(*run, "started", time, redated);
  if (Json* manifest = member("manifest"); manifest != nullptr && manifest->is_object()) {
    if (const auto object = manifest->find("object"); object != manifest->end())
      rename_manifest(*object, redated);
    if (const auto base = manifest->find("base"); base != manifest->end() && base->is_object())
      if (const auto object = base->find("object"); object != base->end())
        rename_manifest(*object, redated);
  }
  if (Json* parents = member("parents"); parents != nullptr && parents->is_array())
    for (Json& parent : *parents) rename_manifest(parent, redated);
  return dump_document(document);
}

}  // namespace ib
