// SPDX-License-Identifier: Apache-2.0
#include "report/keygen.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

namespace ib {

Outcome outcome_of(const KeygenReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const KeygenReport& report)
{
  Rows rows;
  rows.add("public key", report.public_key);
  rows.add("file", printable(report.file) + (report.created ? ": new" : "") +
                       (report.has_passphrase ? ", opened by its passphrase alone" : ""));
  if (report.created) {
    rows.add("next",
             std::string("Keep a copy of the file away from the machine that backs up") +
                 (report.has_passphrase ? ", and its passphrase where you find it again" : "") +
                 ": it is the only thing that opens the photos of an encrypted backup. Then begin "
                 "the store:");
    rows.add("", "`immich-backup init --encrypt-to " + report.public_key + "`");
  }
  rows.add_notes(report.header.notes);
  return rows.text();
}

std::string to_json(const KeygenReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  json["file"] = to_utf8(report.file);
  json["public_key"] = report.public_key;
  json["created"] = time_or_null(report.created);
  json["passphrase"] = report.has_passphrase;
  return json_line(json);
}

}  // namespace ib
