// SPDX-License-Identifier: Apache-2.0
#include "report/log_json.hpp"

#include "base/text.hpp"

#include <nlohmann/json.hpp>

namespace ib {
namespace {

using Json = nlohmann::ordered_json;

Json begin(Timestamp now, std::string_view level, std::string_view message)
{
  return {{"time", format_iso(now)}, {"level", level}, {"message", to_utf8(message)}};
}

std::string line_of(const Json& json)
{
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string log_json(Timestamp now, std::string_view line)
{
  constexpr std::string_view kWarning = "warning: ";
  if (!line.starts_with(kWarning)) return line_of(begin(now, "info", line));
  return line_of(begin(now, "warning", line.substr(kWarning.size())));
}

std::string log_json(Timestamp now, const Error& error)
{
  Json json = begin(now, "error", error.message);
  json["code"] = to_string(error.code);
  if (!error.hint.empty()) json["hint"] = to_utf8(error.hint);
  return line_of(json);
}

std::string log_json(Timestamp now, const StepLog& step)
{
  Json json = begin(now, "info", step.step);
  json["done"] = step.done;
  json["files"] = step.files;
  json["bytes"] = step.bytes;
  if (step.total_files) json["total_files"] = *step.total_files;
  if (step.total_bytes) json["total_bytes"] = *step.total_bytes;
  json["elapsed_s"] = static_cast<double>(step.elapsed.count()) / 1000;
  return line_of(json);
}

}  // namespace ib
