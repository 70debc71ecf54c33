// SPDX-License-Identifier: Apache-2.0
#include "repository/runs.hpp"

#include "repository/signed_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace ib {
namespace {

/// When an object of a run was created: the store's word where it has a clock, else the run's.
Timestamp time_of(const ObjectInfo& object)
{
  if (object.created) return *object.created;
  return parse_timestamp(text_in(object.metadata, kRunTimeKey)).value_or(Timestamp{});
}

}  // namespace

Result<std::vector<UnfinishedRun>> unfinished_runs(const RepositoryContext& repository)
{
  std::map<std::string, UnfinishedRun> begun;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(kRunsPrefix), "", repository.stop));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
    const std::string_view rest = std::string_view(info->name.value).substr(kRunsPrefix.size());
    const std::string run(rest.substr(0, rest.find('/')));
    if (info->name == begin_mark_name(run)) {
      begun[run] = {.run = run,
                    .began = time_of(*info),
                    .process = text_in(info->metadata, kRunProcessKey),
                    .is_part = info->metadata.contains(kRunPartKey)};
    }
    const auto found = begun.find(run);  // "begin" sorts before all others
    if (found == begun.end()) continue;
    ++found->second.objects;
    found->second.seen = std::max(found->second.seen, time_of(*info));
    if (info->name == stopped_mark_name(run)) found->second.stopped = true;
    const std::optional<unsigned> taken_in = taken_in_number(info->name);
    if (info->name == end_mark_name(run) ||
        (taken_in && *taken_in >= found->second.last_checkpoint)) {
      begun.erase(found);
    } else if (const std::optional<unsigned> number = checkpoint_number(info->name)) {
      const std::string told = text_in(info->metadata, "sha256");
      found->second.checkpoints.push_back(
          {.object = info->name,
           .sha256 = repository.signatures == nullptr
                         ? told
                         : repository.signatures->signed_sha256(info->name)});
      found->second.last_checkpoint = *number;
    }
  }
  std::vector<UnfinishedRun> runs;
  runs.reserve(begun.size());
  for (auto& [name, run] : begun) runs.push_back(std::move(run));
  return runs;
}

}  // namespace ib
