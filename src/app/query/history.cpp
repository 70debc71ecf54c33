// SPDX-License-Identifier: Apache-2.0
#include "app/query/history.hpp"

#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "core/selection/name_query.hpp"
#include "core/selection/typed_paths.hpp"
#include "repository/catalog.hpp"
#include "repository/path_histories.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ib {
namespace {

/// An argument that is no path by itself: the name of an object, or a pattern.
struct Wanted {
  std::string text;
  std::optional<PathPattern> pattern = std::nullopt;
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
  HistoryRun(const Session& session, const Catalog& catalog, PathHistories& histories,
             const std::function<Result<>(const PathHistory&)>& show)
      : session_(session), catalog_(catalog), histories_(histories), show_(show)
  {}

  Result<> run(const std::vector<std::string>& paths)
  {
    for (const std::string& text : paths) {
      const std::string path = (text.starts_with('/') ? "" : "/") + text;
      if (!TRY(catalog_.manifest.history(path)).empty()) {
        exact_.insert(path);
        continue;
      }
      wanted_.push_back({.text = text});
    }
    if (!wanted_.empty()) TRY(settle_patterns());
    TRY(wanted_.empty() ? show_exact() : show_all());
    for (const Wanted& wanted : wanted_) {
      if (!wanted.found) return never_was(wanted.text, TRY(suggestions(wanted.text)));
    }
    return {};
  }

private:
  Result<> show(std::vector<PathState> states)
  {
    return show_(TRY(histories_.of(std::move(states))));
  }

  /// What each text means among all paths that ever were.
  Result<> settle_patterns()
  {
    std::vector<std::pair<Wanted*, TypedPaths>> typed;
    for (Wanted& wanted : wanted_) {
      // Slashes alone are nobody's name.
      if (Result<TypedPaths> one = TypedPaths::parse({wanted.text}))
        typed.emplace_back(&wanted, std::move(*one));
    }
    const std::unique_ptr<PathStatesCursor> histories = TRY(catalog_.manifest.histories());
    while (const std::optional<std::vector<PathState>> states = TRY(histories->next())) {
      if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      for (auto& [wanted, paths] : typed) paths.see(states->front().record.path);
    }
    for (const auto& [wanted, paths] : typed) wanted->pattern = paths.patterns().front();
    return {};
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
  const Catalog& catalog_;
  PathHistories& histories_;
  const std::function<Result<>(const PathHistory&)>& show_;
  std::set<std::string> exact_;
  std::vector<Wanted> wanted_;
};

}  // namespace

Result<> run_history(const Session& session, const HistoryJob& job,
                     const std::function<Result<>(const PathHistory&)>& show)
{
  Catalog catalog = TRY(require_catalog(session));
  PathHistories histories = TRY(PathHistories::open(session, catalog));
  return HistoryRun(session, catalog, histories, show).run(job.paths);
}

}  // namespace ib
