// SPDX-License-Identifier: Apache-2.0
#include "manifest/content_index.hpp"

#include "base/bytes.hpp"
#include "manifest/record_row.hpp"
#include "manifest/sql.hpp"
#include "manifest/sqlite.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdio>
#include <utility>
#include <vector>

namespace ib {

namespace {

constexpr std::string_view kLibraryNames = "library/";

/// Tells most digests apart that it has not seen. A digest's own bytes are as random as any hash of
/// them. With 32 to 64 bits for each of them, the filter takes one in 40,000 for known that is not,
/// or fewer; 8 MiB, its most, one in 5,000 among 3,000,000 and one in 25 among 10,000,000. That
/// costs time and is no mistake.
class DigestFilter {
public:
  /// Most processors have a filter for few digests in their cache.
  explicit DigestFilter(std::uint64_t expected)
      : bits_(std::bit_ceil(std::clamp(expected / 2, kFewestWords, kMostWords)))
  {}

  void add(ByteView digest)
  {
    for (std::size_t i = 0; i < kProbes; ++i) bits_[word(digest, i)] |= mask(digest, i);
  }
  bool may_have(ByteView digest) const
  {
    for (std::size_t i = 0; i < kProbes; ++i)
      if ((bits_[word(digest, i)] & mask(digest, i)) == 0) return false;
    return true;
  }

private:
  static constexpr std::size_t kProbes = 6;
  static constexpr std::uint64_t kFewestWords = (std::uint64_t{1} << 20U) / sizeof(std::uint64_t);
  static constexpr std::uint64_t kMostWords = (std::uint64_t{8} << 20U) / sizeof(std::uint64_t);

  /// Four bytes of the digest.
  static std::uint32_t piece(ByteView digest, std::size_t i)
  {
    std::uint32_t value = 0;
    for (std::size_t at = 4 * i; at < 4 * i + 4; ++at)
      value = value << 8U | std::to_integer<std::uint32_t>(digest[at]);
    return value;
  }
  std::size_t word(ByteView digest, std::size_t i) const
  {
    return (piece(digest, i) >> 6U) & (bits_.size() - 1);
  }
  static std::uint64_t mask(ByteView digest, std::size_t i)
  {
    return std::uint64_t{1} << (piece(digest, i) & 63U);
  }

  std::vector<std::uint64_t> bits_;  // their number is a power of two
};

}  // namespace

struct ContentIndex::State {
  sqlite3* db;
  std::string file;
  Plan plan;
  StatementCache statements = {};
  std::optional<DigestFilter> digests = std::nullopt;  // until all rows are gathered
  bool is_gathered = false;
  std::uint64_t archives_found_again = 0;

  Result<StatementCache::Use> use(std::string_view sql) { return statements.use(db, sql); }

  Result<bool> finds(std::string_view sql, std::string_view name)
  {
    const auto statement = TRY(use(sql));
    statement->bind(1, name);
    return statement->step();
  }

  Result<> read_digests()
  {
    {
      Statement expected = TRY(
          Statement::prepare(db, plan == Plan::present ? sql::kContentsWithPlan : sql::kContents));
      TRY(expected.step());
      digests.emplace(static_cast<std::uint64_t>(std::max(expected.integer(0), std::int64_t{0})));
    }
    Statement digest = TRY(Statement::prepare(db, sql::kDigests));
    while (TRY(digest.step())) {
      // Another one is found to be damaged when its row is read.
      if (digest.blob(0).size() == Sha256::kSize) digests->add(digest.blob(0));
    }
    return {};
  }

