// SPDX-License-Identifier: Apache-2.0
#include "app/backup/other_runs.hpp"

#include "sys/process_name.hpp"
#include "sys/timing.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <tuple>

namespace ib {
namespace {

enum class Life : std::uint8_t { goes_on, is_over, may_go_on };

Life life_of(const UnfinishedRun& run, Timestamp now, std::chrono::milliseconds silence)
{
  // This process works on one run at a time.
  if (run.stopped || (!run.process.empty() && run.process == this_process())) return Life::is_over;
  if (const std::optional<bool> runs = is_running(run.process))
    return *runs ? Life::goes_on : Life::is_over;
  return now - run.seen >= silence ? Life::is_over : Life::may_go_on;
}

/// Whether this job may send what that run sends.
bool concerns(const UnfinishedRun& run, const BackupJob& job)
{
  return job.library && !(job.shard && run.is_part);
}

std::string ago(Timestamp time, Timestamp now)
{
  return format_duration(std::max(now - time, std::chrono::seconds(0))) + " ago";
}

std::unexpected<Error> deferred(const UnfinishedRun& run, Timestamp now)
{
  return fail(Errc::unavailable,
              "another backup of this store goes on: run " + run.run + " began " +
                  ago(run.began, now) + ", last seen " + ago(run.seen, now),
              "This one has stored no file, so that none is sent twice. Start it again when the "
              "other has ended.");
}

const UnfinishedRun* find(std::span<const UnfinishedRun> runs, const std::string& name)
{
  const auto found = std::ranges::find(runs, name, &UnfinishedRun::run);
  return found == runs.end() ? nullptr : &*found;
}

/// Waits for a sign of `first`, which may go on. Returns the runs that did not end then.
Result<std::vector<UnfinishedRun>> watch(const Session& session, const UnfinishedRun& first,
                                         std::chrono::milliseconds silence)
{
  const auto until = std::chrono::steady_clock::now() + silence;
  const std::chrono::milliseconds pause = silence / 15;
  session.progress.note("run " + first.run + " was seen " +
                        ago(first.seen, TRY(session.store.now(session.stop))) +
                        " and has not ended: waiting for up to " + format_duration(silence) +
                        " to see whether it goes on");
  for (;;) {
    if (!wait_for(pause, session.stop)) return fail(Errc::cancelled, "interrupted");
    std::vector<UnfinishedRun> runs = TRY(unfinished_runs(session));
    const UnfinishedRun* run = find(runs, first.run);
    if (run == nullptr || run->stopped) return runs;
    if (run->objects != first.objects) return deferred(*run, TRY(session.store.now(session.stop)));
    if (std::chrono::steady_clock::now() >= until) return runs;
  }
}

}  // namespace

Result<std::vector<UnfinishedRun>> runs_to_take_in(const Session& session, const BackupJob& job,
                                                   Findings& findings)
{
  std::vector<UnfinishedRun> runs = TRY(unfinished_runs(session));
  if (runs.empty()) return runs;
  std::vector<std::string> silent;  // those that were waited for in vain
  for (;;) {
    const Timestamp now = TRY(session.store.now(session.stop));
    const UnfinishedRun* doubtful = nullptr;
    for (const UnfinishedRun& run : runs) {
      if (!concerns(run, job) || std::ranges::find(silent, run.run) != silent.end()) continue;
      const Life life = life_of(run, now, job.silence);
      if (life == Life::is_over) continue;
      if (job.dry_run) {
        findings.note("run " + run.run +
                      " may still go on: a backup now would wait or defer to it");
      } else if (life == Life::goes_on) {
        return deferred(run, now);
      } else if (doubtful == nullptr) {
        doubtful = &run;
      }
    }
    if (doubtful == nullptr) return runs;
    silent.push_back(doubtful->run);
    runs = TRY(watch(session, UnfinishedRun(*doubtful), job.silence));
  }
}

Result<> require_to_be_first(const Session& session, const BackupJob& job,
                             const std::string& own_run, std::span<const UnfinishedRun> known)
{
  const std::vector<UnfinishedRun> runs = TRY(unfinished_runs(session));
  const UnfinishedRun* own = find(runs, own_run);
  if (own == nullptr) return {};
  const Timestamp now = TRY(session.store.now(session.stop));
  for (const UnfinishedRun& run : runs) {
    if (run.run == own_run || find(known, run.run) != nullptr || !concerns(run, job)) continue;
    // Whichever of the two marks came later has seen the other.
    const bool was_first = std::tie(run.began, run.run) < std::tie(own->began, own->run);
    if (was_first && life_of(run, now, job.silence) != Life::is_over) return deferred(run, now);
  }
  return {};
}

}  // namespace ib
