// SPDX-License-Identifier: Apache-2.0
#include "app/verify/verify.hpp"

#include "app/spending.hpp"
#include "app/stored_dump.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "repository/ancestry.hpp"
#include "repository/catalog.hpp"
#include "repository/point_choice.hpp"
#include "repository/proofs.hpp"
#include "store/object_streams.hpp"
#include "transfer/download.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace ib {
namespace {

/// A fair choice of `size` objects from a stream of unknown length.
class Sample {
public:
  explicit Sample(std::uint64_t size) : size_(size) {}

  void offer(const StoredContent& stored)
  {
    ++seen_;
    if (chosen_.size() < size_) {
      chosen_.push_back(stored);
      return;
    }
    const std::uint64_t place = std::uniform_int_distribution<std::uint64_t>(0, seen_ - 1)(random_);
    if (place < size_) chosen_[place] = stored;
  }

  std::vector<StoredContent>& chosen() { return chosen_; }

private:
  std::uint64_t size_;
  std::uint64_t seen_ = 0;
  std::mt19937_64 random_{std::random_device{}()};
  std::vector<StoredContent> chosen_;
};

class VerifyRun {
public:
  VerifyRun(const Session& session, const VerifyJob& job)
      : session_(session), job_(job), sample_(job.all ? 0 : job.sample.value_or(0))
  {
    report_.header.command = "verify";
    report_.header.store = session.store.url();
    report_.listing_has_checksums = session.store.features().lists_checksums;
    report_.shard = job.shard;
  }

  Result<VerifyReport> run()
  {
    session_.progress.begin("reading the manifest", std::nullopt, std::nullopt);
    Catalog catalog = TRY(require_catalog(session_));
    const RestorePoint point = TRY(choose_point(session_, catalog.listing, std::nullopt)).point;
    report_.restore_point = point.time;
    prices_ = prices_at(session_, find_location(session_));
    session_.progress.begin("comparing the manifest with earlier ones", std::nullopt, std::nullopt);
    const std::vector<Problem> contradictions = TRY(contradictions_of(session_, catalog));
    for (const Problem& problem : contradictions) {
      session_.progress.note(problem.message);
      report_.header.problems.push_back(problem);
    }
    TRY(compare_listing(catalog.manifest));
    TRY(check_dump(point));
    if (reads_all()) TRY(read_all(catalog.manifest));
    if (!reads_all() && job_.sample) TRY(read_sample());
    for (const auto& [name, path] : untold_) untold(path, name);
    report_.usage = session_.usage_meter.usage();
    if (!prices_.free_of_charge()) report_.cost = cost_of(report_.usage, prices_);
    const bool read_everything =
        report_.damaged == 0 && contradictions.empty() && report_.read_back >= report_.objects;
    store_proof(session_,
                {.command = "verify",
                 .program_version = std::string(kVersion),
                 .verdict = report_.damaged > 0               ? Proof::Verdict::damaged
                            : report_.header.problems.empty() ? Proof::Verdict::proven
                                                              : Proof::Verdict::not_proven,
                 .restore_point = report_.restore_point,
                 .objects = report_.objects,
                 .present = report_.present,
                 .read_back = report_.read_back,
                 .read_back_bytes = report_.read_back_bytes,
                 .damaged = report_.damaged,
                 .damaged_read_back = damaged_read_back_,
                 .proven = read_everything ? std::optional(Shard{}) : std::nullopt},
                report_.header.notes);
    return std::move(report_);
  }

private:
  /// A budget alone means: as much of everything as it pays for.
  bool reads_all() const { return job_.all || (session_.spending.budget && !job_.sample); }

  void damage(const std::string& path, std::string code, std::string message)
  {
    ++report_.damaged;
    session_.progress.note(message);
    report_.header.problems.push_back(
        {.path = path,
         .code = std::move(code),
         .message = std::move(message),
         .hint = "If the library still has the file, back it up again: see docs/damage.md."});
  }

