// SPDX-License-Identifier: Apache-2.0
//
// Where a dump that is to be restored comes from: the store, or a file that anybody has made.
#pragma once

#include "app/session.hpp"
#include "app/stored_dump.hpp"
#include "base/progress.hpp"
#include "postgres/dump_sections.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// A dump that is read twice: to its end before anything is touched, and again for the restore.
class DumpSource {
public:
  virtual ~DumpSource() = default;
  /// Reads all of it. corrupt if it is not whole.
  virtual Result<CheckedDump> check() = 0;
  /// The same again, once check() has ended well, and hands its SQL to `plain`.
  virtual Result<CheckedDump> read(const ByteSink& plain) = 0;
};

/// An object of the store.
class StoredDump final : public DumpSource {
public:
  StoredDump(const Session& session, ObjectName name, std::optional<Sha256> expected)
      : session_(session), name_(std::move(name)), expected_(expected)
  {}
  Result<CheckedDump> check() override { return check_stored_dump(session_, name_, expected_); }
  Result<CheckedDump> read(const ByteSink& plain) override
  {
    return read_stored_dump(session_, name_, expected_, plain);
  }

private:
  const Session& session_;
  ObjectName name_;
  std::optional<Sha256> expected_;
};

/// A file, gzip or plain: of Immich's own dumps, or of pg_dump or pg_dumpall. Of several databases
/// in it that with Immich's tables is taken; of several of those the one that is called `database`.
class DumpFile final : public DumpSource {
public:
  /// `progress` must outlive it.
  DumpFile(std::string path, std::string database, Progress& progress, std::stop_token stop)
      : path_(std::move(path)),
        database_(std::move(database)),
        progress_(progress),
        stop_(std::move(stop))
  {}

  Result<CheckedDump> check() override;
  Result<CheckedDump> read(const ByteSink& plain) override;

  /// Once check() has ended well: what the dump sets on the database itself.
  const std::vector<std::string>& settings() const { return settings_; }

private:
  using SectionSink = std::function<Result<>(std::size_t section, ByteView sql)>;
  Result<Content> read_sections(DumpSections& sections, const SectionSink& sink);
  Result<std::size_t> choose(const std::vector<DumpSections::Database>& databases,
                             const std::vector<DumpCheck>& checks) const;

  std::string path_;
  std::string database_;
  Progress& progress_;
  std::stop_token stop_;
  std::size_t chosen_ = 0;
  std::vector<std::string> settings_;
};

}  // namespace ib
