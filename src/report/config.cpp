// SPDX-License-Identifier: Apache-2.0
#include "report/config.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

namespace ib {
namespace {

std::string value_of(const ShownSetting& setting)
{
  std::vector<std::string> values;
  values.reserve(setting.values.size());
  for (const std::string& value : setting.values) values.push_back(printable(value));
  return list(values);
}

}  // namespace

Outcome outcome_of(const ConfigReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const ConfigReport& report)
{
  Rows rows;
  if (report.files.empty()) rows.add("files", "no config file was read");
  for (const std::string& file : report.files) rows.add("file", printable(file));
  std::size_t width = 0;
  for (const ShownSetting& setting : report.settings) width = std::max(width, setting.name.size());
  std::string settings;
  for (const ShownSetting& setting : report.settings) {
    settings += padded_right(setting.name, width) + "  " + value_of(setting) + "\n" +
                std::string(width, ' ') + "  from " + printable(setting.from) + "\n";
  }
  Rows notes;
  notes.add_notes(report.header.notes);
  return rows.text() + (settings.empty() ? "" : "\n") + settings +
         (report.header.notes.empty() ? "" : "\n") + notes.text();
}

std::string to_json(const ConfigReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["files"] = to_array(report.files);
  json["settings"] = Json::array();
  for (const ShownSetting& setting : report.settings)
    json["settings"].push_back({{"name", setting.name},
                                {"values", to_array(setting.values)},
                                {"from", to_utf8(setting.from)}});
  return json_line(json);
}

}  // namespace ib
