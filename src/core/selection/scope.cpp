// SPDX-License-Identifier: Apache-2.0
#include "core/selection/scope.hpp"

#include "base/text.hpp"
#include "core/names/unicode.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace ib {
namespace {

/// The components of a path, on the stack. There are usually few, and each folder of a library
/// needs them.
class Components {
public:
  explicit Components(std::string_view path)
  {
    while (!path.empty()) {
      const std::size_t slash = path.find('/');
      if (slash != 0) add(path.substr(0, slash));
      if (slash == std::string_view::npos) break;
      path.remove_prefix(slash + 1);
    }
  }
  std::span<const std::string_view> all() const
  {
    return many_.empty() ? std::span<const std::string_view>(few_).first(count_) : many_;
  }

private:
  void add(std::string_view name)
  {
    if (count_ == few_.size() && many_.empty()) many_.assign(few_.begin(), few_.end());
    if (count_ < few_.size()) {
      few_.at(count_++) = name;
    } else {
      many_.push_back(name);
    }
  }

  std::array<std::string_view, 16> few_;
  std::size_t count_ = 0;
  std::vector<std::string_view> many_;  // all of them, if there are more
};

/// The length of the character at the front of `text`, which is not empty.
std::size_t character_length(std::string_view text)
{
  return std::max<std::size_t>(1, utf8_length(text));
}

/// Removes the character at the front of `text`, which is not empty, and returns its number. Bytes
/// that are not UTF-8 come after all others.
std::uint32_t take_character(std::string_view& text)
{
  constexpr std::uint32_t kBytes = 0x110000;  // one more than Unicode has
  const std::size_t length = utf8_length(text);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::uint32_t character = byte(0);
  if (length == 0) character += kBytes;
  if (length > 1) character &= 0x7FU >> length;
  for (std::size_t i = 1; i < length; ++i) character = (character << 6U) | (byte(i) & 0x3FU);
  text.remove_prefix(std::max<std::size_t>(1, length));
  return character;
}

/// Matches the set at the front of `pattern`, after its bracket, against a character. Removes the
/// set.
bool set_matches(std::string_view& pattern, std::uint32_t character)
{
  const bool negated = !pattern.empty() && (pattern.front() == '!' || pattern.front() == '^');
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  for (bool first = true; !pattern.empty() && (first || pattern.front() != ']'); first = false) {
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    const std::uint32_t low = take_character(pattern);
    std::uint32_t high = low;
    if (pattern.size() > 1 && pattern[0] == '-' && pattern[1] != ']') {
      pattern.remove_prefix(1);
      high = take_character(pattern);
    }
    found = found || (character >= low && character <= high);
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return found != negated;
}

/// Matches one component against one name. Retries only the last star, so the time is bounded by
/// the product of the lengths.
bool name_matches(std::string_view pattern, std::string_view name)
{
  std::string_view star_pattern;
  std::string_view star_name;
  bool star = false;
  for (;;) {
    bool ok = false;
    if (!pattern.empty() && pattern.front() == '*') {
      while (!pattern.empty() && pattern.front() == '*') pattern.remove_prefix(1);
      star = true;
      star_pattern = pattern;
      star_name = name;
      continue;
    }
    if (name.empty()) {
      if (pattern.empty()) return true;
    } else if (!pattern.empty()) {
      std::string_view rest = pattern.substr(1);
      if (pattern.front() == '?' || pattern.front() == '[') {
        std::string_view name_rest = name;
        const std::uint32_t character = take_character(name_rest);
        if (pattern.front() == '?' || set_matches(rest, character)) {
          pattern = rest;
          name = name_rest;
          continue;
        }
      } else if (pattern.front() == '\\' && !rest.empty()) {
        ok = rest.front() == name.front();
        rest.remove_prefix(1);
      } else {
        ok = pattern.front() == name.front();
      }
      if (ok) {
        pattern = rest;
        name.remove_prefix(1);
        continue;
      }
    }
    if (!star || star_name.empty()) return false;
    star_name.remove_prefix(character_length(star_name));
    pattern = star_pattern;
    name = star_name;
  }
}

bool has_wildcard(std::string_view component)
{
  return component.find_first_of("*?[\\") != std::string_view::npos;
}

/// Retries only the last `**`, as name_matches() does with stars.
bool components_match(std::span<const std::string> pattern, std::span<const std::string_view> names)
{
  std::optional<std::span<const std::string>> after_stars;
  std::span<const std::string_view> from_stars;
  for (;;) {
    if (!pattern.empty() && pattern.front() == "**") {
      pattern = pattern.subspan(1);
      after_stars = pattern;
      from_stars = names;
    } else if (!pattern.empty() && !names.empty() && name_matches(pattern.front(), names.front())) {
      pattern = pattern.subspan(1);
      names = names.subspan(1);
    } else if (pattern.empty() && names.empty()) {
      return true;
    } else {
      if (!after_stars || from_stars.empty()) return false;
      from_stars = from_stars.subspan(1);
      pattern = *after_stars;
      names = from_stars;
    }
  }
}

/// Whether every set is closed, as set_matches() reads it.
bool brackets_close(std::string_view component)
{
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\') {
      ++i;
    } else if (component[i] == '[') {
      ++i;
      if (i < component.size() && (component[i] == '!' || component[i] == '^')) ++i;
      for (bool first = true; i < component.size() && (first || component[i] != ']');
           first = false) {
        i += component[i] == '\\' ? std::size_t{2} : std::size_t{1};
      }
      if (i >= component.size()) return false;
    }
  }
  return true;
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text, Same same)
{
  PathPattern pattern;
  pattern.text_ = text;
  pattern.same_ = same;
  pattern.folders_only_ = text.ends_with('/');
  const std::string_view body = pattern.folders_only_ ? text.substr(0, text.size() - 1) : text;
  pattern.anchored_ = body.contains('/');
  const std::string written = pattern.written(body);
  const Components components(written);
  for (const std::string_view component : components.all()) {
    // "**" means any depth only as a whole component. Elsewhere it is a star.
    if (component == "**" && !pattern.components_.empty() && pattern.components_.back() == "**")
      continue;
    pattern.components_.emplace_back(component);
  }
  if (pattern.components_.empty() || !std::ranges::all_of(pattern.components_, brackets_close)) {
    return fail(Errc::invalid, "not a pattern: '" + std::string(text) + "'",
                "Patterns are like those of .gitignore: 'thumbs/', '*.tmp', 'library/*/2021/**'.");
  }
  return pattern;
}

