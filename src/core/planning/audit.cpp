// SPDX-License-Identifier: Apache-2.0
#include "core/planning/audit.hpp"

namespace ib {
namespace {

/// The named files of one path: an original as a rule, but several rows may name one file.
class Comparison {
public:
  Comparison(Audit& audit, const AuditSink& sink) : audit_(audit), sink_(sink) {}

  Result<> take(const NamedFile& file, const FileRecord* record)
  {
    if (file.outside && file.external) {
      ++audit_.external;
      return {};
    }
    const bool original = file.kind == NamedFile::Kind::original;
    ++(original ? audit_.originals : audit_.others);
    if (original && file.trashed) ++audit_.trashed;
    if (record == nullptr || record->archived || file.odd_checksum || differs(file, *record))
      return sink_.doubtful(file, record);
    if (!original) return {};
    ++(file.sha1 && record->content.has_sha1 ? audit_.proven : audit_.stored);
    return {};
  }

private:
  static bool differs(const NamedFile& file, const FileRecord& record)
  {
    return file.sha1 && record.content.has_sha1 && record.content.sha1 != *file.sha1;
  }

  Audit& audit_;
  const AuditSink& sink_;
};

}  // namespace

Result<Audit> compare_named_files(NamedFileCursor& named, RecordCursor& files,
                                  const AuditSink& sink)
{
  Audit audit;
  Comparison comparison(audit, sink);
  std::optional<NamedFile> file = TRY(named.next());
  std::optional<FileRecord> record = TRY(files.next());
  bool is_named = false;  // the record at hand
  while (file || record) {
    if (file && (!record || file->path < record->path)) {
      TRY(comparison.take(*file, nullptr));
      file = TRY(named.next());
    } else if (file && file->path == record->path) {
      is_named = true;
      TRY(comparison.take(*file, &*record));
      file = TRY(named.next());
    } else {
      if (!is_named && !record->archived) {
        ++audit.unknown;
        TRY(sink.unknown(*record));
      }
      is_named = false;
      record = TRY(files.next());
    }
  }
  return audit;
}

}  // namespace ib
