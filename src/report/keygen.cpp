// SPDX-License-Identifier: Apache-2.0
#include "report/keygen.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"
#include "report/qr_code.hpp"

namespace ib {
namespace {

constexpr std::size_t kGroup = 4;  // characters that people remember while they type
constexpr std::size_t kGroupsInALine = 5;

/// The first line has what all such keys begin with; the others have the rest in groups.
std::string to_type(std::string_view secret_key)
{
  const std::size_t rest = secret_key.find('1') + 1;
  std::string lines = "  " + std::string(secret_key.substr(0, rest));
  for (std::size_t at = rest; at < secret_key.size(); at += kGroup) {
    const bool begins_line = (at - rest) % (kGroup * kGroupsInALine) == 0;
    lines += (begins_line ? "\n  " : " ") + std::string(secret_key.substr(at, kGroup));
  }
  return lines + "\n";
}

std::string page(const KeygenReport& report)
{
  Rows facts;
  facts.add(report.created ? "made" : "printed", format_iso(report.paper->printed).substr(0, 10));
  facts.add("file",
            printable(report.file) + (report.has_passphrase
                                          ? ", opened by its passphrase alone. This page needs "
                                            "none: it has the unprotected key"
                                          : ", which has the same key"));
  facts.add("public key", report.public_key);
  facts.add_notes(report.header.notes);
  std::string text =
      "THE KEY OF AN ENCRYPTED IMMICH BACKUP\n\n"
      "Whoever has this page can open the backup's photos, and without the key nobody can:\n"
      "keep it secret, and away from the house.\n\n";
  text += facts.text();
  text += "\nTHE SECRET KEY\n\n";
  text += to_type(report.paper->secret_key);
  text +=
      "\nType it into a file: all of it in one line, without the spaces. After the first line\n"
      "here no B, I, O or 1 occurs, so 0 is a zero. Or let a reader of QR codes do it.\n"
      "`immich-backup keygen --show FILE` then prints the public key above.\n\n";
  return text + qr_code(report.paper->secret_key);
}

}  // namespace

Outcome outcome_of(const KeygenReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const KeygenReport& report)
{
  if (report.paper) return page(report);
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
    rows.add("", "`immich-backup init --encrypt-to " + report.public_key + " --identity " +
                     shell_quoted(report.file) + "`");
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
