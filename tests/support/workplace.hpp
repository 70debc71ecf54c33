// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/backup/backup.hpp"
#include "app/query/albums.hpp"
#include "app/query/ls.hpp"
#include "app/query/restore_points.hpp"
#include "app/query/status.hpp"
#include "app/restore/restore.hpp"
#include "app/restore/restore_database.hpp"
#include "app/session.hpp"
#include "app/verify/verify.hpp"
#include "core/records/file_record.hpp"
#include "postgres/address.hpp"
#include "store/object_store.hpp"
#include "store/open_store.hpp"
#include "support/matchers.hpp"
#include "support/sample_library.hpp"
#include "sys/file.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ib::test {

/// A temporary folder with a sample library and a store that was begun. Runs the program's commands
/// on both.
class Workplace {
public:
  Workplace();

  std::string library() const { return scratch_.file("library"); }
  std::string store_folder() const { return scratch_.file("store"); }
  std::string target() const { return scratch_.file("target"); }
  std::string path(std::string_view name) const { return scratch_.file(name); }

  ObjectStore& store() { return *opened_.store; }
  /// Opens it anew, as the next run of the program does. What was made from the old one ends first.
  void reopen_store();
  Session session() { return session(opened_); }
  Session session(Progress& progress, std::stop_token stop = {});
  /// A session on another store.
  Session session(const OpenStore& opened);
  /// A session on `store`, which decorates the store of this workplace.
  Session session(ObjectStore& store, std::stop_token stop = {});
  Session session(ObjectStore& store, Progress& progress, std::stop_token stop = {});

  BackupJob job() const { return {.library = library()}; }
  /// Of a database as well.
  BackupJob job(DatabaseAddress database) const;
  /// Backs up; a failure of the whole run fails the test.
  BackupReport backup();
  BackupReport backup(const BackupJob& job);
  VerifyReport verify_all();
  /// Restores into an empty target and returns the restored files.
  std::map<std::string, FileState> restore(std::optional<Timestamp> at = std::nullopt);
  /// The files that `ls` shows.
  std::vector<FileRecord> ls(std::optional<Timestamp> at = std::nullopt);

  /// The names of the store's objects, in byte order.
  std::vector<std::string> objects(const std::string& prefix = "");
  /// Makes the newest restore point forget when the library was looked at. A disk that changes
  /// bytes by itself leaves the ctime alone, and a test cannot.
  void forget_ctimes() const;
  /// Whether the store has its marker and nothing else.
  bool store_is_empty();

private:
  ScratchFolder scratch_;
  OpenStore opened_;
  SilentProgress progress_;
};

/// Makes a place a store, as `init` does without a database.
void begin_store(ObjectStore& store);

/// The codes of the problems in a report.
std::vector<std::string> codes(const ReportHeader& header);

}  // namespace ib::test
