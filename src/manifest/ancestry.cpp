// SPDX-License-Identifier: Apache-2.0
#include "manifest/ancestry.hpp"

#include "manifest/sql.hpp"
#include "manifest/working_copy.hpp"

namespace ib {
namespace {

constexpr std::size_t kExamples = 3;

/// Of a statement that gives paths.
Result<Contradiction> paths_of(const WorkingCopy& copy, std::string_view sql,
                               std::optional<bool> parameter = std::nullopt)
{
  Contradiction found;
  Statement row = TRY(copy.prepare(sql));
  if (parameter) row.bind(1, std::int64_t{*parameter});
  while (TRY(row.step())) {
    ++found.paths;
    if (found.examples.size() < kExamples) found.examples.emplace_back(row.text(0));
  }
  return found;
}

Result<Contradictions> compare_with_attached(const WorkingCopy& copy, bool is_kept)
{
  TRY(execute(copy.db.get(), sql::kViewEarlier, "manifest"));
  return Contradictions{.lost = TRY(paths_of(copy, sql::kLostStates, is_kept)),
                        .rewritten = TRY(paths_of(copy, sql::kRewritten)),
                        .repointed = TRY(paths_of(copy, sql::kRepointed))};
}

}  // namespace

Result<Contradictions> compare_with_earlier(Manifest& manifest, const std::string& file,
                                            bool is_kept)
{
  TRY(manifest.commit());
  WorkingCopy& copy = manifest.working_copy();
  copy.statements.clear();
  TRY(attach(copy.db.get(), file, "earlier"));
  Result<Contradictions> found = compare_with_attached(copy, is_kept);
  const Result<> detached = execute(copy.db.get(), "DETACH earlier", "manifest");
  if (found && !detached) return std::unexpected(detached.error());
  return found;
}

Result<Contradiction> disputed_objects(Manifest& manifest)
{
  const WorkingCopy& copy = manifest.working_copy();
  const RoomForASorter room(copy.db.get());
  return paths_of(copy, sql::kDisputedObjects);
}

}  // namespace ib
