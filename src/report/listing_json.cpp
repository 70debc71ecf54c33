// SPDX-License-Identifier: Apache-2.0
//
// The JSON of commands whose results are printed as they come.
#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "report/json_header.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace ib {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json path_object(const std::string& path)
{
  Json json{{"path", to_utf8(path)}};
  // JSON cannot say every name; this can.
  if (!is_valid_utf8(path)) json["path_hex"] = to_hex(std::as_bytes(std::span(path)));
  return json;
}

void add_record(Json& json, const FileRecord& record)
{
  json["size"] = record.content.size;
  // The time is known where the SHA-1 is: whoever read the file recorded both.
  const Content& content = record.content;
  json["mtime"] = content.has_sha1 ? Json(format_iso_ns(record.mtime_ns)) : Json(nullptr);
  json["sha256"] = content.sha256.hex();
  json["sha1"] = content.has_sha1 ? Json(content.sha1.hex()) : Json(nullptr);
  json["crc32c"] = content.has_crc32c ? Json(content.crc32c.base64()) : Json(nullptr);
  json["object"] = to_utf8(record.object_name().value);
  json["archived"] = record.archived;
}

void add_interval(Json& json, const PathState& state)
{
  json["since"] = format_iso(state.record.since);
  json["until"] = state.until ? Json(format_iso(*state.until)) : Json(nullptr);
}

Json version_or_null(const std::optional<FileVersion>& version)
{
  if (!version) return nullptr;
  return {{"size", version->size}, {"sha256", version->sha256.hex()}};
}

/// What follows the elements: the header but for what was said before them, and `more`.
std::string listing_end(const ReportHeader& header, Outcome outcome,
                        const Json& more = Json::object())
{
  Json json = Json::parse(header_json(header, outcome));
  json.erase("command");
  json.erase("store");
  json.update(more);
  return "]," + dumped(json).substr(1) + "\n";
}

}  // namespace

std::string ls_json(const FileRecord& record)
{
  Json json = path_object(record.path);
  add_record(json, record);
  return dumped(json);
}

std::string history_json(const PathHistory& history, const std::string& restore)
{
  Json json = path_object(history.path);
  Json states = Json::array();
  for (const HistoryEntry& entry : history.entries) {
    Json state{{"event", event_word(entry.event)}};
    add_interval(state, entry.state);
    add_record(state, entry.state.record);
    state["restore_at"] = entry.restore_at ? Json(format_iso(*entry.restore_at)) : Json(nullptr);
    state["restore"] = entry.state.record.archived ? Json(nullptr)
                                                   : Json(to_utf8(restore_command(entry, restore)));
    states.push_back(std::move(state));
  }
  json["states"] = std::move(states);
  return dumped(json);
}

std::string found_json(const PathState& state, const std::string& file)
{
  Json json = path_object(state.record.path);
  add_record(json, state.record);
  add_interval(json, state);
  if (!file.empty()) json["file"] = to_utf8(file);
  return dumped(json);
}

std::string difference_json(const Difference& difference)
{
  Json json = path_object(difference.path);
  json["kind"] = difference_word(difference.kind);
  if (difference.kind == DifferenceKind::moved) {
    const Json from = path_object(difference.moved_from);
    json["from"] = from["path"];
    if (from.contains("path_hex")) json["from_hex"] = from["path_hex"];
  }
  json["before"] = version_or_null(difference.before);
  json["after"] = version_or_null(difference.after);
  return dumped(json);
}

std::string listing_json_begin(std::string_view command, const std::string& store,
                               std::string_view elements)
{
  std::string begin =
      dumped(Json{{"command", command}, {"store", to_utf8(store)}, {elements, Json::array()}});
  begin.resize(begin.size() - 2);  // "]}"
  return begin;
}

std::string listing_json_end(std::chrono::milliseconds elapsed, const Error* error)
{
  ReportHeader header{.command = {}, .store = {}, .elapsed = elapsed};
  if (error != nullptr) header.problems.push_back(problem_from(*error, to_string(error->code), ""));
  return listing_end(header, error == nullptr ? Outcome::ok : Outcome::failed);
}

std::string listing_json_end(const FindReport& report)
{
  return listing_end(report.header, outcome_of(report),
                     {{"files_looked_for", report.files}, {"files_in_backup", report.files_found}});
}

std::string listing_json_end(const DiffReport& report)
{
  Json totals = Json::object();
  for (const DifferenceKind kind : kDifferenceKinds) {
    const FileAmount& amount = report.totals[kind];
    totals[difference_word(kind)] = {{"files", amount.files}, {"bytes", amount.bytes}};
  }
  return listing_end(report.header, outcome_of(report),
                     {{"from", format_iso(report.from)},
                      {"to", format_iso(report.to)},
                      {"totals", std::move(totals)}});
}

}  // namespace ib
