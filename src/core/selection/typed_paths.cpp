// SPDX-License-Identifier: Apache-2.0
#include "core/selection/typed_paths.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::size_t kMostSpellings = 10;

bool has_wildcard(std::string_view text)
{
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '*' || text[i] == '?' || text[i] == '[')
      return true;
  }
  return false;
}

}  // namespace

Result<TypedPaths> TypedPaths::parse(const std::vector<std::string>& texts)
{
  using Same = PathPattern::Same;
  TypedPaths all;
  for (const std::string& text : texts) {
    Typed typed{.text = text, .senses = {}};
    typed.senses.push_back(
        {.pattern = TRY(PathPattern::parse(pattern_of_path(text), Same::bytes))});
    const bool many = has_wildcard(text);
    const auto add = [&](Same same, bool is_guess) {
      // Of a text with an open bracket only the first sense is left.
      if (Result<PathPattern> pattern = PathPattern::parse(text, same))
        typed.senses.push_back({.pattern = std::move(*pattern), .is_guess = is_guess});
    };
    if (!many) add(Same::bytes, false);
    add(Same::look, !many);
    add(Same::reading, true);
    all.typed_.push_back(std::move(typed));
  }
  return all;
}

void TypedPaths::see(std::string_view path)
{
  for (Typed& typed : typed_) {
    for (Sense& sense : typed.senses) {
      const bool is_full =
          sense.fits && (!sense.is_guess || sense.spellings.size() == kMostSpellings);
      if (!is_full) {
        const std::string_view part = sense.pattern.matched_part(path);
        if (!part.empty()) {
          sense.fits = true;
          if (sense.is_guess) sense.spellings.emplace(part);
        }
      }
      if (sense.fits) break;  // those that follow are not needed
    }
  }
}

const TypedPaths::Sense& TypedPaths::chosen(const Typed& typed)
{
  const auto fits = std::ranges::find_if(typed.senses, &Sense::fits);
  if (fits != typed.senses.end()) return *fits;
  const auto pattern = std::ranges::find_if(typed.senses, [](const Sense& sense) {
    return sense.pattern.same() == PathPattern::Same::look;
  });
  return pattern == typed.senses.end() ? typed.senses.front() : *pattern;
}

std::vector<PathPattern> TypedPaths::patterns() const
{
  std::vector<PathPattern> patterns;
  patterns.reserve(typed_.size());
  for (const Typed& typed : typed_) patterns.push_back(chosen(typed).pattern);
  return patterns;
}

std::vector<TypedPaths::Guess> TypedPaths::guesses() const
{
  std::vector<Guess> guesses;
  for (const Typed& typed : typed_) {
    const Sense& sense = chosen(typed);
    if (!sense.is_guess || !sense.fits) continue;
    guesses.push_back({.text = typed.text,
                       .spellings = sense.spellings,
                       .looks_the_same = sense.pattern.same() == PathPattern::Same::look});
  }
  return guesses;
}

Result<> require_one_spelling(const TypedPaths& typed)
{
  for (const TypedPaths::Guess& guess : typed.guesses()) {
    if (guess.spellings.size() == 1) continue;
    std::string names, commands;
    for (const std::string& spelling : guess.spellings) {
      names += (names.empty() ? "" : ", ") + printable(spelling);
      commands += (commands.empty() ? "" : " or ") + shell_escaped(pattern_of_path(spelling));
    }
    const bool more = guess.spellings.size() == kMostSpellings;
    return fail(Errc::invalid,
                printable(guess.text) + ": nothing is written exactly so, and " +
                    (more ? "at least " : "") + std::to_string(guess.spellings.size()) + " names " +
                    (guess.looks_the_same ? "look" : "read") + " like it: " + names,
                "Say which, as a shell takes each byte of it: " + commands + ".");
  }
  return {};
}

std::string describe(const TypedPaths::Guess& guess)
{
  const std::string& spelling = *guess.spellings.begin();
  return printable(guess.text) + ": nothing is written exactly so; taken for " +
         (guess.looks_the_same
              ? "the name that looks the same and has other bytes: " + shell_escaped(spelling)
              : printable(spelling));
}

}  // namespace ib
