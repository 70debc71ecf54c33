// SPDX-License-Identifier: Apache-2.0
#include "support/workplace.hpp"
#include "app/session.hpp"
#include "core/records/file_record.hpp"
#include "postgres/database_settings.hpp"
#include "repository/store_marker.hpp"
#include "sys/file.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>

namespace ib::test {
namespace {

constexpr unsigned kWorkers = 3;

}  // namespace

Workplace::Workplace()
    : scratch_(must(ScratchFolder::create(""))),
      opened_(must(open_store(StoreAddress::of_folder(scratch_.file("store")))))
{
  make_sample_library(library());
  begin_store(store());
}

void Workplace::reopen_store()
{
  opened_ = must(open_store(StoreAddress::of_folder(store_folder())));
}

Session Workplace::session(Progress& progress, std::stop_token stop)
{
  return session(store(), progress, std::move(stop));
}

Session Workplace::session(const OpenStore& opened)
{
  return {{.store = *opened.store,
           .progress = progress_,
           .stop = {},
           .scratch_parent = scratch_.path()},
          *opened.inspector,
          *opened.usage_meter,
          kWorkers};
}

Session Workplace::session(ObjectStore& store, std::stop_token stop)
{
  return session(store, progress_, std::move(stop));
}

Session Workplace::session(ObjectStore& store, Progress& progress, std::stop_token stop)
{
  return {{.store = store,
           .progress = progress,
           .stop = std::move(stop),
           .scratch_parent = scratch_.path()},
          *opened_.inspector,
          *opened_.usage_meter,
          kWorkers};
}

BackupJob Workplace::job(DatabaseAddress database) const
{
  BackupJob job = this->job();
  job.database = DatabaseSettings{.address = std::move(database)};
  return job;
}

BackupReport Workplace::backup()
{
  return backup(job());
}
BackupReport Workplace::backup(const BackupJob& job)
{
  return must(run_backup(session(), job));
}
VerifyReport Workplace::verify_all()
{
  return must(run_verify(session(), {.all = true}));
}

std::map<std::string, FileState> Workplace::restore(std::optional<Timestamp> at)
{
  std::filesystem::remove_all(target());
  const RestoreReport report = must(run_restore(session(), {.target = target(), .at = at}));
  EXPECT_TRUE(report.header.problems.empty()) << report.header.problems.front().message;
  return files_below(target());
}

std::vector<FileRecord> Workplace::ls(std::optional<Timestamp> at)
{
  std::vector<FileRecord> records;
  must(run_ls(session(), {.at = at}, [&](const FileRecord& record) -> Result<> {
    records.push_back(record);
    return {};
  }));
  return records;
}

std::vector<std::string> Workplace::objects(const std::string& prefix)
{
  std::vector<std::string> names;
  const auto cursor = must(store().list(prefix, "", {}));
  while (const std::optional<ObjectInfo> info = must(cursor->next()))
    names.push_back(info->name.value);
  return names;
}

void Workplace::forget_ctimes() const
{
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(store_folder())) {
    const std::string name = entry.path().filename();
    if (name.starts_with("manifest-") && name.ends_with(".json")) newest = std::max(newest, name);
  }
  const std::string file = store_folder() + "/" + newest;
  std::string text = must(read_file(file, std::uint64_t{1} << 24U));
  const std::string_view field = "\"looked_at_ns\": ";
  const std::size_t at = text.find(field) + field.size();
  text.replace(at, text.find_first_of(",\n", at) - at, "null");
  std::ofstream(file, std::ios::trunc) << text;
}

bool Workplace::store_is_empty()
{
  return objects() == std::vector{std::string(kStoreMarker)};
}

void begin_store(ObjectStore& store)
{
  SilentProgress progress;
  const RepositoryContext repository{.store = store, .progress = progress};
  must(create_marker(repository, new_marker("", {}, must(store.now({})))));
}

std::vector<std::string> codes(const ReportHeader& header)
{
  std::vector<std::string> codes;
  for (const Problem& problem : header.problems) codes.push_back(problem.code);
  return codes;
}

}  // namespace ib::test
