// SPDX-License-Identifier: Apache-2.0
#include "report/history.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/scope.hpp"
#include "report/layout.hpp"
#include "report/listing_json.hpp"

namespace ib {
namespace {

std::string_view event_word(PathEvent event)
{
  switch (event) {
    case PathEvent::added:
      return "new";
    case PathEvent::changed:
      return "changed";
    case PathEvent::archived:
      return "gone";
    case PathEvent::returned:
      return "back";
    case PathEvent::stored_again:
      return "stored again";
    case PathEvent::placed:
      return "placed where Immich names it";
    case PathEvent::kept_aside:
      return "kept aside";
  }
  return "changed";
}

std::string interval(const PathState& state)
{
  if (state.placed) return "for restores";
  std::string since = format_iso(state.since.started);
  if (state.is_aside()) return since;  // it lasted no time
  return since + " to " + (state.until ? format_iso(state.until->started) : "now");
}

std::string state_text(const HistoryEntry& entry)
{
  constexpr std::size_t kIntervalWidth = 44;
  constexpr std::size_t kShortDigest = 12;
  const FileRecord& record = entry.state.record;
  const std::string object = printable(record.object_name().value);
  const std::string what =
      record.archived ? "gone from the library; the store keeps its last content"
                      : std::string(event_word(entry.event)) + ", " +
                            format_bytes(record.content.size) + ", sha256 " +
                            record.content.sha256.hex().substr(0, kShortDigest) + ", in " + object;
  return "  " + padded_right(interval(entry.state), kIntervalWidth) + "  " + what + "\n";
}

/// The command line that brings back a state that was not archived: by a restore point, or else by
/// its content.
std::string restore_command(const HistoryEntry& entry, const std::string& restore)
{
  const FileRecord& record = entry.state.record;
  return restore +
         (entry.restore_at ? " --at " + format_iso(*entry.restore_at)
                           : " --sha256 " + record.content.sha256.hex()) +
         " --target DIR " + shell_quoted(pattern_of_path(record.path));
}

}  // namespace

std::string history_text(const PathHistory& history, const std::string& restore)
{
  std::string text = printable(history.path) + "\n";
  for (const HistoryEntry& entry : history.entries) {
    text += state_text(entry);
    if (!entry.state.record.archived) text += "      " + restore_command(entry, restore) + "\n";
  }
  return text;
}

std::string history_json(const PathHistory& history, const std::string& restore)
{
  Json json = path_object(history.path);
  Json states = Json::array();
  for (const HistoryEntry& entry : history.entries) {
    Json state{{"event", event_word(entry.event)}};
    add_interval(state, entry.state);
    add_record(state, entry.state.record);
    state["restore_at"] = time_or_null(entry.restore_at);
    state["restore"] = entry.state.record.archived ? Json(nullptr)
                                                   : Json(to_utf8(restore_command(entry, restore)));
    states.push_back(std::move(state));
  }
  json["states"] = std::move(states);
  return json_text(json);
}

}  // namespace ib