std::string PathPattern::written(std::string_view path) const
{
  if (same_ == Same::bytes) return std::string(path);
  return same_ == Same::look ? composed(path) : folded(path);
}

std::size_t PathPattern::match(std::string_view path, bool path_is_folder) const
{
  const Components components(path);
  const std::span<const std::string_view> names = components.all();
  // A pattern that matches a folder of the path matches the path.
  for (std::size_t depth = 1; depth <= names.size(); ++depth) {
    const bool is_folder = depth < names.size() || path_is_folder;
    if (folders_only_ && !is_folder) continue;
    if (anchored_ ? components_match(components_, names.first(depth))
                  : name_matches(components_.front(), names[depth - 1])) {
      return depth;
    }
  }
  return 0;
}

bool PathPattern::matches_file(std::string_view path) const
{
  return match(written(path), false) > 0;
}
bool PathPattern::matches_folder(std::string_view path) const
{
  return match(written(path), true) > 0;
}

std::string_view PathPattern::matched_part(std::string_view path) const
{
  const std::size_t depth = match(written(path), false);
  if (depth == 0) return {};
  const Components components(path);  // as many as the written path has
  const std::string_view last = components.all()[depth - 1];
  if (!anchored_) return last;
  return path.substr(0, static_cast<std::size_t>(last.data() - path.data()) + last.size());
}

bool PathPattern::may_match_below(std::string_view folder) const
{
  return may_match_below_written(written(folder));
}

bool PathPattern::may_match_below_written(std::string_view folder) const
{
  if (!anchored_) return true;
  const Components components(folder);
  const std::span<const std::string_view> names = components.all();
  for (std::size_t i = 0; i < names.size() && i < components_.size(); ++i) {
    if (components_[i] == "**") return true;
    if (has_wildcard(components_[i]) ? !name_matches(components_[i], names[i])
                                     : components_[i] != names[i])
      return false;
  }
  return true;
}

bool Scope::covers(std::string_view path) const
{
  const std::string written = composed(path);
  const auto matches = [&](const PathPattern& pattern) {
    return pattern.match(written, false) > 0;
  };
  return std::ranges::any_of(include_, matches) && std::ranges::none_of(exclude_, matches);
}

bool Scope::may_cover_below(std::string_view folder) const
{
  const std::string written = composed(folder);
  return std::ranges::any_of(
             include_, [&](const PathPattern& p) { return p.may_match_below_written(written); }) &&
         std::ranges::none_of(exclude_,
                              [&](const PathPattern& p) { return p.match(written, true) > 0; });
}

Scope::Files Scope::files_in(std::string_view folder) const
{
  const std::string written = composed(folder);
  const auto matches_folder = [&](const PathPattern& pattern) {
    return pattern.match(written, true) > 0;
  };
  const auto may_match = [&](const PathPattern& pattern) {
    return !pattern.folders_only() && pattern.may_match_below_written(written);
  };
  if (std::ranges::any_of(exclude_, matches_folder)) return Files::none;
  if (std::ranges::any_of(exclude_, may_match)) return Files::by_name;
  if (std::ranges::any_of(include_, matches_folder)) return Files::all;
  return std::ranges::any_of(include_, may_match) ? Files::by_name : Files::none;
}

Scope Scope::including(PathPattern pattern) const
{
  Scope scope = *this;
  scope.include_.push_back(std::move(pattern));
  return scope;
}

Scope Scope::excluding(PathPattern pattern) const
{
  Scope scope = *this;
  scope.exclude_.push_back(std::move(pattern));
  return scope;
}

Result<std::vector<PathPattern>> parse_patterns(const std::vector<std::string>& texts)
{
  std::vector<PathPattern> patterns;
  patterns.reserve(texts.size());
  for (const std::string& text : texts) patterns.push_back(TRY(PathPattern::parse(text)));
  return patterns;
}

std::string pattern_of_path(std::string_view path)
{
  std::string pattern;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace ib
