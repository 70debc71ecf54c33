// SPDX-License-Identifier: Apache-2.0
#include "scan/listing.hpp"

#include <algorithm>
#include <utility>

namespace ib {

void Listing::add(std::string_view name, bool as_folder, FileKind kind, bool is_missing)
{
  const Entry entry{.name_begin = static_cast<std::uint32_t>(names_.size()),
                    .key_size = static_cast<std::uint16_t>(name.size() + (as_folder ? 1 : 0)),
                    .kind = kind,
                    .is_missing = is_missing};
  names_ += name;
  if (as_folder) names_ += '/';
  entries_.push_back(entry);
}

void Listing::sort()
{
  std::ranges::sort(entries_, {}, [this](const Entry& entry) { return key(entry); });
}

/// Keeps only the first `count` entries in order.
void Listing::keep_first(std::size_t count)
{
  const auto key_of = [this](const Entry& entry) { return key(entry); };
  std::ranges::nth_element(entries_, entries_.begin() + static_cast<std::ptrdiff_t>(count), {},
                           key_of);
  entries_.resize(count);
  std::string names;
  for (Entry& entry : entries_) {
    const std::string_view kept = key(entry);
    entry.name_begin = static_cast<std::uint32_t>(names.size());
    names += kept;
  }
  names_ = std::move(names);
  has_more_ = true;
}

void Listing::clear()
{
  names_.clear();
  entries_.clear();
  has_more_ = false;
}

Result<> Listing::read(const Folder& folder, std::string_view after, std::size_t most)
{
  clear();
  constexpr std::size_t kFew = 8;  // most of Immich's folders have no more
  entries_.reserve(kFew);
  names_.reserve(kFew * 41);
  std::string last;  // if has_more_: later entries belong to a later part
  const auto is_wanted = [&](std::string_view name, bool is_folder) {
    if (after.empty() && last.empty()) return true;
    std::string key(name);
    if (is_folder) key += '/';
    return key > after && (last.empty() || key < last);
  };
  TRY(folder.read_entries([&](std::string_view name, FileKind kind) {
    const bool is_folder = kind == FileKind::folder;
    if (!is_wanted(name, is_folder)) return;
    add(name, is_folder, kind);
    if (size() < most + most / 2 + 1) return;
    keep_first(most);
    const auto largest =
        std::ranges::max_element(entries_, {}, [&](const Entry& entry) { return key(entry); });
    last = key(*largest);
  }));
  if (size() > most) keep_first(most);
  sort();
  return {};
}

}  // namespace ib
