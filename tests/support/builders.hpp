// SPDX-License-Identifier: Apache-2.0
// Builds values for tests. A test names only the parts that matter to it.
#pragma once

#include "base/bytes.hpp"
#include "core/planning/plan.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"
#include "core/records/restore_point.hpp"
#include "support/matchers.hpp"
#include "sys/hash.hpp"

#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ib::test {

inline Timestamp at(std::int64_t seconds)
{
  return Timestamp(std::chrono::seconds(seconds));
}

/// The moment that `text` writes, as "2026-01-15T03:00:00Z".
inline Timestamp time_of(std::string_view text)
{
  return must(parse_timestamp(text));
}

inline Content content_of(std::string_view bytes)
{
  ContentHasher hasher;
  hasher.update(bytes_of(bytes));
  return hasher.finish();
}

inline SourceFile source_file(std::string path, std::string_view bytes, std::int64_t mtime_ns = 1)
{
  return {.path = std::move(path), .size = bytes.size(), .mtime_ns = mtime_ns};
}

inline FileRecord file_record(std::string path, std::string_view bytes, std::int64_t mtime_ns = 1)
{
  return {.path = std::move(path), .content = content_of(bytes), .mtime_ns = mtime_ns};
}

/// Of files and a database with two assets, none of which is restored unless it is `complete`.
inline RestorePoint restore_point(std::string_view time, bool complete)
{
  return {
      .time = time_of(time),
      .covers = {.files = true, .database = true},
      .counts = {.files = 214'031,
                 .bytes = 1ULL << 40U,
                 .archived = 12,
                 .archived_bytes = 3ULL << 30U},
      .database = DumpInfo{.object = {"database/d.sql.gz"},
                           .bytes = 812ULL << 20U,
                           .immich_version = "v2.3.1",
                           .assets = 2},
      .audit = Audit{.originals = 2, .proven = complete ? 2U : 0U, .missing = complete ? 0U : 2U},
      .placed_for = "",
      .problem_count = complete ? 0U : 3U};
}

/// `size` random bytes. The same seed gives the same bytes.
inline std::string random_bytes(std::size_t size, unsigned seed)
{
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random() & 0xFFU);
  return bytes;
}

/// A cursor over a vector. If `error` is set, it ends with this error.
template <class Base, class Item>
class VectorCursor final : public Base {
public:
  explicit VectorCursor(std::vector<Item> items, std::optional<Error> error = std::nullopt)
      : items_(std::move(items)), error_(std::move(error))
  {}
  Result<std::optional<Item>> next() override
  {
    if (position_ < items_.size()) return items_[position_++];
    if (error_) return std::unexpected(*error_);
    return std::nullopt;
  }

private:
  std::vector<Item> items_;
  std::optional<Error> error_;
  std::size_t position_ = 0;
};

using VectorScan = VectorCursor<ScanCursor, ScanItem>;
using VectorRecords = VectorCursor<RecordCursor, FileRecord>;

/// The remaining items of the cursor that `cursor` points to. Throws if the cursor fails.
auto drain(const auto& cursor)
{
  using Item = typename std::remove_cvref_t<decltype(cursor->next())>::value_type::value_type;
  std::vector<Item> items;
  for (;;) {
    std::optional<Item> item = must(cursor->next());
    if (!item) return items;
    items.push_back(*std::move(item));
  }
}

}  // namespace ib::test
