// SPDX-License-Identifier: Apache-2.0
//
// A dump on its way to psql: what checks it, what counts its rows, and what changes it. Each does
// the same whatever pieces the dump comes in. The first byte is the size of the pieces, the second
// tells which extensions the server has.
#include "fuzz/fuzz.hpp"
#include "postgres/dump_filter.hpp"
#include "postgres/dump_inventory.hpp"
#include "postgres/dump_sections.hpp"
#include "postgres/dump_text.hpp"
#include "postgres/meta_commands.hpp"

#include <algorithm>

namespace {

using namespace ib;

struct Passed {
  std::string text;
  std::vector<std::string> left_out;
  bool operator==(const Passed&) const = default;
};

/// Calls `take` with each piece of `text`.
template <class Take>
void in_pieces(std::string_view text, std::size_t size, const Take& take)
{
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    take(bytes_of(text.substr(0, size)));
}

Passed filtered(std::string_view dump, std::size_t piece, unsigned extensions)
{
  Passed passed;
  const ByteSink out = [&](ByteView bytes) -> Result<> {
    passed.text += text_of(bytes);
    return {};
  };
  DumpFilter filter(
      {.extension = [&](std::string_view name, std::string_view) -> Result<DumpFilter::Extension> {
         return static_cast<DumpFilter::Extension>((extensions + name.size()) % 3);
       },
       .schema = [&](std::string_view name) -> Result<bool> { return name.size() % 2 == 0; }});
  in_pieces(dump, piece, [&](ByteView bytes) { filter.write(bytes, out).value(); });
  filter.finish(out).value();
  passed.left_out = filter.left_out();
  return passed;
}

std::string rewritten(std::string_view dump, std::size_t piece)
{
  std::string text;
  const ByteSink out = [&](ByteView bytes) -> Result<> {
    text += text_of(bytes);
    return {};
  };
  RestoreRewriter rewriter;
  in_pieces(dump, piece, [&](ByteView bytes) { rewriter.write(bytes, out).value(); });
  rewriter.finish(out).value();
  return text;
}

/// Each line of `after` is one of `before`, in its order, or one that this program writes itself.
void require_no_new_line(std::string_view before, std::string_view after)
{
  const std::vector<std::string_view> lines = fuzz::split(before, '\n');
  auto at = lines.begin();
  for (const std::string_view line : fuzz::split(after, '\n')) {
    if (line.empty() || line.starts_with("SELECT pg_catalog.set_config(")) continue;
    at = std::find(at, lines.end(), line);
    fuzz::require(at != lines.end(), "psql gets no line that is not the dump's");
    ++at;
  }
}

struct Counted {
  bool complete = false;
  std::string message;
  std::vector<std::string> extensions;
  std::vector<TableRows> tables;
  std::string version;
  bool operator==(const Counted&) const = default;
};

Counted counted(std::string_view dump, std::size_t piece)
{
  DumpTrailerCheck trailer;
  DumpInventory inventory;
  in_pieces(dump, piece, [&](ByteView bytes) {
    trailer.update(bytes).value();
    inventory.update(bytes).value();
  });
  const Result<> end = trailer.require_complete();
  if (!end) fuzz::require_safe_to_show(end.error());
  static_cast<void>(inventory.server_major());
  fuzz::require(rows_of(inventory.tables()) <= dump.size(), "a row has a line");
  return {.complete = trailer.complete(),
          .message = end ? "" : end.error().message,
          .extensions = trailer.extensions(),
          .tables = inventory.tables(),
          .version = inventory.server_version()};
}

std::optional<std::uint64_t> line_of_a_command(std::string_view dump, std::size_t piece)
{
  MetaCommandCheck check;
  in_pieces(dump, piece, [&](ByteView bytes) { check.update(bytes); });
  check.finish();
  return check.found();
}

/// A dump that anybody has made, as its databases.
struct Divided {
  std::vector<std::string> sections;
  std::vector<std::string> names;
  std::string message;
  bool operator==(const Divided&) const = default;
};

Divided divided(std::string_view dump, std::size_t piece)
{
  Divided divided;
  DumpSections sections;
  const DumpSections::Sink out = [&](std::size_t section, ByteView sql) -> Result<> {
    fuzz::require(section + 1 >= divided.sections.size(), "no section goes on behind another");
    divided.sections.resize(std::max(divided.sections.size(), section + 1));
    divided.sections[section] += text_of(sql);
    return {};
  };
  in_pieces(dump, piece, [&](ByteView bytes) { sections.write(bytes, out).value(); });
  const Result<> end = sections.finish(out);
  if (!end) {
    fuzz::require_safe_to_show(end.error());
    divided.message = end.error().message;
  }
  for (const DumpSections::Database& database : sections.databases()) {
    divided.names.push_back(database.name);
    for (const std::string& setting : database.settings) divided.names.push_back(setting);
  }
  fuzz::require(divided.sections.size() <= sections.databases().size(), "each section has a name");
  return divided;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::Input input(data, size);
  const std::size_t piece = std::size_t{input.byte()} + 1;
  const unsigned extensions = input.byte();
  const std::string_view dump = input.rest();
  const std::size_t at_once = std::max<std::size_t>(1, dump.size());

  fuzz::require(counted(dump, piece) == counted(dump, at_once), "a dump is counted in pieces");
  fuzz::require(divided(dump, piece) == divided(dump, at_once), "a dump is divided in pieces");
  const std::optional<std::uint64_t> command = line_of_a_command(dump, at_once);
  fuzz::require(line_of_a_command(dump, piece) == command, "commands are looked for in pieces");
  fuzz::require(!command || dump.contains('\\'), "a command has a backslash");
  const Passed passed = filtered(dump, at_once, extensions);
  fuzz::require(filtered(dump, piece, extensions) == passed, "a dump is filtered in pieces");
  require_no_new_line(dump, passed.text);
  const std::string text = rewritten(dump, at_once);
  fuzz::require(rewritten(dump, piece) == text, "a dump is rewritten in pieces");
  require_no_new_line(dump, text);
  return 0;
}
