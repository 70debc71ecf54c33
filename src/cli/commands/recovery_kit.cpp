// SPDX-License-Identifier: Apache-2.0
#include "app/query/recovery_kit.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/spending.hpp"

#include <algorithm>
#include <cctype>

namespace ib {
namespace {

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  const std::string usual = "ghcr.io/immich-backup/immich-backup:" + std::string(kVersion);
  std::string image = invocation.settings().text("image").value_or(usual);
  const bool is_plain = std::ranges::all_of(image, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-._:/@").contains(static_cast<char>(c));
  });
  if (!is_plain || image.empty())
    return fail(Errc::invalid, "--image: '" + printable(image) + "' is not an image's name");
  Conclusion page = TRY(invocation.conclude(run_recovery_kit(session, std::move(image))));
  page.is_report = false;  // its lines are commands, and have the width of paper
  return page;
}

}  // namespace

Command make_recovery_kit_command()
{
  return {
      .name = "recovery-kit",
      .group = CommandGroup::keeping,
      .summary = "one page to print for the worst day",
      .description = R"(
          Prints one page without secrets: where the backup is, what it holds, what a restore costs,
          what else to keep outside the house, and the commands that bring everything back on a new
          machine.)",
      .examples = {{"immich-backup recovery-kit | lp", "print it"},
                   {"immich-backup recovery-kit --identity key.txt | lp",
                    "of an encrypted store: also open a photo with this key, as on the worst day"}},
      .options = joined(
          {{store_option(),
            {.name = "image",
             .metavar = "IMAGE",
             .help = "this program's image, to be named on the page: best with its digest, as "
                     "in NAME@sha256:... (default: that of this version)"}},
           backups_class_options(),
           price_options(),
           common_options()}),
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
