// SPDX-License-Identifier: Apache-2.0
#include "service/child_log.hpp"

#include "repository/json_reader.hpp"

#include <optional>
#include <utility>

namespace ib {
namespace {

/// Longer lines are not ours.
constexpr std::size_t kLongest = std::size_t{1} << 20U;

/// Calls `take` with each whole line of `text` and leaves the rest in it.
template <class Take>
void take_lines(std::string& text, Take take)
{
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
    take(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  text.erase(0, begin);
  if (text.size() < kLongest) return;
  take(std::string_view(text));
  text.clear();
}

std::optional<std::uint64_t> total(const Json& json, const char* key)
{
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

void ChildLog::take_log(std::string_view piece)
{
  log_ += piece;
  take_lines(log_, [&](std::string_view line) { take_log_line(line); });
}

void ChildLog::take_results(std::string_view piece)
{
  results_ += piece;
  take_lines(results_, [&](std::string_view line) { note(line); });
}

void ChildLog::end()
{
  if (!log_.empty()) take_log("\n");
  if (!results_.empty()) take_results("\n");
  progress_.end();
}

void ChildLog::note(std::string_view line)
{
  if (!line.empty()) progress_.note(name_ + ": " + std::string(line));
}

void ChildLog::take_log_line(std::string_view line)
{
  const Json json = Json::parse(line, nullptr, false);
  // The loader of programs and an allocator that gives up do not write JSON.
  if (!json.is_object() || !json.contains("message")) return note(line);
  JsonReader reader(json, "");
  const std::string message = reader.text("message");
  if (json.contains("files")) {
    const std::uint64_t files = reader.number("files");
    const std::uint64_t bytes = reader.number("bytes");
    if (message != step_ || files < files_ || bytes < bytes_) {
      progress_.begin(message, total(json, "total_files"), total(json, "total_bytes"));
      step_ = message;
      files_ = 0;
      bytes_ = 0;
    }
    progress_.advance(files - std::exchange(files_, files), bytes - std::exchange(bytes_, bytes));
    if (!reader.flag("done")) return;
    progress_.end();
    step_.clear();
    return;
  }
  const std::string level = reader.text("level");
  if (level == "info") return note(message);
  progress_.note("warning: " + name_ + ": " + (level == "error" ? "failed: " : "") + message);
  const std::string hint = reader.text("hint");
  if (!hint.empty()) note(hint);
}

}  // namespace ib
