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
///     next character literal; a character is one of Unicode's, or a byte that is not UTF-8;
///   - a slash at the start or in the middle ties the pattern to the media root; without one it
///     matches a name at any depth;
///   - a pattern that matches a folder matches everything below it; a slash at the end matches
///     folders only.
class PathPattern {
public:
  /// When two characters are the same.
  enum class Same : std::uint8_t {
    bytes,    ///< the same bytes
    look,     ///< they look the same: composed() has the same bytes
    reading,  ///< case does not count either: folded() has the same bytes
  };

  /// invalid for an empty pattern, one of slashes only, or an open bracket that is not closed.
  static Result<PathPattern> parse(std::string_view text, Same same = Same::look);

  bool matches_file(std::string_view path) const;
  /// Whether everything below this folder matches.
  bool matches_folder(std::string_view path) const;
  /// Whether something below this folder could match. False only if nothing does for certain.
  bool may_match_below(std::string_view folder) const;

  /// What of a path that matches_file() the pattern itself matches: a name, or from the media root
  /// down to one. Empty if the path does not match.
  std::string_view matched_part(std::string_view path) const;

  const std::string& text() const { return text_; }
  Same same() const { return same_; }
  /// Whether the pattern matches a file only through a folder above it.
  bool folders_only() const { return folders_only_; }

private:
  friend class Scope;
  /// A path as `components_` are written. Scope writes it once for all its patterns.
  std::string written(std::string_view path) const;
  /// How many components of a written path are matched. 0: none.
  std::size_t match(std::string_view path, bool path_is_folder) const;
  bool may_match_below_written(std::string_view folder) const;

  std::string text_;
  Same same_ = Same::look;
  std::vector<std::string> components_;
  bool anchored_ = false;
  bool folders_only_ = false;
};

/// The files that a backup covers: an include pattern matches them, and no exclude pattern does.
/// Letters that look the same are the same, upper and lower case are not: a pattern that matched
/// more than its owner thinks could leave photos out.
class Scope {
public:
  Scope() = default;
  /// All patterns must be parsed with Same::look.
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
