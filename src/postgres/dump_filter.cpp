// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump_filter.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <utility>

namespace ib {
namespace {

constexpr std::string_view kName = "-- Name: ";
constexpr std::string_view kDataName = "-- Data for Name: ";
constexpr std::string_view kTrailer = "-- PostgreSQL database dump complete";

/// The words in a statement that show that it needs an extension. pg_dump writes them with their
/// schema, so they are not mistaken for a column of the same name.
struct Needs {
  std::string_view extension;
  std::span<const std::string_view> words;
  std::string_view schema = "public";
};
constexpr std::array<std::string_view, 6> kVector{
    ".vector", ".halfvec", ".sparsevec", "USING hnsw", "USING ivfflat", ".vector_cosine_ops"};
constexpr std::array<std::string_view, 3> kVectors{"vectors.vector", "USING vectors", "vectors."};
constexpr std::array<std::string_view, 3> kVchord{"USING vchordrq", "USING vchordg", ".scalar8"};
constexpr std::array<std::string_view, 1> kCube{".cube"};
constexpr std::array<std::string_view, 3> kEarth{".earth", "ll_to_earth", "earth_distance"};
constexpr std::array<std::string_view, 2> kTrigram{"gin_trgm_ops", "gist_trgm_ops"};
constexpr std::array<std::string_view, 1> kUnaccent{"unaccent("};
constexpr std::array<std::string_view, 2> kUuid{"uuid_generate_v4", "uuid_generate_v1"};
// The extensions that Immich uses or has used.
constexpr std::array kNeeds{Needs{"vector", kVector},       Needs{"vectors", kVectors, "vectors"},
                            Needs{"vchord", kVchord},       Needs{"cube", kCube},
                            Needs{"earthdistance", kEarth}, Needs{"pg_trgm", kTrigram},
                            Needs{"unaccent", kUnaccent},   Needs{"uuid-ossp", kUuid}};

// The longest of Immich's have some KiB. More is not held back.
constexpr std::size_t kLongestStatement = std::size_t{4} << 20U;

constexpr std::string_view kDropExtension = "DROP EXTENSION ";
constexpr std::string_view kDropDatabase = "DROP DATABASE ";
constexpr std::string_view kDropSchema = "DROP SCHEMA ";

// Of the server, or of roles that it may not have.
constexpr std::array<std::string_view, 4> kNotOfTheDatabase{"DATABASE", "DATABASE PROPERTIES",
                                                            "ACL", "DEFAULT ACL"};

bool is_word(char c)
{
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Whether `text` holds `word`, not as a part of a longer word.
bool mentions(std::string_view text, std::string_view word)
{
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = !is_word(word.front()) || at == 0 || !is_word(text[at - 1]);
    const bool ends = !is_word(word.back()) || end == text.size() || !is_word(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

/// The value of a field: "TABLE" in "; Type: TABLE; Schema: public; Owner: postgres".
std::string field(std::string_view line, std::string_view name)
{
  const std::string before = "; " + std::string(name) + ": ";
  const std::size_t at = line.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + before.size());
  return std::string(rest.substr(0, rest.find_first_of(";\n")));
}

/// A table's name in a statement: public.asset or public."user". Only the server knows which names
/// need quotes, so the caller looks for both.
std::array<std::string, 2> sql_names(const std::string& schema, const std::string& name)
{
  return {schema + "." + name, schema + ".\"" + name + "\""};
}

bool is_of_function(std::string_view type)
{
  return type == "FUNCTION" || type == "PROCEDURE";
}

/// `quote` is what ends the body that a line before has begun, "$_$"; empty outside of one.
void follow_body(std::string_view line, std::string& quote)
{
  if (quote.empty()) {
    constexpr std::string_view kBegins = " AS $";
    const std::size_t at = line.find(kBegins);
    if (at == std::string_view::npos) return;
    line.remove_prefix(at + kBegins.size() - 1);
    const std::size_t end = line.find('$', 1);
    if (end == std::string_view::npos) return;
    quote = line.substr(0, end + 1);
    line.remove_prefix(end + 1);
  }
  if (line.contains(quote)) quote.clear();
}

/// extensions, of `CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA extensions;`
std::string schema_in(std::string_view text)
{
  constexpr std::string_view kBefore = " WITH SCHEMA ";
  const std::size_t at = text.find(kBefore);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kBefore.size());
  if (!text.starts_with('"')) return std::string(text.substr(0, text.find(';')));
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"' && !text.substr(i).starts_with("\"\"")) return name;
    if (text[i] == '"') ++i;
    name += text[i];
  }
  return {};
}

/// Functions of Immich's may name what lies there without its schema.
std::string search_also(std::string_view schema)
{
  std::string literal;
  for (const char c : schema) literal += c == '\'' ? std::string("''") : std::string(1, c);
  return "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('search_path') || "
         "', ' || pg_catalog.quote_ident('" +
         literal + "'), true);\n";
}

/// pg_dump writes it behind what it creates, after an empty line.
bool gives_away(std::string_view line)
{
  return line.starts_with("ALTER ") && line.contains(" OWNER TO ") && line.ends_with(";\n");
}

}  // namespace

std::optional<std::string_view> schema_of_extension(std::string_view name)
{
  const auto* const found = std::ranges::find(kNeeds, name, &Needs::extension);
  if (found == kNeeds.end()) return std::nullopt;
  return found->schema;
}