  /// It is encrypted to somebody else: no damage, as far as anybody can tell.
  void not_opened(const Error& error, const std::string& path)
  {
    session_.progress.note(error.message);
    report_.header.problems.push_back(problem_from(error, "not_opened", path));
  }

  /// No damage, as far as anybody can tell.
  void untold(const std::string& path, const ObjectName& name)
  {
    report_.header.problems.push_back(
        {.path = path,
         .code = "object_untold",
         .message = printable(name.value) + ": " + std::string(kUntoldSize),
         .hint = "A proxy may have changed the store's reply. --all reads it back."});
  }

  bool is_ours(const StoredContent& stored) const
  {
    return !job_.shard || job_.shard->holds(stored.name.value);
  }

  /// A merge of what must be there with what is there.
  Result<> compare_listing(const Manifest& manifest)
  {
    session_.progress.begin("comparing the store's listing with the manifest", std::nullopt,
                            std::nullopt);
    const auto expected = TRY(manifest.stored_contents());
    FileObjects listed(session_.store, session_.stop);
    std::optional<ObjectInfo> object = TRY(listed.next());
    while (std::optional<StoredContent> stored = TRY(expected->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      while (object && object->name < stored->name) {
        ++report_.unknown_objects;
        object = TRY(listed.next());
      }
      ++report_.objects;
      report_.object_bytes += stored->content.size;
      session_.progress.advance(1, 0);
      if (!object || object->name != stored->name) {
        bad_objects_.insert(stored->name);
        damage(stored->path, "object_missing",
               printable(stored->name.value) + ": missing from the store");
        continue;
      }
      compare(*stored, *object);
      object = TRY(listed.next());
    }
    for (; object; object = TRY(listed.next())) ++report_.unknown_objects;
    return {};
  }

  void compare(const StoredContent& stored, const ObjectInfo& object)
  {
    if (!object.size) {
      untold_.emplace(stored.name, stored.path);
      return;
    }
    const bool size_right = object.size == stored.object_size;
    if (size_right &&
        (!object.crc32c || !stored.object_crc32c || *object.crc32c == *stored.object_crc32c)) {
      ++report_.present;
      StoredContent present = stored;
      present.storage_class = object.storage_class;
      if (is_ours(present)) whole_ += reading_of(present);
      sample_.offer(present);
      return;
    }
    bad_objects_.insert(stored.name);
    damage(stored.path, "object_damaged",
           printable(stored.name.value) +
               (size_right ? ": its CRC32C is not the recorded one"
                           : ": has " + format_count(*object.size) + " bytes, recorded are " +
                                 format_count(stored.object_size)));
  }

  Result<> check_dump(const RestorePoint& point)
  {
    if (!point.database) return {};
    const DumpInfo& dump = *point.database;
    if (job_.all && (!job_.shard || job_.shard->part == 0)) {
      session_.progress.begin("reading the database dump back", std::nullopt, dump.bytes);
      const Result<CheckedDump> checked = check_stored_dump(session_, dump.object, dump.sha256);
      if (checked) {
        report_.dump_checked = true;
      } else if (checked.error().code == Errc::corrupt || checked.error().code == Errc::io) {
        ++damaged_read_back_;
        damage("", "dump_damaged", checked.error().message);
      } else if (checked.error().code == Errc::invalid) {
        not_opened(checked.error(), "");
      } else {
        return std::unexpected(checked.error());
      }
      return {};
    }
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(session_.store.list(dump.object.value, "", session_.stop));
    const std::optional<ObjectInfo> info = TRY(cursor->next());
    if (!info || info->name != dump.object) {
      damage("", "dump_missing", dump.object.value + ": missing from the store");
    } else if (!info->size) {
      untold("", dump.object);
    } else if (info->size != dump.object_bytes()) {
      damage("", "dump_damaged",
             dump.object.value + ": has " + format_count(*info->size) + " bytes, recorded are " +
                 format_count(dump.object_bytes()));
    }
    return {};
  }

  static Usage reading_of(const StoredContent& stored)
  {
    return reading({.objects = 1, .bytes = stored.content.size},
                   stored.storage_class.value_or(StorageClass::archive));
  }

  /// With a budget, each object with the same chance, so that no part of the library is never read.
  Result<> read_all(const Manifest& manifest)
  {
    const double whole = cost_of(whole_, prices_);
    const double spent = cost_of(session_.usage_meter.usage(), prices_);
    const double limit = session_.spending.budget ? std::max(0.0, *session_.spending.budget - spent)
                                                  : std::numeric_limits<double>::infinity();
    const std::string what = "reading " + count_of(report_.present, "object", "objects") + " back";
    if (whole <= limit) {
      TRY(approve_spending(session_, whole, what));
    } else {
      session_.progress.note(what + " costs about " + format_dollars(whole) + ": --budget " +
                             format_dollars(*session_.spending.budget) +
                             " reads as many as it pays for, chosen at random");
    }
    session_.progress.begin("reading every object back", report_.objects, report_.object_bytes);
    const auto expected = TRY(manifest.stored_contents());
    std::bernoulli_distribution chosen(whole <= limit ? 1.0 : limit / whole);
    std::mt19937_64 random{std::random_device{}()};
    double planned = 0;
    return read_back([&]() -> Result<std::optional<DownloadItem>> {
      for (;;) {
        const std::optional<StoredContent> stored = TRY(expected->next());
        if (!stored) return std::nullopt;
        if (!is_ours(*stored) || bad_objects_.contains(stored->name))
          continue;  // not ours; reported already
        const double cost = cost_of(reading_of(*stored), prices_);
        if (!chosen(random) || planned + cost > limit) {
          report_.budget_spent = true;
          continue;
        }
        planned += cost;
        return item_for(*stored);
      }
    });
  }

  Result<> read_sample()
  {
    std::uint64_t bytes = 0;
    Usage expected;
    for (const StoredContent& stored : sample_.chosen()) {
      bytes += stored.content.size;
      expected += reading_of(stored);
    }
    TRY(approve_spending(
        session_, cost_of(expected, prices_),
        "reading " + count_of(sample_.chosen().size(), "object", "objects") + " back"));
    session_.progress.begin("reading a sample back", sample_.chosen().size(), bytes);
    std::size_t next = 0;
    return read_back([&]() -> Result<std::optional<DownloadItem>> {
      if (next == sample_.chosen().size()) return std::nullopt;
      return item_for(sample_.chosen()[next++]);
    });
  }

  static DownloadItem item_for(const StoredContent& stored)
  {
    return {.object = stored.name,
            .content = stored.content,
            .path = stored.path,
            .target = std::nullopt};
  }

  Result<> read_back(std::function<Result<std::optional<DownloadItem>>()> next)
  {
    return run_downloads(
        session_.store,
        {.workers = session_.workers, .target = nullptr, .overwrite = Overwrite::never},
        {.next = std::move(next),
         .done = [&](const DownloadResult& result) -> Result<> {
           if (result.end) {
             ++report_.read_back;
             report_.read_back_bytes += result.item.content.size;
             if (untold_.erase(result.item.object) > 0) ++report_.present;  // it tells itself
           } else if (result.end.error().code == Errc::invalid) {
             not_opened(result.end.error(), result.item.path);
           } else {
             ++damaged_read_back_;
             damage(result.item.path, "object_damaged", printable(result.end.error().message));
           }
           return {};
         }},
        session_.progress, session_.stop);
  }

  const Session& session_;
  const VerifyJob& job_;
  Sample sample_;
  VerifyReport report_;
  Prices prices_;
  Usage whole_;  // of reading everything that is present
  std::set<ObjectName> bad_objects_;
  std::map<ObjectName, std::string> untold_;  // of unknown size and not read back, with a path
  std::uint64_t damaged_read_back_ = 0;
};

}  // namespace

Result<VerifyReport> run_verify(const Session& session, const VerifyJob& job)
{
  return VerifyRun(session, job).run();
}

}  // namespace ib
