// SPDX-License-Identifier: Apache-2.0
#include "report/diff.hpp"

#include "base/text.hpp"
#include "report/layout.hpp"
#include "report/listing_json.hpp"

namespace ib {
namespace {

std::string_view difference_word(DifferenceKind kind)
{
  switch (kind) {
    case DifferenceKind::added:
      return "added";
    case DifferenceKind::changed:
      return "changed";
    case DifferenceKind::gone:
      return "gone";
    case DifferenceKind::moved:
      return "moved";
  }
  return "changed";
}

std::string amount_of(DifferenceKind kind, const FileAmount& amount)
{
  if (amount.files == 0) return {};
  return some(amount.files, difference_word(kind)) + " (" + format_bytes(amount.bytes) + ")";
}

Json version_or_null(const std::optional<FileVersion>& version)
{
  if (!version) return nullptr;
  return {{"size", version->size}, {"sha256", version->sha256.hex()}};
}

}  // namespace

Outcome outcome_of(const DiffReport& report)
{
  return outcome_by_problems(report.header);
}

std::string difference_line(const Difference& difference)
{
  constexpr std::size_t kKindWidth = 7;
  const FileVersion& version = *(difference.after ? difference.after : difference.before);
  std::string line = padded_right(std::string(difference_word(difference.kind)), kKindWidth) +
                     "  " + size_column(version.size) + "  " + printable(difference.path);
  if (difference.kind == DifferenceKind::moved)
    line += "  from " + printable(difference.moved_from);
  return line + "\n";
}

std::string difference_json(const Difference& difference)
{
  Json json = path_object(difference.path);
  json["kind"] = difference_word(difference.kind);
  if (difference.kind == DifferenceKind::moved) {
    const Json from = path_object(difference.moved_from);
    json["from"] = from["path"];
    if (from.contains("path_hex")) json["from_hex"] = from["path_hex"];
  }
  json["before"] = version_or_null(difference.before);
  json["after"] = version_or_null(difference.after);
  return json_text(json);
}

std::string diff_summary(const DiffReport& report)
{
  std::string sums;
  for (const DifferenceKind kind : kDifferenceKinds)
    sums = list({sums, amount_of(kind, report.totals[kind])});
  return format_iso(report.from) + " to " + format_iso(report.to) + ": " +
         (sums.empty() ? "no difference" : sums) + "\n";
}

std::string listing_json_end(const DiffReport& report)
{
  Json totals = Json::object();
  for (const DifferenceKind kind : kDifferenceKinds) {
    const FileAmount& amount = report.totals[kind];
    totals[difference_word(kind)] = {{"files", amount.files}, {"bytes", amount.bytes}};
  }
  return listing_end(report.header, outcome_of(report),
                     {{"from", format_iso(report.from)},
                      {"to", format_iso(report.to)},
                      {"totals", std::move(totals)}});
}

}  // namespace ib
