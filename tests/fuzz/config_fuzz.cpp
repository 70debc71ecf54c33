// SPDX-License-Identifier: Apache-2.0
//
// Files of TOML: the configuration and a price file; and the metrics that another run has written.
#include "cli/config_file.hpp"
#include "cli/price_file.hpp"
#include "core/pricing/cost.hpp"
#include "fuzz/fuzz.hpp"
#include "report/metrics.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  const std::string_view text = fuzz::text_of_input(data, size);
  const Result<ConfigValues> config = parse_config(text, "immich.toml");
  if (!config) fuzz::require_safe_to_show(config.error());
  if (config)
    for (const auto& [name, value] : *config)
      fuzz::require(value.line > 0, "a setting stands in a line");

  PriceBook book;
  const Result<> prices = read_prices(text, "prices.toml", book);
  if (!prices) fuzz::require_safe_to_show(prices.error());

  Metrics metrics("backup");
  tell_end(metrics, Timestamp{}, std::chrono::seconds(1), 0, 0);
  const std::string written = metrics.text(text);
  fuzz::require(metrics.text(written) == written, "metrics are written as they were read");
  return 0;
}
