// SPDX-License-Identifier: Apache-2.0
#include "base/suggestion.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace ib {

namespace {

/// The letters of `text`. Of what is not UTF-8, each byte is one.
std::vector<std::string_view> letters_of(std::string_view text)
{
  std::vector<std::string_view> letters;
  while (!text.empty()) {
    letters.push_back(text.substr(0, std::max<std::size_t>(1, utf8_length(text))));
    text.remove_prefix(letters.back().size());
  }
  return letters;
}

}  // namespace

std::size_t typing_distance(std::string_view text_a, std::string_view text_b)
{
  const std::vector<std::string_view> a = letters_of(text_a);
  const std::vector<std::string_view> b = letters_of(text_b);
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known)
{
  constexpr std::size_t kLongestWord = 64;  // a longer word is no typing error
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t best_distance = 1 + std::max<std::size_t>(1, letters_of(word).size() / 3);
  for (const std::string_view candidate : known) {
    // A word that was cut short counts as near.
    const bool cut_short = word.size() >= 3 && candidate.starts_with(word);
    const std::size_t distance = cut_short ? 1 : typing_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view prefix)
{
  const std::string_view meant = nearest(word, known);
  return meant.empty() ? "" : "Did you mean " + std::string(prefix) + std::string(meant) + "?";
}

}  // namespace ib
