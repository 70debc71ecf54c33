// SPDX-License-Identifier: Apache-2.0
#include "repository/point_choice.hpp"

#include "base/text.hpp"
#include "repository/dumps.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace ib {
namespace {

// So much less than before is more than people delete by the way.
constexpr std::uint64_t kLeastLoss = 10;
constexpr std::uint64_t kLossPercent = 1;

bool is_loss(std::uint64_t before, std::uint64_t now)
{
  return before >= now + kLeastLoss && (before - now) * 100 > before * kLossPercent;
}

struct Candidate {
  Timestamp time{};
  ObjectName name;
  PointFacts facts;
};

using Dumps = std::set<ObjectName>;

bool has_good_dump(const PointFacts& facts, const Dumps& dumps)
{
  return facts.dump && facts.dump_is_good && dumps.contains(*facts.dump);
}

/// How much a point is worth as the newest: the least is 0.
int rank_of(const PointFacts& facts, const Dumps& dumps)
{
  const bool dump = has_good_dump(facts, dumps);
  const bool files = facts.covers.files && !facts.covers.part;
  if (dump && files) return 3;
  if (dump) return 2;
  return files ? 1 : 0;
}

std::string_view why_not(const PointFacts& facts, const Dumps& dumps)
{
  if (!facts.dump) return "has no database dump";
  if (facts.dump_is_suspect) return "has a suspect dump: most of the assets were gone";
  if (!facts.dump_is_good) return "has a dump without all of its data";
  if (!dumps.contains(*facts.dump)) return "has no dump any more";
  return facts.covers.files ? "covers only a part of the files" : "covers no files";
}

/// The points until `at`, the newest first.
Result<std::vector<Candidate>> candidates_until(const RepositoryContext& repository,
                                                const ManifestListing& listing,
                                                std::optional<Timestamp> at)
{
  std::vector<Candidate> candidates;
  for (auto it = listing.restore_points.rbegin(); it != listing.restore_points.rend(); ++it) {
    if (at && it->time > *at) continue;
    Result<PointFacts> facts = facts_of(repository, *it);
    // A damaged one is passed over, unless there is no other: choose_restore_point says so then.
    if (!facts && facts.error().code == Errc::corrupt) continue;
    if (!facts) return std::unexpected(std::move(facts).error());
    candidates.push_back({.time = it->time, .name = it->name, .facts = *std::move(facts)});
  }
  return candidates;
}

/// What points have so many of that one with far fewer looks like a loss.
struct Counted {
  std::string_view what;
  std::optional<std::uint64_t> PointFacts::*count;
};
constexpr std::array kCounted{Counted{"assets", &PointFacts::assets},
                              Counted{"protected originals", &PointFacts::protected_originals}};

bool has_far_fewer(const PointFacts& now, const PointFacts& before, const Counted& counted)
{
  const std::optional<std::uint64_t>& count = now.*counted.count;
  const std::optional<std::uint64_t>& more = before.*counted.count;
  return count && more && is_loss(*more, *count);
}

bool many_differ(const PointFacts& facts)
{
  const std::uint64_t brought = facts.protected_originals.value_or(0);
  return is_loss(brought + facts.differing, brought);
}

/// What makes `chosen` look like a loss beside the older points, which begin at `older`.
void doubt(const Candidate& chosen, std::vector<Candidate>::const_iterator older,
           std::vector<Candidate>::const_iterator end, const Dumps& dumps, PointChoice& choice)
{
  const PointFacts& now = chosen.facts;
  std::vector<Counted> lost;
  for (const Counted& counted : kCounted) {
    const auto more = std::find_if(
        older, end, [&](const Candidate& each) { return has_far_fewer(now, each.facts, counted); });
    if (more == end) continue;
    lost.push_back(counted);
    choice.doubts.push_back("it has " + format_count((now.*counted.count).value_or(0)) + " " +
                            std::string(counted.what) + ", the one of " + format_iso(more->time) +
                            " has " + format_count((more->facts.*counted.count).value_or(0)));
  }
  if (many_differ(now))
    choice.doubts.push_back(format_count(now.differing) +
                            " originals are not what Immich recorded");
  if (now.accepts_changes)
    choice.doubts.emplace_back(
        "it was made with --accept-changes, after much had vanished or changed");
  if (choice.doubts.empty()) return;
  const auto before = std::find_if(older, end, [&](const Candidate& each) {
    return has_good_dump(each.facts, dumps) && !each.facts.accepts_changes &&
           !many_differ(each.facts) && std::ranges::all_of(lost, [&](const Counted& counted) {
             return has_far_fewer(now, each.facts, counted);
           });
  });
  if (before != end) choice.before_doubt = before->time;
}

}  // namespace

Result<PointChoice> choose_point(const RepositoryContext& repository,
                                 const ManifestListing& listing, std::optional<Timestamp> at)
{
  Dumps dumps;
  for (const ObjectInfo& dump : TRY(list_dump_objects(repository))) dumps.insert(dump.name);
  const auto take = [&](RestorePoint point) {
    const bool there = point.database && dumps.contains(point.database->object);
    return PointChoice{.point = std::move(point), .has_its_dump = there};
  };
  const bool is_exact =
      at && std::ranges::find(listing.restore_points, *at, &ManifestListing::Entry::time) !=
                listing.restore_points.end();
  if (is_exact) return take(TRY(choose_restore_point(repository, listing, at)));
  const std::vector<Candidate> candidates = TRY(candidates_until(repository, listing, at));
  const auto rank = [&](const Candidate& each) { return rank_of(each.facts, dumps); };
  const auto chosen = std::ranges::max_element(candidates, {}, rank);  // the first of the best
  if (chosen == candidates.end()) return take(TRY(choose_restore_point(repository, listing, at)));

  PointChoice choice = take(TRY(read_restore_point(repository, chosen->name)));
  if (at) choice.notes.push_back("--at takes the restore point of " + format_iso(chosen->time));
  for (auto newer = candidates.begin(); newer != chosen; ++newer) {
    choice.notes.push_back("the restore point of " + format_iso(newer->time) + " is newer, and " +
                           std::string(why_not(newer->facts, dumps)) + ": --at " +
                           format_iso(newer->time) + " takes it instead of " +
                           format_iso(chosen->time));
  }
  if (at) return choice;
  doubt(*chosen, chosen + 1, candidates.end(), dumps, choice);
  const bool newer_is_suspect = std::any_of(candidates.begin(), chosen, [](const Candidate& newer) {
    return newer.facts.dump_is_suspect;
  });
  if (newer_is_suspect || chosen->facts.dump_is_suspect) {
    choice.doubts.push_back(std::string(newer_is_suspect ? "a newer one" : "it") +
                            " has a suspect dump: most of the assets were gone");
  }
  return choice;
}

}  // namespace ib
