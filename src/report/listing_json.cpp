// SPDX-License-Identifier: Apache-2.0
#include "report/listing_json.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <span>

namespace ib {

Json path_object(const std::string& path)
{
  Json json{{"path", to_utf8(path)}};
  if (!is_valid_utf8(path)) json["path_hex"] = to_hex(std::as_bytes(std::span(path)));
  return json;
}

void add_record(Json& json, const FileRecord& record)
{
  json["size"] = record.content.size;
  // Whoever read the file recorded both its SHA-1 and its time, if that can be kept.
  const Content& content = record.content;
  const bool is_known = content.has_sha1 && record.mtime_ns != kNoTime;
  json["mtime"] = is_known ? Json(format_iso_ns(record.mtime_ns)) : Json(nullptr);
  json["sha256"] = content.sha256.hex();
  json["sha1"] = content.has_sha1 ? Json(content.sha1.hex()) : Json(nullptr);
  json["crc32c"] = content.has_crc32c ? Json(content.crc32c.base64()) : Json(nullptr);
  json["object"] = to_utf8(record.object_name().value);
  json["archived"] = record.archived;
}

void add_interval(Json& json, const PathState& state)
{
  json["since"] = state.placed ? Json(nullptr) : Json(format_iso(state.since.started));
  json["until"] = state.until ? Json(format_iso(state.until->started)) : Json(nullptr);
  if (state.placed) json["placed"] = true;
}

std::string listing_end(const ReportHeader& header, Outcome outcome, const Json& more)
{
  Json json = header_object(header, outcome);
  json.erase("command");
  json.erase("store");
  json.update(more);
  return "]," + json_text(json).substr(1) + "\n";
}

}  // namespace ib
