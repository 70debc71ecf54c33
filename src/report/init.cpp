// SPDX-License-Identifier: Apache-2.0
#include "report/init.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>

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
    case InitReport::Did::keyed:
      return "keyed";
    case InitReport::Did::readdressed:
      return "readdressed";
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
    case InitReport::Did::keyed:
      return "its marker names this machine's key from now on";
    case InitReport::Did::readdressed:
      return "what is stored from now on is encrypted to other keys; what is there is not";
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

void add_key(Rows& rows, const InitReport& report)
{
  if (report.key_file.empty()) {
    rows.add("key", "none: whoever can write to this folder is believed");
    return;
  }
  rows.add("key", printable(report.key_file) +
                      (report.key_is_new ? ": new. Keep a copy of it, and not in the store" : ""));
  rows.add("", "its public half, for those who read this store (IMMICH_BACKUP_TRUSTED_KEY):");
  rows.add("", report.public_key);
  if (report.in_bucket) {
    rows.add("", "for a cluster:");
    rows.add("",
             "kubectl create secret generic immich-backup-machine-key -n immich "
             "--from-file=machine.key=" +
                 shell_quoted(report.key_file));
  }
}

void add_encryption(Rows& rows, const InitReport& report)
{
  if (report.recipients.empty()) return;
  rows.add("encrypted",
           "to the owner: photos and dumps open with the identity of one of these alone");
  for (const std::string& recipient : report.recipients) rows.add("", recipient);
  if (report.is_proven)
    rows.add("", "the identity that you gave opens it. Keep it away from this machine");
  rows.add("", "a backup needs it in its settings: IMMICH_BACKUP_ENCRYPT_TO=" +
                   joined(report.recipients, ","));
}

constexpr std::size_t kNamedObjects = 10;

void add_signed(Rows& rows, const InitReport& report)
{
  if (report.signed_objects.empty()) return;
  rows.add("signed", count_of(report.signed_objects.size(), "object", "objects") +
                         " that no key had signed, whoever has put them there:");
  const std::size_t first =
      report.signed_objects.size() - std::min(report.signed_objects.size(), kNamedObjects);
  if (first > 0) rows.add("", "... and " + format_count(first) + " before these");
  for (std::size_t i = first; i < report.signed_objects.size(); ++i)
    rows.add("", printable(report.signed_objects[i]));
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
  const bool only_signs = report.did == InitReport::Did::nothing && !report.signed_objects.empty();
  rows.add("", only_signs ? "was begun already" : std::string(sentence_for(report.did)));
  rows.add("id", printable(report.marker.id) + ", of " + format_iso(report.marker.created));
  rows.add("immich", immich_row(report));
  add_key(rows, report);
  add_encryption(rows, report);
  add_signed(rows, report);
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
  json["machine_key"] = report.key_file.empty() ? Json(nullptr) : Json(to_utf8(report.key_file));
  json["public_key"] = report.public_key.empty() ? Json(nullptr) : Json(to_utf8(report.public_key));
  json["recipients"] = to_array(report.recipients);
  json["identity_opens"] = report.is_proven;
  json["signed"] = to_array(report.signed_objects);
  return json_line(json);
}

}  // namespace ib
