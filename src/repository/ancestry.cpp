// SPDX-License-Identifier: Apache-2.0
#include "repository/ancestry.hpp"

#include "base/text.hpp"
#include "manifest/ancestry.hpp"
#include "repository/proofs.hpp"
#include "repository/restore_points.hpp"
#include "repository/signed_store.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace ib {
namespace {

using Entry = ManifestListing::Entry;

const Entry* find_entry(const std::vector<Entry>& entries, const std::string& name)
{
  const auto found =
      std::ranges::find_if(entries, [&](const Entry& entry) { return entry.name.value == name; });
  return found == entries.end() ? nullptr : &*found;
}

std::string named(const Contradiction& contradiction)
{
  std::string names;
  for (const std::string& path : contradiction.examples)
    names += (names.empty() ? "" : ", ") + printable(path);
  return names + (contradiction.paths > contradiction.examples.size() ? ", ..." : "");
}

class Comparison {
public:
  Comparison(const RepositoryContext& repository, Catalog& catalog)
      : repository_(repository), catalog_(catalog)
  {}

  Result<std::vector<Problem>> run()
  {
    for (const std::string& name : TRY(earlier_manifests())) {
      const Result<> compared = compare_with(name);
      if (!compared &&
          (compared.error().code == Errc::unavailable || compared.error().code == Errc::cancelled))
        return std::unexpected(compared.error());
    }
    add(TRY(disputed_objects(catalog_.manifest)), [](const std::string& paths) {
      return "named for an object that other rows give another content: " + paths;
    });
    return std::move(problems_);
  }

private:
  Result<std::set<std::string>> earlier_manifests() const
  {
    std::set<std::string> names;
    for (const std::string& head : catalog_.heads) {
      const Entry* entry = find_entry(catalog_.listing.manifests, head);
      if (entry == nullptr) continue;
      for (const std::string& parent : entry->parents)
        if (find_entry(catalog_.listing.manifests, parent) != nullptr) names.insert(parent);
    }
    const std::optional<Timestamp> time = TRY(last_verified_point(repository_));
    const Entry* point =
        time ? find_entry(catalog_.listing.restore_points, restore_point_name(*time).value)
             : nullptr;
    if (point == nullptr) return names;
    const Result<RestorePoint> verified = read_restore_point(repository_, point->name);
    if (verified && verified->manifest) {
      const std::string& name = verified->manifest->object.value;
      const bool is_head = std::ranges::find(catalog_.heads, name) != catalog_.heads.end();
      if (!is_head && find_entry(catalog_.listing.manifests, name) != nullptr) names.insert(name);
    }
    return names;
  }

  /// Whether a restore point that came after `time` has this mark.
  bool any_since(Timestamp time, bool PointFacts::*mark) const
  {
    return std::ranges::any_of(catalog_.listing.restore_points, [&](const Entry& point) {
      return point.time > time && point.facts && (*point.facts).*mark;
    });
  }

  /// Whether a restore point rests on it, as far as a listing tells.
  bool is_kept(const Entry& manifest) const
  {
    return std::ranges::any_of(catalog_.listing.restore_points, [&](const Entry& point) {
      return !point.facts || !manifest.generation ||
             point.facts->recorded_by.generation == *manifest.generation;
    });
  }

  Result<> compare_with(const std::string& name)
  {
    const Entry& earlier = *find_entry(catalog_.listing.manifests, name);
    const Timestamp time = earlier.time;
    if (any_since(time, &PointFacts::rebuilt)) return {};
    const std::string file = TRY(manifest_at(repository_, catalog_, {name})).file();
    const Contradictions found =
        TRY(compare_with_earlier(catalog_.manifest, file, is_kept(earlier)));
    add(found.lost, [&](const std::string& paths) {
      return "what " + name + " recorded as stored is not there any more: " + paths;
    });
    if (!any_since(time, &PointFacts::accepts_changes)) {
      add(found.rewritten, [&](const std::string& paths) {
        return "other content than " + name + " has, under the same size and time: " + paths;
      });
    }
    add(found.repointed, [&](const std::string& paths) {
      return "another object than " + name + " has, for the same content: " + paths;
    });
    return {};
  }

  template <class Message>
  void add(const Contradiction& contradiction, Message message)
  {
    if (contradiction.paths == 0) return;
    problems_.push_back(
        {.path = contradiction.examples.front(),
         .code = "manifest_inconsistent",
         .message = catalog_.heads.back() + ": " + count_of(contradiction.paths, "path", "paths") +
                    ": " + message(named(contradiction)),
         .hint = "No backup writes such rows. Find out who can write to the store, and with which "
                 "key. `immich-backup restore --at` a time before it is as that restore point was; "
                 "--distrust sets aside what was created since."});
  }

  const RepositoryContext& repository_;
  Catalog& catalog_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<std::vector<Problem>> contradictions_of(const RepositoryContext& repository,
                                               Catalog& catalog)
{
  if (catalog.heads.empty()) return std::vector<Problem>{};
  return Comparison(repository, catalog).run();
}

bool builds_on_others(const RepositoryContext& repository, const Catalog& catalog)
{
  if (repository.signatures == nullptr) return catalog.heads.size() > 1;
  return std::ranges::any_of(catalog.heads, [&](const std::string& head) {
    return !repository.signatures->is_signed_here({head});
  });
}

}  // namespace ib
