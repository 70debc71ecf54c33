// SPDX-License-Identifier: Apache-2.0
#include "repository/run_journal.hpp"

#include "base/version.hpp"
#include "manifest/exchange.hpp"
#include "repository/context.hpp"
#include "repository/documents.hpp"
#include "repository/manifest_file.hpp"
#include "repository/runs.hpp"
#include "sys/file.hpp"
#include "sys/process_name.hpp"
#include "sys/system.hpp"

#include <utility>

namespace ib {

RunJournal::RunJournal(const RepositoryContext& repository, Timestamp started, Rules rules)
    : repository_(repository),
      started_(started),
      run_(format_compact(started) + "-" + random_hex(4)),
      rules_(rules),
      last_checkpoint_(created_)
{}

RunJournal::~RunJournal() = default;

/// The store's time, as far as this run knows it.
Timestamp RunJournal::now() const
{
  return started_ +
         std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - created_);
}

Result<ObjectInfo> RunJournal::put_mark(const ObjectName& name, const std::string& run,
                                        Metadata metadata, const std::stop_token& stop) const
{
  const RunMark mark{.run = run, .time = started_, .program_version = std::string(kVersion)};
  metadata[kRunTimeKey] = format_iso(now());
  return put_small(repository_.store, name, serialize(mark), std::move(metadata),
                   "application/json", stop);
}

Result<> RunJournal::begin()
{
  if (begun_) return {};
  Metadata metadata{{kRunProcessKey, this_process()}};
  if (rules_.is_part) metadata[kRunPartKey] = "1";
  const Result<ObjectInfo> put =
      put_mark(begin_mark_name(run_), run_, std::move(metadata), repository_.stop);
  // Its name is nobody else's: taken, it was stored by a try whose reply was lost.
  if (!put && put.error().code != Errc::precondition_failed) return std::unexpected(put.error());
  begun_ = true;
  last_checkpoint_ = std::chrono::steady_clock::now();
  seen_ = last_checkpoint_;
  heart_.emplace(rules_.heartbeat_interval / 10,
                 [this](const std::stop_token& stop) { beat(stop); });
  return {};
}

/// One that fails is tried again soon. Nothing depends on it but whether another run waits.
void RunJournal::beat(const std::stop_token& stop)
{
  const Instant began = std::chrono::steady_clock::now();
  if (began - seen_.load() < rules_.heartbeat_interval) return;
  // Also where the last one failed: it may be there all the same.
  if (put_mark(heartbeat_name(run_, ++heartbeats_), run_, {}, stop)) seen_ = began;
}

Result<> RunJournal::stored(Catalog& catalog, std::uint64_t bytes)
{
  bytes_since_ += bytes;
  const bool long_ago =
      std::chrono::steady_clock::now() - last_checkpoint_ >= rules_.checkpoint_interval;
  if (!begun_ || (!long_ago && bytes_since_ < rules_.checkpoint_bytes)) return {};
  return checkpoint(catalog);
}

Result<> RunJournal::checkpoint(Catalog& catalog)
{
  TRY(begin());
  last_checkpoint_ = std::chrono::steady_clock::now();
  bytes_since_ = 0;
  const unsigned number =
      ++checkpoints_;  // also where the last one failed: it may be there all the same
  const std::string file = "checkpoint-" + std::to_string(number) + ".db";
  if (!TRY(extract_changes(catalog.manifest, catalog.scratch.file(file)))) return {};
  const Folder folder = TRY(Folder::open(catalog.scratch.path()));
  const OutgoingManifest ready = TRY(prepare_manifest(folder, file, repository_.store.features()));
  CheckpointInfo checkpoint{.object = checkpoint_name(run_, number),
                            .sha256 = ready.plain.sha256.hex()};
  TRY(ready.put(repository_.store, checkpoint.object,
                {{"run", run_}, {kRunTimeKey, format_iso(now())}}));
  seen_ = last_checkpoint_;
  TRY(forget_changes(catalog.manifest));
  catalog.checkpoints.push_back(std::move(checkpoint));
  return {};
}

void RunJournal::end(const std::vector<UnfinishedRun>& others, std::vector<std::string>& notes)
{
  const auto mark = [&](const ObjectName& name, const std::string& run) {
    const Result<ObjectInfo> put = put_mark(name, run, {}, {});
    if (!put && put.error().code != Errc::precondition_failed)
      notes.push_back("run " + run + " could not be marked as ended: " + put.error().message);
  };
  for (const UnfinishedRun& other : others)
    mark(taken_in_mark_name(other.run, other.last_checkpoint), other.run);
  if (begun_) mark(end_mark_name(run_), run_);
}

void RunJournal::stop()
{
  heart_.reset();
  // Where it fails, the next run waits for a while.
  if (begun_) static_cast<void>(put_mark(stopped_mark_name(run_), run_, {}, {}));
}

}  // namespace ib
