// SPDX-License-Identifier: Apache-2.0
#include "cli/options/spending.hpp"

#include "base/text.hpp"
#include "cli/price_file.hpp"

namespace ib {
namespace {

constexpr std::uint64_t kLargestPriceFile = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kKeptForDays = std::uint64_t{5} * 365;
// Dumps are so large that their class depends only on how long they are kept.
constexpr std::uint64_t kTypicalDump = std::uint64_t{256} * 1024 * 1024;

Result<std::optional<StorageClass>> class_setting(const Settings& settings, std::string_view option)
{
  const Setting* setting = settings.find(option);
  if (setting == nullptr) return std::nullopt;
  const std::string& value = setting->values.front();
  if (const std::optional<StorageClass> known = parse_storage_class(value)) return known;
  return fail(Errc::invalid, setting->name + ": there is no class '" + printable(value) + "'",
              "One of STANDARD, NEARLINE, COLDLINE, ARCHIVE.");
}

Result<StorageClasses> storage_classes(const Settings& settings, const Prices& prices,
                                       double kept_days)
{
  StorageClasses classes;
  if (settings.text("storage-class") == "auto") {
    classes.files = [prices, kept_days](std::uint64_t size) {
      return cheapest_class(size, kept_days, prices);
    };
  } else if (const std::optional<StorageClass> fixed =
                 TRY(class_setting(settings, "storage-class"))) {
    classes.files = [fixed](std::uint64_t) { return *fixed; };
  }
  // Assumes one dump a night, so the number of kept dumps is a number of days. Without --keep-last,
  // dumps are kept for ever.
  const std::optional<std::uint64_t> kept = TRY(settings.number("keep-last", 0, 1'000'000));
  const double days = static_cast<double>(kept.value_or(0) == 0 ? 36500 : *kept);
  classes.dumps = TRY(class_setting(settings, "dump-class"))
                      .value_or(cheapest_class(kTypicalDump, days, prices));
  return classes;
}

}  // namespace

Option budget_option(std::string help)
{
  return {
      .name = "budget", .metavar = "USD", .group = OptionGroup::bucket, .help = std::move(help)};
}

Option ask_above_option()
{
  return {.name = "ask-above",
          .metavar = "USD",
          .group = OptionGroup::bucket,
          .help = "ask before spending more than this, or refuse without a terminal (default: 5)"};
}

Option yes_option(std::string help, OptionGroup group)
{
  return {.name = "yes", .group = group, .help = std::move(help)};
}

Options price_options()
{
  return {{.name = "location",
           .metavar = "NAME",
           .group = OptionGroup::bucket,
           .help = "the location whose prices apply, such as europe-west3 "
                   "(default: the bucket's)"},
          {.name = "prices",
           .metavar = "FILE",
           .group = OptionGroup::bucket,
           .help = "a TOML file of prices; they replace the built-in ones of the same location"}};
}

Options class_options()
{
  return {{.name = "storage-class",
           .metavar = "CLASS",
           .group = OptionGroup::bucket,
           .environment = {"GCS_STORAGE_CLASS"},
           .help = "the class of the library's objects in a bucket (default: ARCHIVE); "
                   "auto: the cheapest for the size of each object",
           .choices = {"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "auto"}},
          {.name = "kept-for",
           .metavar = "DAYS",
           .group = OptionGroup::bucket,
           .help = "how long the library's objects will be kept, "
                   "for the choice and the forecast of --storage-class auto (default: 1825)"},
          {.name = "dump-class",
           .metavar = "CLASS",
           .group = OptionGroup::bucket,
           .help = "the class of new dumps in a bucket "
                   "(default: depends on --keep-last; ARCHIVE if they are kept for ever)",
           .choices = {"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"}}};
}

Option keep_last_option(std::string help, OptionGroup group)
{
  return {.name = "keep-last",
          .metavar = "N",
          .group = group,
          .environment = {"DB_BACKUP_RETENTION"},
          .help = std::move(help)};
}

Options backups_class_options()
{
  return joined({class_options(),
                 {keep_last_option("the number of good dumps that a backup keeps; "
                                   "the class of new dumps depends on it",
                                   OptionGroup::bucket)}});
}

Result<Spending> spending_of(const Settings& settings, bool charges)
{
  Spending spending;
  spending.budget = TRY(settings.dollars("budget"));
  spending.ask_above = TRY(settings.dollars("ask-above")).value_or(spending.ask_above);
  spending.approved = TRY(settings.flag("yes"));
  spending.location = settings.text("location");
  spending.kept_days =
      static_cast<double>(TRY(settings.number("kept-for", 1, 36500)).value_or(kKeptForDays));
  PriceBook prices = built_in_prices();
  if (const Setting* file = settings.find("prices"))
    TRY(read_prices(TRY(read_configured_file(*file, kLargestPriceFile)), file->values.front(),
                    prices));
  spending.classes =
      TRY(storage_classes(settings, prices.at(spending.location), spending.kept_days));
  if (charges) spending.prices = std::move(prices);
  return spending;
}

}  // namespace ib
