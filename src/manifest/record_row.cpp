// SPDX-License-Identifier: Apache-2.0
#include "manifest/record_row.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace ib {
namespace {

// The codes of the column `class`, by position.
constexpr std::array kClassCodes{StorageClass::standard, StorageClass::archive,
                                 StorageClass::nearline, StorageClass::coldline};

bool is_own_name(std::string_view object, std::string_view path)
{
  constexpr std::string_view kLibrary = "library";
  return object.size() == kLibrary.size() + path.size() && object.starts_with(kLibrary) &&
         object.ends_with(path);
}

std::int64_t signed_crc(Crc32c crc)
{
  return std::bit_cast<std::int32_t>(crc.value);
}

std::int64_t code_of(StorageClass storage_class)
{
  return std::ranges::find(kClassCodes, storage_class) - kClassCodes.begin();
}
template <class D>
Result<D> digest_of(ByteView blob, std::string_view path)
{
  D digest;
  if (blob.size() != D::kSize) {
    return fail(Errc::corrupt,
                "manifest: " + printable(path) + ": a checksum has the wrong length");
  }
  std::ranges::copy(blob, digest.bytes.begin());
  return digest;
}

}  // namespace

Crc32c crc_of(std::int64_t value)
{
  return {std::bit_cast<std::uint32_t>(static_cast<std::int32_t>(value))};
}

void bind_encrypted(Statement& statement, int index, const EncryptedObject& object)
{
  statement.bind(index, static_cast<std::int64_t>(object.size));
  statement.bind(index + 1, signed_crc(object.crc32c));
}

std::int64_t trust_of(const FileRecord& record)
{
  return record.suspect ? kSuspect : record.recheck ? kRecheck : kTrusted;
}

std::optional<StorageClass> class_of(std::int64_t code)
{
  if (code < 0 || std::cmp_greater_equal(code, kClassCodes.size())) return std::nullopt;
  return kClassCodes.at(static_cast<std::size_t>(code));
}

Result<Content> content_of(const Statement& row, const ContentColumns& columns,
                           std::string_view path)
{
  Content content;
  content.sha256 = TRY(digest_of<Sha256>(row.blob(columns.checksum), path));
  if (row.integer(columns.size) < 0)
    return fail(Errc::corrupt, "manifest: " + printable(path) + ": the size is negative");
  content.size = static_cast<std::uint64_t>(row.integer(columns.size));
  content.has_sha1 = !row.is_null(columns.sha1);
  content.has_crc32c = !row.is_null(columns.crc32c);
  if (content.has_sha1) content.sha1 = TRY(digest_of<Sha1>(row.blob(columns.sha1), path));
  if (content.has_crc32c) content.crc32c = crc_of(row.integer(columns.crc32c));
  return content;
}

Result<FileRecord> read_record(const Statement& row)
{
  FileRecord record;
  const bool has_names = row.is_text(0) && (row.is_null(9) || row.is_text(9));
  record.path = row.text(0);
  if (!has_names)
    return fail(Errc::corrupt, "manifest: " + printable(record.path) + ": a name is no text");
  record.content =
      TRY(content_of(row, {.checksum = 1, .size = 2, .sha1 = 4, .crc32c = 5}, record.path));
  const bool says_whether_it_is_there = row.is_integer(3);
  record.archived = row.integer(3) != 0;
  if (!says_whether_it_is_there || row.integer(3) != std::int64_t{record.archived})
    return fail(Errc::corrupt,
                "manifest: " + printable(record.path) + ": neither is there nor is archived");
  record.mtime_ns = row.is_null(6) ? kNoTime : row.integer(6);
  record.recheck = row.integer(7) == kRecheck;
  record.suspect = row.integer(7) == kSuspect;
  if (!row.is_null(8)) record.storage_class = class_of(row.integer(8));
  // A name that is written down may be the path's own: another path relied on it once.
  if (!row.is_null(9) && !is_own_name(row.text(9), record.path))
    record.object = ObjectName{std::string(row.text(9))};
  return record;
}

Result<std::optional<FileRecord>> read_first_record(Statement& statement)
{
  if (!TRY(statement.step())) return std::nullopt;
  return TRY(read_record(statement));
}

void bind_content(Statement& statement, const FileRecord& record)
{
  statement.bind(1, record.path);
  statement.bind(2, ByteView(record.content.sha256.bytes));
  statement.bind(3, static_cast<std::int64_t>(record.content.size));
  statement.bind(4, std::int64_t{record.archived});
  statement.bind_null(5);
  statement.bind_null(6);
  statement.bind_null(7);
  if (record.content.has_sha1) {
    statement.bind(5, ByteView(record.content.sha1.bytes));
    bind_mtime(statement, 7, record.mtime_ns);
  }
  if (record.content.has_crc32c) statement.bind(6, signed_crc(record.content.crc32c));
}

void bind_mtime(Statement& statement, int index, std::int64_t mtime_ns)
{
  if (mtime_ns == kNoTime) {
    statement.bind_null(index);
  } else {
    statement.bind(index, mtime_ns);
  }
}

void bind_mtime_of(Statement& statement, int index, const FileRecord& record)
{
  bind_mtime(statement, index, record.content.has_sha1 ? record.mtime_ns : kNoTime);
}

void bind_class(Statement& statement, int index, std::optional<StorageClass> storage_class)
{
  if (storage_class) {
    statement.bind(index, code_of(*storage_class));
  } else {
    statement.bind_null(index);
  }
}

void bind_object(Statement& statement, int index, const FileRecord& record)
{
  if (record.object && record.object->value != "library" + record.path) {
    statement.bind(index, record.object->value);
  } else {
    statement.bind_null(index);
  }
}

RecordingRun run_of(const Statement& row, int column)
{
  const Timestamp started(std::chrono::seconds(row.integer(column + 2)));
  return {.generation = static_cast<std::uint64_t>(row.integer(column)),
          .run = std::string(row.text(column + 1)),
          .started = is_nameable(started) ? started : Timestamp{}};
}

}  // namespace ib
