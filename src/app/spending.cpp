// SPDX-License-Identifier: Apache-2.0
#include "app/spending.hpp"

namespace ib {

std::optional<std::string> find_location(const Session& session)
{
  const Spending& spending = session.spending;
  if (spending.location || spending.prices.at(std::nullopt).free_of_charge())
    return spending.location;
  const Result<StoreDescription> store = session.inspector.describe(session.stop);
  if (!store || !store->bucket) return std::nullopt;
  return store->bucket->location;
}

Prices prices_at(const Session& session, const std::optional<std::string>& location)
{
  return session.spending.prices.at(location);
}

Result<> approve_spending(const Session& session, double dollars, const std::string& what)
{
  const Spending& spending = session.spending;
  const std::string price = what + " costs about " + format_dollars(dollars);
  if (spending.budget && dollars > *spending.budget) {
    return fail(Errc::invalid,
                price + ", more than --budget " + format_dollars(*spending.budget) +
                    ": nothing was fetched",
                "Choose less, or allow more.");
  }
  if (dollars > 0) session.progress.note(price + " (retrieval, network and operations)");
  if (dollars <= spending.ask_above || spending.approved || spending.budget) return {};
  if (session.ask) {
    if (session.ask(price + ". Go on?")) return {};
    return fail(Errc::invalid, price + ": not wanted, nothing was fetched");
  }
  return fail(Errc::invalid, price + ": nobody is here to ask, nothing was fetched",
              "--yes goes on; --budget USD sets how much may be spent; --ask-above USD is the sum "
              "from which on it is asked.");
}

}  // namespace ib
