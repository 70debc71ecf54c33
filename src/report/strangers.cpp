// SPDX-License-Identifier: Apache-2.0
#include "report/strangers.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kNamed = 3;

/// The first three with the reasons, and how many more there are.
std::string names_of(const std::vector<Stranger>& strangers)
{
  std::string names;
  for (std::size_t i = 0; i < std::min(strangers.size(), kNamed); ++i) {
    names += (i == 0 ? "" : ", ") + printable(strangers[i].name.value) + " (" +
             reason_text(strangers[i]) + ")";
  }
  if (strangers.size() > kNamed)
    names += " and " + format_count(strangers.size() - kNamed) + " more";
  return names;
}

/// Those that are set aside for the owner's word, or all others.
std::vector<Stranger> those(const std::vector<Stranger>& strangers, bool distrusted)
{
  std::vector<Stranger> chosen;
  std::ranges::copy_if(strangers, std::back_inserter(chosen), [&](const Stranger& each) {
    return (each.why == Stranger::Why::distrusted) == distrusted;
  });
  return chosen;
}

}  // namespace

std::string distrust_note(const std::vector<Stranger>& strangers)
{
  const std::vector<Stranger> distrusted = those(strangers, true);
  if (distrusted.empty()) return "--distrust sets nothing of this store aside";
  return "--distrust sets aside " + count_of(distrusted.size(), "object", "objects") + ": " +
         names_of(distrusted);
}

std::optional<Problem> problem_of(const std::vector<Stranger>& strangers)
{
  const std::vector<Stranger> foreign = those(strangers, false);
  if (foreign.empty()) return std::nullopt;
  const bool is_one = foreign.size() == 1;
  return Problem{
      .path = "",
      .code = "not_signed",
      .message = count_of(foreign.size(), "object is", "objects are") +
                 " set aside, because no trusted key has signed " + (is_one ? "it" : "them") +
                 ": " + names_of(foreign),
      .hint = "Find out who put " + std::string(is_one ? "it" : "them") +
              " there: whoever can has a credential of this store. The store's owner removes " +
              (is_one ? "it. If it is" : "them. If they are") +
              " yours, from before the machine key or from another machine: "
              "`immich-backup init --sign`, or --trusted-key."};
}

}  // namespace ib
