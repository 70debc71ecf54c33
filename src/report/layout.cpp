// SPDX-License-Identifier: Apache-2.0
#include "report/layout.hpp"

#include "base/text.hpp"
#include "repository/documents.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kProblemsShown = 20;

std::string where_the_others_are(std::size_t total, std::optional<Timestamp> point)
{
  if (!point) return " (--json names them all)";
  const std::string name = restore_point_name(*point).value;
  if (total <= kProblemsInDocument) return ", in " + name;
  return "; " + name + " names the first " + format_count(kProblemsInDocument);
}

}  // namespace

void Rows::add(std::string_view word, const std::string& text)
{
  if (text.empty()) return;
  text_ += word;
  text_.append(word.size() < kRowWord ? kRowWord - word.size() : 1, ' ');
  text_ += text + "\n";
}

void Rows::add_notes(const std::vector<std::string>& notes)
{
  for (const std::string& note : notes) add("note", printable_message(note));
}

std::string problems_text(const std::vector<Problem>& problems, std::optional<Timestamp> point)
{
  if (problems.empty()) return {};
  std::string text = "\n" + count_of(problems.size(), "problem", "problems") + ":\n";
  const std::size_t shown = std::min(problems.size(), kProblemsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Problem& problem = problems[i];
    const std::string message = printable_message(problem.message);
    const std::string path = printable(problem.path);
    // Most messages begin with the thing already.
    const bool named =
        path.empty() || message.contains(path) || message.contains(printable_message(problem.path));
    text += "  ";
    if (!named) text += path + ": ";
    text += message;
    text += '\n';
    // A hint that holds for a row of problems is said once.
    const bool repeated = i + 1 < shown && problems[i + 1].hint == problem.hint;
    if (!problem.hint.empty() && !repeated) text += "    " + printable_message(problem.hint) + "\n";
  }
  if (problems.size() > shown) {
    text += "  and " + format_count(problems.size() - shown) + " more" +
            where_the_others_are(problems.size(), point) + "\n";
  }
  return text;
}

std::string verdict_and_time(const ReportHeader& header, Outcome outcome, std::string_view well)
{
  std::string verdict(well);
  if (outcome == Outcome::damaged) verdict = "damage was found";
  if (outcome == Outcome::incomplete || outcome == Outcome::retryable)
    verdict = "incomplete, " + count_of(header.problems.size(), "problem", "problems");
  if (outcome == Outcome::failed) verdict = "failed";
  return verdict + ", " + format_duration(header.elapsed);
}

std::string list(const std::vector<std::string>& parts)
{
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  }
  return text;
}

std::string describe(const std::optional<Shard>& shard)
{
  if (!shard) return {};
  return "part " + std::to_string(shard->part + 1) + " of " + std::to_string(shard->parts) +
         " (--shard " + std::to_string(shard->part) + ")";
}

std::string some(std::uint64_t count, std::string_view what)
{
  return count == 0 ? std::string() : format_count(count) + " " + std::string(what);
}

std::string files_of_size(std::uint64_t count, std::uint64_t bytes)
{
  return count_of(count, "file", "files") + " (" + format_bytes(bytes) + ")";
}

std::string objects_of_size(std::uint64_t count, std::uint64_t bytes)
{
  return count_of(count, "object", "objects") + " (" + format_bytes(bytes) + ")";
}

std::string padded_left(const std::string& text, std::size_t width)
{
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string padded_right(std::string text, std::size_t width)
{
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string size_column(std::uint64_t bytes)
{
  constexpr std::size_t kWidth = 8;
  return padded_left(format_bytes(bytes), kWidth);
}

std::string describe(const DumpInfo& dump)
{
  const bool version_known = !dump.immich_version.empty() && dump.immich_version != "unknown";
  return printable(dump.object.value) + " (" +
         list({format_bytes(dump.bytes),
               version_known ? "Immich " + printable(dump.immich_version) : "",
               count_of(dump.assets, "asset", "assets")}) +
         ")";
}

std::string describe(const Seeding& seeding)
{
  const std::string percent = "seeding " + std::to_string(seeding.percent()) + " %";
  const std::optional<std::uint64_t> days = seeding.days_left();
  return days ? percent + ", " + count_of(*days, "day", "days") + " left" : percent;
}

std::string describe_prices(const std::string& location, const std::string& date)
{
  return printable(location) + ", of " + printable(date) +
         ", before taxes, discounts and the free tier";
}

std::string describe_proof(std::optional<Timestamp> proven_since)
{
  if (!proven_since) return "not every file of the library has been read back yet";
  return "every file of the library of " + format_iso(*proven_since) + " has been read back since";
}

std::string printable_message(std::string_view message)
{
  std::string text;
  for (;;) {
    const std::size_t backslash = message.find('\\');
    text += printable(message.substr(0, backslash));
    if (backslash == std::string_view::npos) return text;
    text += '\\';
    message.remove_prefix(backslash + 1);
  }
}

}  // namespace ib
