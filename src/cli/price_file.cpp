// SPDX-License-Identifier: Apache-2.0
#include "cli/price_file.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "cli/built_in_prices.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace ib {
namespace {

struct Field {
  std::string_view name;
  double ClassPrices::*member;
};
constexpr std::array kFields{
    Field{"storage", &ClassPrices::storage}, Field{"class_a", &ClassPrices::class_a},
    Field{"class_b", &ClassPrices::class_b}, Field{"retrieval", &ClassPrices::retrieval}};

std::unexpected<Error> wrong(const std::string& file, const toml::source_region& where,
                             const std::string& what)
{
  return fail(Errc::invalid, printable(file) + ":" + std::to_string(where.begin.line) + ": " + what,
              "docs/cost.md describes the file.");
}

Result<double> price(const std::string& file, const toml::node& node, std::string_view name)
{
  const std::optional<double> number = node.value<double>();
  if (!number || !std::isfinite(*number) || *number < 0)
    return wrong(file, node.source(), std::string(name) + " is not a price");
  return *number;
}

Result<ClassPrices> class_prices(const std::string& file, const toml::node& node,
                                 const std::string& name)
{
  const toml::table* table = node.as_table();
  if (table == nullptr) return wrong(file, node.source(), name + " is not a table of prices");
  ClassPrices prices;
  for (const Field& field : kFields) {
    const toml::node* value = table->get(field.name);
    if (value == nullptr)
      return wrong(file, table->source(), name + " lacks " + std::string(field.name));
    prices.*field.member = TRY(price(file, *value, field.name));
  }
  const toml::node* days = table->get("minimum_days");
  if (days == nullptr) return wrong(file, table->source(), name + " lacks minimum_days");
  const std::optional<std::int64_t> number = days->value<std::int64_t>();
  if (!number || *number < 0 || *number > 36500)
    return wrong(file, days->source(), "minimum_days is not a number of days");
  prices.minimum_days = static_cast<unsigned>(*number);
  for (const auto& [key, value] : *table) {
    const bool known = key.str() == "minimum_days" ||
                       std::ranges::find(kFields, key.str(), &Field::name) != kFields.end();
    if (!known)
      return wrong(file, key.source(), "'" + printable(key.str()) + "' is not a key of " + name);
  }
  return prices;
}

Result<> read_entry(const std::string& file, const toml::node& node, const std::string& date,
                    PriceBook& book)
{
  const toml::table* table = node.as_table();
  if (table == nullptr) return wrong(file, node.source(), "[[prices]] is not a table");
  Prices prices{.location = {}, .date = date, .of = {}, .egress = 0};
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (name == "egress") {
      prices.egress = TRY(price(file, value, name));
    } else if (const auto storage_class = parse_storage_class(name)) {
      prices.of[*storage_class] = TRY(class_prices(file, value, name));
    } else if (name != "locations") {
      return wrong(file, key.source(), "'" + printable(name) + "' is not a key of [[prices]]");
    }
  }
  for (const std::string_view needed : {"egress", "STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"}) {
    if (!table->contains(needed))
      return wrong(file, table->source(), "[[prices]] lacks " + std::string(needed));
  }
  const toml::node* locations = table->get("locations");
  const toml::array* names = locations == nullptr ? nullptr : locations->as_array();
  if (names == nullptr || names->empty())
    return wrong(file, table->source(), "[[prices]] lacks locations, such as [\"europe-west3\"]");
  for (const toml::node& element : *names) {
    const std::optional<std::string> location = element.value<std::string>();
    if (!location) return wrong(file, element.source(), "a location is a text");
    prices.location = *location;
    book.set(prices);
  }
  return {};
}

Result<> read_table(const toml::table& table, const std::string& file, PriceBook& book)
{
  for (const auto& [key, value] : table) {
    if (key.str() != "date" && key.str() != "prices")
      return wrong(file, key.source(),
                   "'" + printable(key.str()) + "' is not a key of a price file");
  }
  const std::optional<std::string> date = table["date"].value<std::string>();
  if (!date)
    return wrong(file, table.source(),
                 "lacks the date when the prices were looked up, such as date = \"2026-11\"");
  const toml::array* entries = table["prices"].as_array();
  if (entries == nullptr || entries->empty())
    return wrong(file, table.source(), "has no [[prices]]");
  for (const toml::node& entry : *entries) TRY(read_entry(file, entry, *date, book));
  return {};
}

}  // namespace

Result<> read_prices(std::string_view toml, const std::string& file, PriceBook& book)
{
  try {
    return read_table(toml::parse(toml), file, book);
  } catch (const toml::parse_error& error) {
    return wrong(file, error.source(), "not valid TOML: " + printable(error.description()));
  } catch (const std::exception&) {
    return fail(Errc::invalid, printable(file) + ": cannot be read as TOML");
  }
}

PriceBook built_in_prices()
{
  PriceBook book;
  const Result<> read = read_prices(kBuiltInPrices, "the built-in prices", book);
  IB_ASSERT(read.has_value());
  return book;
}

}  // namespace ib
