// SPDX-License-Identifier: Apache-2.0
#include "app/restore/doubts.hpp"

namespace ib {

Result<> settle_doubts(const Session& session, const PointChoice& choice, std::string_view command)
{
  if (choice.doubts.empty()) return {};
  const std::string time = format_iso(choice.point.time);
  std::string looks =
      "the restore point that would be taken, " + time + ", may be from after a loss:";
  for (const std::string& doubt : choice.doubts) looks += " " + doubt + ".";
  const std::string call = "`immich-backup " + std::string(command) + " --at ";
  const std::string this_one = call + time + " ...` takes this one all the same";
  const std::string ways = choice.before_doubt
                               ? call + format_iso(*choice.before_doubt) +
                                     " ...` takes the one from before; " + this_one + "."
                               : this_one + ".";
  if (!session.ask)
    return fail(Errc::invalid, looks + " Nobody is here to ask: nothing was fetched", ways);
  if (session.ask(looks + "\n" + ways + "\nRestore the one of " + time + "?")) return {};
  return fail(Errc::invalid, "the restore point of " + time + " is not wanted: nothing was fetched",
              ways);
}

}  // namespace ib
