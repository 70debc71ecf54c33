// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/selection/scope.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// Paths and patterns (PathPattern) that a person typed, among the paths that there are. Of the
/// following, each text means the first that some path fits:
///   - the path with exactly these bytes, although they may hold `*`, `?` or `[`;
///   - what the pattern matches, letters that look the same being the same;
///   - what it matches where upper and lower case are the same as well.
/// A text that no path fits stays a pattern.
class TypedPaths {
public:
  /// invalid for a text of slashes only.
  static Result<TypedPaths> parse(const std::vector<std::string>& texts);

  /// Takes note of a path that there is. Every such path must be shown once before the rest is
  /// asked.
  void see(std::string_view path);

  /// What the texts mean, in their order.
  std::vector<PathPattern> patterns() const;

  /// A text that no path fits as it was typed.
  struct Guess {
    std::string text;
    /// What it is taken for, in byte order: names, or paths down to one. The first ten at most.
    std::set<std::string> spellings;
    bool looks_the_same = false;  ///< else case differs
  };
  std::vector<Guess> guesses() const;

private:
  struct Sense {
    PathPattern pattern;
    bool is_guess = false;
    bool fits = false;
    std::set<std::string> spellings = {};  // of a guess
  };
  struct Typed {
    std::string text;
    std::vector<Sense> senses;  // what is tried first is first
  };
  static const Sense& chosen(const Typed& typed);

  std::vector<Typed> typed_;
};

/// Fails with invalid where a text is typed like nothing and could be several things, with the way
/// to type each.
Result<> require_one_spelling(const TypedPaths& typed);

/// What a text was taken for, for a person. The guess must have one spelling.
std::string describe(const TypedPaths::Guess& guess);

}  // namespace ib
