// SPDX-License-Identifier: Apache-2.0
#include "cli/options/assets.hpp"

#include "base/text.hpp"
#include "core/names/uuid.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

Option asset_option(std::string_view name, std::string_view metavar, std::string help)
{
  return {.name = name,
          .metavar = metavar,
          .help = std::move(help),
          .repeatable = true,
          .command_line_only = true};
}

}  // namespace

Options asset_options()
{
  return {
      asset_option("album", "NAME",
                   "the photos of this album, by name (see `immich-backup albums`) or by id"),
      asset_option("user", "EMAIL", "the photos of this user"),
      asset_option("taken", "DATE",
                   "the photos of this time: 2021, 2021-07, 2021-07-04, or 2021-07..2021-09; none: "
                   "those without a date"),
      asset_option("name", "TEXT",
                   "the photos with this in the name of the uploaded file; "
                   "or a pattern: 'IMG_1*'"),
      asset_option("asset", "ID", "the photo with this id, which is in Immich's address of it"),
      {.name = "trashed",
       .metavar = "WHICH",
       .help = "only: the photos in Immich's trash; no: all others; also: both (default)",
       .command_line_only = true,
       .choices = {"only", "no", "also"}},
  };
}

Result<AssetSelectors> asset_selectors(const Settings& settings)
{
  AssetSelectors selectors{.ids = settings.list("asset"),
                           .names = settings.list("name"),
                           .albums = settings.list("album"),
                           .users = settings.list("user"),
                           .taken = {},
                           .trashed = std::nullopt};
  for (const std::string& text : settings.list("taken"))
    selectors.taken.push_back(TRY(parse_taken(text)));
  for (const std::string& id : selectors.ids) {
    if (!parse_uuid(id)) {
      return fail(Errc::invalid, "--asset " + printable(id) + ": is not the id of an asset",
                  "The id ends the address at which Immich shows a photo: "
                  "3f2b8c1e-0000-4000-8000-000000000001.");
    }
  }
  for (const std::string& email : selectors.users) {
    const std::size_t at = email.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == email.size()) {
      return fail(Errc::invalid, "--user " + printable(email) + ": is not an e-mail address",
                  "Name users by the address with which they log in: --user anna@example.org.");
    }
  }
  for (const auto& [option, values] :
       {std::pair{"name", &selectors.names}, {"album", &selectors.albums}}) {
    if (std::ranges::any_of(*values, &std::string::empty))
      return fail(Errc::invalid, "--" + std::string(option) + ": is empty");
  }
  const std::string trashed = TRY(settings.choice("trashed")).value_or("also");
  if (trashed != "also") selectors.trashed = trashed == "only";
  return selectors;
}

}  // namespace ib