  /// False: no row relies on this content. After true, all rows are gathered.
  Result<bool> may_hold(const Sha256& sha256)
  {
    if (is_gathered) return true;
    if (!digests->may_have(ByteView(sha256.bytes))) return false;
    const RoomForASorter room(db);
    TRY(execute(db, plan == Plan::present ? sql::kGatherWithPlan : sql::kGather, "contents"));
    is_gathered = true;
    digests.reset();  // its memory is for others now
    return true;
  }
};

ContentIndex::ContentIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
ContentIndex::ContentIndex(ContentIndex&&) noexcept = default;

ContentIndex::~ContentIndex()
{
  if (!state_) return;
  state_->statements.clear();
  // Where it cannot be detached now, it is when the connection is closed.
  static_cast<void>(execute(state_->db, "DETACH held", "contents"));
  static_cast<void>(std::remove(state_->file.c_str()));
}

Result<ContentIndex> ContentIndex::build(sqlite3* db, const std::string& file, Plan plan)
{
  TRY(attach(db, file, "held"));
  ContentIndex index(std::make_unique<State>(State{.db = db, .file = file, .plan = plan}));
  const RoomForASorter room(db);
  const JournalsMayGo of_the_contents(db);
  TRY(execute(db, sql::kCreateHeld, "contents"));
  TRY(index.state_->read_digests());
  return index;
}

Result<std::optional<HeldObject>> ContentIndex::find(const Sha256& sha256)
{
  if (!TRY(state_->may_hold(sha256))) return std::nullopt;
  const auto row = TRY(state_->use(sql::kFindHeld));
  row->bind(1, ByteView(sha256.bytes));
  if (!TRY(row->step())) return std::nullopt;
  HeldObject held{.name = {std::string(row->text(0))}, .content = {}};
  held.content =
      TRY(content_of(*row, {.checksum = 1, .size = 2, .sha1 = 3, .crc32c = 4}, held.name.value));
  if (!row->is_null(5)) held.storage_class = class_of(row->integer(5));
  held.leaving = row->integer(6) != 0;
  return held;
}

Result<bool> ContentIndex::is_claimed(const FileRecord& record)
{
  return TRY(find_number(record)).has_value();
}

Result<std::optional<std::int64_t>> ContentIndex::number_of(const FileRecord& record)
{
  // A name that follows from the path is another path's only where it is written down.
  const std::string name = record.object_name().value;
  const bool follows_from_path =
      FileRecord{.path = record.path, .content = {}}.object_name().value == name;
  if (follows_from_path && !TRY(state_->finds(sql::kIsLent, name))) return std::nullopt;
  return find_number(record);
}

Result<std::optional<std::int64_t>> ContentIndex::find_number(const FileRecord& record)
{
  if (!TRY(state_->may_hold(record.content.sha256))) return std::nullopt;
  const auto statement = TRY(state_->use(sql::kNumberOf));
  statement->bind(1, ByteView(record.content.sha256.bytes));
  statement->bind(2, record.object_name().value);
  if (!TRY(statement->step())) return std::nullopt;
  return statement->integer(0);
}

Result<bool> ContentIndex::is_own_name_taken(std::string_view path)
{
  const std::string own = std::string(kLibraryPrefix) + std::string(path.substr(1));
  return TRY(state_->finds(sql::kIsLent, own)) || TRY(state_->finds(sql::kHasOwnObject, path));
}

Result<> ContentIndex::found_again(const Sha256& sha256)
{
  if (!TRY(state_->may_hold(sha256))) return {};
  const auto for_content = [&](std::string_view sql) -> Result<StatementCache::Use> {
    auto statement = TRY(state_->use(sql));
    statement->bind(1, ByteView(sha256.bytes));
    return statement;
  };
  std::uint64_t planned = 0;
  bool any_leaves = false;
  {
    const auto count = TRY(for_content(sql::kCountPlanned));
    TRY(count->step());
    planned = static_cast<std::uint64_t>(count->integer(0));
    any_leaves = count->integer(1) > 0;
  }
  if (planned > 0) TRY(TRY(for_content(sql::kFoundAgain))->run());
  if (any_leaves) TRY(TRY(for_content(sql::kTakePlace))->run());
  state_->archives_found_again += planned;
  return {};
}

std::uint64_t ContentIndex::archives_found_again() const
{
  return state_->archives_found_again;
}

Result<> ContentIndex::add(const FileRecord& record, std::int64_t number)
{
  const std::string name = record.object_name().value;
  if (record.object && name.starts_with(kLibraryNames)) {
    const auto lend = TRY(state_->use(sql::kAddLent));
    lend->bind(1, name);
    TRY(lend->run());
  }
  if (!state_->is_gathered) {  // it will be, with this row
    state_->digests->add(ByteView(record.content.sha256.bytes));
    return {};
  }
  const auto statement = TRY(state_->use(sql::kAddHeld));
  statement->bind(1, number);
  statement->bind(2, ByteView(record.content.sha256.bytes));
  statement->bind(3, name);
  statement->bind(4, std::int64_t{record.archived});
  return statement->run();
}

}  // namespace ib