std::vector<std::string_view> immichs_extensions()
{
  std::vector<std::string_view> names;
  names.reserve(kNeeds.size());
  for (const Needs& each : kNeeds) names.push_back(each.extension);
  return names;
}

Result<> DumpFilter::write(ByteView plain_sql, const ByteSink& out)
{
  return lines_.update(
      text_of(plain_sql), [&](std::string_view line) { return see(line, out); },
      [&](std::string_view data) -> Result<> {
        TRY(decide(out));
        return entry_.kept ? out(bytes_of(data)) : Result<>();
      });
}

Result<> DumpFilter::finish(const ByteSink& out)
{
  entry_.text += lines_.open_line();
  return end_entry(out);
}

Result<> DumpFilter::see(std::string_view line, const ByteSink& out)
{
  const std::string_view before = line.starts_with(kName)       ? kName
                                  : line.starts_with(kDataName) ? kDataName
                                                                : std::string_view();
  if (!before.empty()) {
    TRY(end_entry(out));
    entry_.type = field(line, "Type");
    entry_.schema = field(line, "Schema");
    const std::string_view rest = line.substr(before.size());
    entry_.name = rest.substr(0, rest.find("; Type: "));
  } else if (line.starts_with(kTrailer)) {
    TRY(end_entry(out));
  } else if (entry_.type.empty() &&
             (line.starts_with(kDropExtension) || line.starts_with(kDropDatabase) ||
              line.starts_with(kDropSchema))) {
    return {};
  }
  const bool is_statement = std::exchange(after_empty_line_, line == "\n") &&
                            !entry_.type.empty() && entry_.body_quote.empty();
  if (is_statement && gives_away(line)) return {};
  if (is_of_function(entry_.type)) follow_body(line, entry_.body_quote);
  entry_.text += line;
  // What follows in the same entry goes where its beginning went.
  if (entry_.decided || entry_.text.size() > kLongestStatement) TRY(decide(out));
  return {};
}

Result<> DumpFilter::end_entry(const ByteSink& out)
{
  TRY(decide(out));
  entry_ = {};
  if (!added_.empty()) TRY(out(bytes_of(std::exchange(added_, {}))));
  return {};
}

/// Called when the entry's data begin, or at its end. Passes the held-back text on, or drops it.
Result<> DumpFilter::decide(const ByteSink& out)
{
  if (!std::exchange(entry_.decided, true)) entry_.kept = !TRY(must_go());
  if (entry_.kept && !entry_.text.empty()) TRY(out(bytes_of(entry_.text)));
  entry_.text.clear();
  return {};
}

Result<bool> DumpFilter::extension_must_go()
{
  const std::string schema = schema_in(entry_.text);
  const Extension extension = TRY(server_.extension(entry_.name, schema));
  const bool has_own = schema_of_extension(entry_.name) == schema;
  if (extension != Extension::missing) {
    if (!has_own && !schema.empty() && schema != "public") added_ = search_also(schema);
    return extension == Extension::there;
  }
  missing_.push_back(entry_.name);
  return leave_out("extension " + entry_.name);
}

Result<bool> DumpFilter::must_go()
{
  const Entry& entry = entry_;
  if (entry.type == "EXTENSION") return extension_must_go();
  // Only its owner may comment on one.
  if (entry.type == "COMMENT" &&
      (entry.name.starts_with("EXTENSION ") || entry.name.starts_with("DATABASE ")))
    return true;
  if (std::ranges::find(kNotOfTheDatabase, entry.type) != kNotOfTheDatabase.end()) return true;
  // An extension that has a schema of its own makes it.
  if (entry.type == "SCHEMA" && schema_of_extension(entry.name) == entry.name) return true;
  if (entry.type == "SCHEMA" && TRY(server_.schema(entry.name))) return true;
  if (missing_.empty() || entry.type.empty()) return false;
  const auto is_missing = [&](std::string_view extension) {
    return std::ranges::find(missing_, extension) != missing_.end();
  };
  // PostgreSQL does not check the body of a function when it creates the function.
  const bool is_function = is_of_function(entry.type);
  const std::string_view text =
      is_function ? std::string_view(entry.text).substr(0, entry.text.find(" AS $"))
                  : std::string_view(entry.text);
  const bool of_table =
      std::ranges::any_of(tables_, [&](const std::string& t) { return mentions(text, t); });
  const bool needs = std::ranges::any_of(kNeeds, [&](const Needs& each) {
    return is_missing(each.extension) &&
           std::ranges::any_of(each.words,
                               [&](std::string_view word) { return mentions(text, word); });
  });
  if (!of_table && !needs) return false;
  if (entry.type == "TABLE") {
    for (std::string& name : sql_names(entry.schema, entry.name)) tables_.insert(std::move(name));
  }
  if (entry.type != "TABLE" && (entry.type != "INDEX" || of_table)) return true;
  return leave_out((entry.type == "TABLE" ? "table " : "index ") + entry.schema + "." + entry.name);
}

Result<bool> DumpFilter::leave_out(std::string what)
{
  names_ += what.size();
  if (names_ > kMostNamesInDump) return too_many_names();
  left_out_.push_back(std::move(what));
  return true;
}

}  // namespace ib
