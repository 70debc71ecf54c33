// SPDX-License-Identifier: Apache-2.0
#include "report/init.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {
namespace {

std::string_view word_for(InitReport::Did did)
{
  switch (did) {
    case InitReport::Did::began:
      return "began";
    case InitReport::Did::marked:
      return "marked";
    case InitReport::Did::nothing:
      return "nothing";
    case InitReport::Did::adopted:
      return "adopted";
  }
  return "nothing";
}

std::string_view sentence_for(InitReport::Did did)
{
  switch (did) {
    case InitReport::Did::began:
      return "begun: `immich-backup backup` makes the first backup";
    case InitReport::Did::marked:
      return "the backup that is there has its marker now";
    case InitReport::Did::nothing:
      return "was begun already: nothing was changed";
    case InitReport::Did::adopted:
      return "is the store of this Immich from now on";
  }
  return "";
}

std::string immich_row(const InitReport& report)
{
  if (report.marker.immich.empty())
    return "not known: `immich-backup init --adopt` with the database's address tells it";
  const std::string users = count_of(report.marker.immich.size(), "user", "users");
  if (report.database.empty()) return "known by the ids of " + users;
  return "the one of " + printable(report.database) + ", known by the ids of " + users;
}

}  // namespace

Outcome outcome_of(const InitReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const InitReport& report)
{
  Rows rows;
  rows.add("store", printable(report.header.store));
  rows.add("", std::string(sentence_for(report.did)));
  rows.add("id", printable(report.marker.id) + ", of " + format_iso(report.marker.created));
  rows.add("immich", immich_row(report));
  rows.add_notes(report.header.notes);
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const InitReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["did"] = word_for(report.did);
  json["id"] = to_utf8(report.marker.id);
  json["created"] = format_iso(report.marker.created);
  json["immich"] = to_array(report.marker.immich);
  return json_line(json);
}

}  // namespace ib
