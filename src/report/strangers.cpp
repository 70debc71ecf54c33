// SPDX-License-Identifier: Apache-2.0
#include "report/strangers.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kNamed = 3;

}  // namespace

std::optional<Problem> problem_of(const std::vector<Stranger>& strangers)
{
  std::vector<Stranger> foreign;
  std::ranges::copy_if(strangers, std::back_inserter(foreign),
                       [](const Stranger& each) { return each.why != Stranger::Why::distrusted; });
  if (foreign.empty()) return std::nullopt;
  std::string names;
  for (std::size_t i = 0; i < std::min(foreign.size(), kNamed); ++i) {
    names += (i == 0 ? "" : ", ") + printable(foreign[i].name.value) + " (" +
             reason_text(foreign[i]) + ")";
  }
  if (foreign.size() > kNamed) names += " and " + format_count(foreign.size() - kNamed) + " more";
  const bool is_one = foreign.size() == 1;
  return Problem{
      .path = "",
      .code = "not_signed",
      .message = count_of(foreign.size(), "object is", "objects are") +
                 " set aside, because no trusted key has signed " + (is_one ? "it" : "them") +
                 ": " + names,
      .hint = "Find out who put " + std::string(is_one ? "it" : "them") +
              " there: whoever can has a credential of this store. The store's owner removes " +
              (is_one ? "it" : "them") +
              ". If they are yours, from before the machine key or from another machine: "
              "`immich-backup init --sign`, or --trusted-key."};
}

}  // namespace ib
