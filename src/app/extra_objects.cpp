// SPDX-License-Identifier: Apache-2.0
#include "app/extra_objects.hpp"

#include "base/text.hpp"
#include "immich/database.hpp"
#include "immich/extra_objects.hpp"
#include "postgres/connection.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kCode = "more_than_immichs";

std::string name_of(const ExtraObject& object)
{
  return printable(object.type + " " + object.name);
}

std::string what_to_do(const ExtraObject& object, RestoredFor purpose)
{
  std::string text =
      purpose == RestoredFor::use
          ? "Do not start Immich before you know what it does. psql shows it (\\df+, \\d+). "
            "Restore another restore point into a new database, or remove it in psql: "
          : "The dump holds it. Look in psql whether Immich's own database does, too (\\df+, "
            "\\d+). If none of you has made it, find out who has, and remove it: ";
  text += printable(object.drop) + ";";
  if (printable(object.drop) != object.drop)
    text += " (its name has characters that are not shown as they are)";
  return text;
}

Problem problem_of(const ExtraObject& object, RestoredFor purpose)
{
  std::string message = name_of(object) + " is more than Immich's own";
  if (!object.detail.empty()) message += ": " + printable(object.detail);
  return {.path = "",
          .code = std::string(kCode),
          .message = std::move(message),
          .hint = what_to_do(object, purpose)};
}

std::string note_of_newer(const std::string& level, const std::string& names, std::size_t count)
{
  return "the database says that its Immich is newer than this program knows (" + printable(level) +
         "), and so this may be Immich's own: " + names + ". " +
         (count == 1 ? "It is" : "They are") +
         " unknown here. Whoever writes a dump can say so, too: in doubt, look at " +
         (count == 1 ? "it" : "them") + " in psql (\\df+, \\d+) before Immich writes";
}

}  // namespace

std::optional<std::uint64_t> name_extra_objects(const DatabaseAddress& address, RestoredFor purpose,
                                                Findings& findings, const std::stop_token& stop)
{
  const auto look = [&]() -> Result<std::uint64_t> {
    Connection connection = TRY(Connection::open(address, stop));
    const ExtraObjects extra = TRY(find_extra_objects(connection));
    if (extra.count == 0) return 0;
    const std::string level = read_schema_level(connection).value_or("");
    const bool is_newer = is_newer_than_known(level);
    std::uint64_t problems = 0;
    std::size_t unknown = 0;
    std::string names;
    for (const ExtraObject& object : extra.named) {
      if (is_newer && object.is_of_immichs_kind) {
        names += (names.empty() ? "" : ", ") + name_of(object);
        ++unknown;
      } else {
        findings.problem(problem_of(object, purpose));
        ++problems;
      }
    }
    if (unknown > 0) findings.note(note_of_newer(level, names, unknown));
    if (const std::uint64_t more = extra.count - extra.named.size(); more > 0) {
      findings.problem({.path = "",
                        .code = std::string(kCode),
                        .message = "and " + count_of(more, "thing", "things") +
                                   " more than Immich's own in the database",
                        .hint = "Restore another restore point into a new database."});
      problems += more;
    }
    return problems;
  };
  const Result<std::uint64_t> named = look();
  if (named) return *named;
  findings.problem({.path = "",
                    .code = std::string(kCode),
                    .message = "whether the database holds more than Immich's own could not be "
                               "asked: " +
                               named.error().message,
                    .hint = "Do not start Immich on it. Find out who wrote the dump, or restore "
                            "another restore point into a new database."});
  return std::nullopt;
}

}  // namespace ib
