// SPDX-License-Identifier: Apache-2.0
#include "report/cost.hpp"

#include "base/text.hpp"
#include "report/json.hpp"
#include "report/layout.hpp"

#include <algorithm>
#include <cmath>

namespace ib {
namespace {

void add_stored(Rows& rows, const CostReport& report)
{
  for (const StoredKind kind : kStoredKinds) {
    std::string_view word = to_string(kind);
    for (const StorageClass each : kStorageClasses) {
      const StoredAmount& amount = report.stored[kind][each];
      if (amount.objects == 0) continue;
      std::string text = objects_of_size(amount.objects, amount.bytes);
      if (!report.prices.free_of_charge()) {
        text += " in " + std::string(to_string(each)) + ": " +
                format_dollars(monthly_cost(amount, each, report.prices)) + " a month";
      }
      rows.add(word, text);
      word = "";
    }
  }
}

std::string year_end_row(const CostReport& report)
{
  const std::string sum = format_dollars(report.monthly_at_year_end) + " a month";
  if (!report.growth_per_day)
    return sum + ": how fast it grows is not known before a week has passed";
  const double bytes = std::max(0.0, *report.growth_per_day);
  return sum + ", if it goes on as since " + format_iso(*report.growth_since).substr(0, 10) + " (" +
         format_bytes(static_cast<std::uint64_t>(bytes)) + " a day)";
}

}  // namespace

Outcome outcome_of(const CostReport& report)
{
  return outcome_by_problems(report.header);
}

std::string to_text(const CostReport& report)
{
  Rows rows;
  rows.add("store", printable(report.header.store));
  add_stored(rows, report);
  if (report.prices.free_of_charge()) {
    rows.add("cost", "a folder bills nothing");
    rows.add_notes(report.header.notes);
    return rows.text();
  }
  rows.add("now", format_dollars(monthly_cost(report.stored, report.prices)) + " a month");
  rows.add("at year's end", year_end_row(report));
  rows.add("full restore",
           format_dollars(cost_of(report.restore, report.prices)) + " to read " +
               objects_of_size(report.restore.class_b(), report.restore.retrieved_bytes()) +
               " once, outside Google's network");
  rows.add("prices", describe_prices(report.prices.location, report.prices.date));
  rows.add_notes(report.header.notes);
  return rows.text() + problems_text(report.header.problems, std::nullopt);
}

std::string to_json(const CostReport& report)
{
  Json json = header_object(report.header, outcome_of(report));
  Json stored = Json::array();
  for (const StoredKind kind : kStoredKinds) {
    for (const StorageClass each : kStorageClasses) {
      const StoredAmount& amount = report.stored[kind][each];
      if (amount.objects == 0) continue;
      stored.push_back({{"kind", to_string(kind)},
                        {"class", to_string(each)},
                        {"objects", amount.objects},
                        {"bytes", amount.bytes},
                        {"usd_month", dollars(monthly_cost(amount, each, report.prices))}});
    }
  }
  json["stored"] = std::move(stored);
  json["usd_month"] = dollars(monthly_cost(report.stored, report.prices));
  json["usd_month_at_year_end"] = dollars(report.monthly_at_year_end);
  json["growth_bytes_per_day"] =
      report.growth_per_day ? Json(std::llround(*report.growth_per_day)) : Json(nullptr);
  json["growth_since"] = time_or_null(report.growth_since);
  json["restore"] = full_restore_object(report.restore, report.prices);
  json["prices"] = prices_object(report.prices);
  json["requests"] = to_object(report.usage);
  return json_line(json);
}

}  // namespace ib
