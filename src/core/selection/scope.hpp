// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// A pattern as in .gitignore, matched against a path below the media root (with or without its
/// leading slash):
///   - `*` and `?` stop at a slash, `**` does not, `[a-z]` and `[!a-z]` are sets, `\` makes the
///     next character literal;
///   - a slash at the start or in the middle ties the pattern to the media root; without one it
///     matches a name at any depth;
///   - a pattern that matches a folder matches everything below it; a slash at the end matches
///     folders only.
class PathPattern {
public:
  /// invalid for an empty pattern, one of slashes only, or an open bracket that is not closed.
  static Result<PathPattern> parse(std::string_view text);

  bool matches_file(std::string_view path) const;
  /// Whether everything below this folder matches.
  bool matches_folder(std::string_view path) const;
  /// Whether something below this folder could match. False only if nothing does for certain.
  bool may_match_below(std::string_view folder) const;

  const std::string& text() const { return text_; }
  /// Whether the pattern matches a file only through a folder above it.
  bool folders_only() const { return folders_only_; }

private:
  bool matches(std::string_view path, bool path_is_folder) const;
  std::string text_;
  std::vector<std::string> components_;
  bool anchored_ = false;
  bool folders_only_ = false;
};

/// The files that a backup covers: an include pattern matches them, and no exclude pattern does.
class Scope {
public:
  Scope() = default;
  Scope(std::vector<PathPattern> include, std::vector<PathPattern> exclude)
      : include_(std::move(include)), exclude_(std::move(exclude))
  {}

  bool covers(std::string_view path) const;
  /// Whether the folder has to be read.
  bool may_cover_below(std::string_view folder) const;

  /// What covers() says of all files that are directly in a folder, if the folder's name tells.
  enum class Files : std::uint8_t { all, none, by_name };
  Files files_in(std::string_view folder) const;

  /// This scope, plus the files that `pattern` matches and no exclude pattern does.
  Scope including(PathPattern pattern) const;
  /// This scope without the files that `pattern` matches.
  Scope excluding(PathPattern pattern) const;

private:
  std::vector<PathPattern> include_, exclude_;
};

Result<std::vector<PathPattern>> parse_patterns(const std::vector<std::string>& texts);

/// The pattern that matches only this path and everything below it.
std::string pattern_of_path(std::string_view path);

}  // namespace ib
