// SPDX-License-Identifier: Apache-2.0
#include "app/query/history.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/name_query.hpp"
#include "core/selection/scope.hpp"
#include "repository/catalog.hpp"
#include "repository/listing.hpp"
#include "repository/point_files.hpp"
#include "repository/restore_points.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace ib {
namespace {

/// An argument that is no path by itself: the name of an object, or a pattern.
struct Wanted {
  std::string text;
  std::optional<PathPattern> pattern;
  bool found = false;

  bool means(const std::vector<PathState>& states) const
  {
    if (pattern && pattern->matches_file(states.front().record.path)) return true;
    return std::ranges::any_of(
        states, [&](const PathState& state) { return state.record.object_name().value == text; });
  }
};

class HistoryRun {
public:
  HistoryRun(const Session& session, Catalog& catalog, std::vector<RestorablePoint> restore_points,
             const std::function<Result<>(const PathHistory&)>& show)
      : session_(session),
        catalog_(catalog),
        show_(show),
        restore_points_(std::move(restore_points)),
        has_forks_(std::ranges::any_of(
            catalog.listing.manifests,
            [](const ManifestListing::Entry& entry) { return entry.parents.size() > 1; }))
  {}

  Result<> run(const std::vector<std::string>& paths)
  {
    for (const std::string& text : paths) {
      const std::string path = (text.starts_with('/') ? "" : "/") + text;
      if (!TRY(catalog_.manifest.history(path)).empty()) {
        exact_.insert(path);
        continue;
      }
      Wanted wanted{.text = text, .pattern = std::nullopt};
      if (Result<PathPattern> pattern = PathPattern::parse(text))
        wanted.pattern = std::move(*pattern);
      wanted_.push_back(std::move(wanted));
    }
    TRY(wanted_.empty() ? show_exact() : show_all());
    for (const Wanted& wanted : wanted_) {
      if (!wanted.found) return never_was(wanted.text, TRY(suggestions(wanted.text)));
    }
    return {};
  }

private:
  Result<> show(std::vector<PathState> states)
  {
    PathHistory history = history_of(std::move(states), restore_points_);
    if (has_forks_) TRY(check_restore_points(history));
    return show_(history);
  }

  /// Where runs did not know of each other, a later one need not have what an earlier one recorded:
  /// what a restore point brings is looked up in it.
  Result<> check_restore_points(PathHistory& history)
  {
    for (HistoryEntry& entry : history.entries) {
      if (!entry.restore_at) continue;
      const std::optional<FileRecord> there = TRY(brought_by(*entry.restore_at, history.path));
      if (!there || there->content.sha256 != entry.state.record.content.sha256)
        entry.restore_at.reset();
    }
    return {};
  }

  Result<std::optional<FileRecord>> brought_by(Timestamp time, const std::string& path)
  {
    auto opened = opened_.find(time);
    if (opened == opened_.end()) {
      const RestorePoint point = TRY(read_restore_point(session_, restore_point_name(time)));
      opened = opened_.emplace(time, TRY(PointFiles::open(session_, catalog_, point))).first;
    }
    return opened->second.set().find(path);
  }

  Result<> show_exact()
  {
    for (const std::string& path : exact_) TRY(show(TRY(catalog_.manifest.history(path))));
    return {};
  }

  Result<> show_all()
  {
    const std::unique_ptr<PathStatesCursor> histories = TRY(catalog_.manifest.histories());
    while (std::optional<std::vector<PathState>> states = TRY(histories->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      bool is_wanted = exact_.contains(states->front().record.path);
      for (Wanted& wanted : wanted_) {
        if (!wanted.means(*states)) continue;
        wanted.found = true;
        is_wanted = true;
      }
      if (is_wanted) TRY(show(std::move(*states)));
    }
    return {};
  }

  /// Paths that `find` would find: those with that name, else with its part before the dot.
  Result<std::vector<std::string>> suggestions(std::string_view text) const
  {
    constexpr std::size_t kShortest = 3;
    if (text.find_first_of("*?[") != std::string_view::npos) return std::vector<std::string>();
    while (text.ends_with('/')) text.remove_suffix(1);
    const std::string_view name = text.substr(text.rfind('/') + 1);  // npos + 1 is 0
    const std::string_view stem = name.substr(0, name.rfind('.'));
    std::vector<std::string> found;
    if (name.size() >= kShortest) found = TRY(paths_with(name));
    if (found.empty() && stem.size() >= kShortest && stem != name) found = TRY(paths_with(stem));
    return found;
  }

  Result<std::vector<std::string>> paths_with(std::string_view part) const
  {
    constexpr std::size_t kMost = 3;
    const NameQuery query(part);
    std::vector<std::string> paths;
    const std::unique_ptr<RecordCursor> rows = TRY(catalog_.manifest.records());
    while (paths.size() < kMost) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      const std::optional<FileRecord> record = TRY(rows->next());
      if (!record) break;
      if (query.matches(record->path)) paths.push_back(record->path);
    }
    return paths;
  }

  static std::unexpected<Error> never_was(const std::string& text,
                                          const std::vector<std::string>& near)
  {
    std::string hint;
    for (const std::string& path : near)
      hint += (hint.empty() ? "Did you mean " : " or ") + printable(path);
    hint += hint.empty() ? "" : "? ";
    return fail(Errc::invalid, printable(text) + ": no such path was ever in the backup",
                hint + "`immich-backup find` looks for a part of a name.");
  }

  const Session& session_;
  Catalog& catalog_;
  const std::function<Result<>(const PathHistory&)>& show_;
  std::vector<RestorablePoint> restore_points_;
  const bool has_forks_;
  std::map<Timestamp, PointFiles> opened_;
  std::set<std::string> exact_;
  std::vector<Wanted> wanted_;
};

}  // namespace

Result<> run_history(const Session& session, const HistoryJob& job,
                     const std::function<Result<>(const PathHistory&)>& show)
{
  Catalog catalog = TRY(require_catalog(session));
  std::vector<RestorablePoint> restore_points = TRY(restorable_points(session, catalog.listing));
  return HistoryRun(session, catalog, std::move(restore_points), show).run(job.paths);
}

}  // namespace ib
