// SPDX-License-Identifier: Apache-2.0
#include "report/listing.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "report/layout.hpp"
#include "report/listing_json.hpp"

namespace ib {

std::string listing_json_begin(std::string_view command, const std::string& store,
                               std::string_view elements)
{
  std::string begin =
      json_text(Json{{"command", command}, {"store", to_utf8(store)}, {elements, Json::array()}});
  begin.resize(begin.size() - 2);  // "]}"
  return begin;
}

std::string listing_json_end(std::chrono::milliseconds elapsed, const Error* error)
{
  ReportHeader header{.command = {}, .store = {}, .elapsed = elapsed};
  if (error != nullptr) header.problems.push_back(problem_from(*error, to_string(error->code), ""));
  return listing_end(header, error == nullptr ? Outcome::ok : Outcome::failed);
}

std::string size_time_path(const FileRecord& record)
{
  constexpr std::size_t kTimeWidth = 20;
  const std::chrono::sys_time<std::chrono::nanoseconds> mtime{
      std::chrono::nanoseconds(record.mtime_ns)};
  const std::string time = !record.content.has_sha1 ? "time not known yet"
                           : record.mtime_ns == kNoTime
                               ? "time not kept"
                               : format_iso(std::chrono::floor<std::chrono::seconds>(mtime));
  return size_column(record.content.size) + "  " + padded_right(time, kTimeWidth) + "  " +
         printable(record.path);
}

}  // namespace ib
