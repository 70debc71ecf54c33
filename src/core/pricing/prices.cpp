// SPDX-License-Identifier: Apache-2.0
#include "core/pricing/prices.hpp"

namespace ib {
namespace {

constexpr const char* kEverywhere = "*";
constexpr const char* kReference = "us-central1";

std::string lower_case(std::string text)
{
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

void PriceBook::set(Prices prices)
{
  prices.location = lower_case(std::move(prices.location));
  by_location_.insert_or_assign(prices.location, prices);
}

Prices PriceBook::at(const std::optional<std::string>& location) const
{
  const std::string wanted = lower_case(location.value_or(kReference));
  for (const std::string& name : {wanted, std::string(kEverywhere), std::string(kReference)}) {
    const auto found = by_location_.find(name);
    if (found == by_location_.end()) continue;
    Prices prices = found->second;
    if (name == kEverywhere) prices.location = wanted;
    return prices;
  }
  return {};
}

}  // namespace ib
