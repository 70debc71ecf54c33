// SPDX-License-Identifier: Apache-2.0
#include "app/query/find.hpp"

#include "base/text.hpp"
#include "core/selection/name_query.hpp"
#include "repository/catalog.hpp"
#include "sys/file.hpp"
#include "sys/file_content.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

class FindRun {
public:
  FindRun(const Session& session, Manifest& manifest, const FindSink& sink)
      : session_(session), manifest_(manifest), sink_(sink)
  {
    report_.header.command = "find";
    report_.header.store = session.store.url();
  }

  Result<FindReport> run(const FindJob& job)
  {
    if (!job.names.empty()) TRY(find_names(job.names));
    for (const Sha256& digest : job.sha256s) TRY(find_digest(digest, "SHA-256"));
    for (const Sha1& digest : job.sha1s) TRY(find_digest(digest, "SHA-1"));
    if (!job.files.empty()) TRY(manifest_.index_checksums());
    for (const std::string& path : job.files) TRY(find_file_or_folder(path));
    return std::move(report_);
  }

private:
  Result<> check_stop() const
  {
    if (session_.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    return {};
  }

  Result<> found(PathState state, const std::string& file)
  {
    ++report_.found;
    return sink_.found({.state = std::move(state), .file = file});
  }

  Result<> problem(Problem problem)
  {
    TRY(sink_.problem(problem));
    report_.header.problems.push_back(std::move(problem));
    return {};
  }

  Result<> find_names(const std::vector<std::string>& names)
  {
    const std::vector<NameQuery> queries(names.begin(), names.end());
    const std::unique_ptr<PathStatesCursor> histories = TRY(manifest_.histories());
    while (std::optional<std::vector<PathState>> states = TRY(histories->next())) {
      TRY(check_stop());
      const std::string& path = states->front().record.path;
      if (std::ranges::any_of(queries, [&](const NameQuery& query) { return query.matches(path); }))
        TRY(found(std::move(states->back()), ""));
    }
    if (report_.found > 0) return {};
    return problem({.path = "",
                    .code = "nothing_found",
                    .message = "no path that ever was in the backup has that in its name",
                    .hint = ""});
  }

  /// How many paths have, or had, this content.
  template <class Digest>
  Result<std::uint64_t> show_states_with(const Digest& digest, const std::string& file)
  {
    std::uint64_t count = 0;
    const std::unique_ptr<PathStatesCursor> paths = TRY(manifest_.states_with(digest));
    while (std::optional<std::vector<PathState>> states = TRY(paths->next())) {
      TRY(check_stop());
      ++count;
      TRY(found(std::move(states->back()), file));
    }
    return count;
  }

  template <class Digest>
  Result<> find_digest(const Digest& digest, std::string_view name)
  {
    if (TRY(show_states_with(digest, "")) > 0) return {};
    return problem({.path = "",
                    .code = "not_in_backup",
                    .message = std::string(name) + " " + digest.hex() + ": not in the backup",
                    .hint = ""});
  }

  Result<> find_file_or_folder(const std::string& path)
  {
    Result<Folder> folder = Folder::open(path);
    if (folder) return find_below(*folder, path);
    return find_file(path, InputFile::open(path));
  }

  Result<> find_below(const Folder& folder, const std::string& path)
  {
    const std::string prefix = path.ends_with('/') ? path : path + "/";
    Result<std::vector<FolderEntry>> entries = folder.entries();
    if (!entries) return cannot_be_read(path, entries.error());
    std::ranges::sort(*entries, {}, &FolderEntry::name);
    for (const FolderEntry& entry : *entries) {
      const std::string below = prefix + entry.name;
      if (entry.kind == FileKind::file) {
        TRY(find_file(below, folder.open_file(entry.name)));
      } else if (entry.kind == FileKind::folder) {
        const Result<Folder> child = folder.open_folder(entry.name);
        TRY(child ? find_below(*child, below) : cannot_be_read(below, child.error()));
      } else {
        TRY(problem({.path = below,
                     .code = entry.kind == FileKind::symlink ? "symlink" : "special_file",
                     .message = printable(below) + ": is a " + std::string(to_string(entry.kind)) +
                                ", and was not looked at",
                     .hint = ""}));
      }
    }
    return {};
  }

  Result<> find_file(const std::string& path, Result<InputFile> file)
  {
    ++report_.files;
    if (!file) return cannot_be_read(path, file.error());
    const Result<Content> content = read_content(std::move(*file), session_.stop);
    if (!content && content.error().code == Errc::cancelled)
      return std::unexpected(content.error());
    if (!content) return cannot_be_read(path, content.error());
    if (TRY(show_states_with(content->sha256, path)) > 0) {
      ++report_.files_found;
      return {};
    }
    return problem({.path = path,
                    .code = "not_in_backup",
                    .message = printable(path) + ": not in the backup",
                    .hint = ""});
  }

  Result<> cannot_be_read(const std::string& path, const Error& error)
  {
    return problem(problem_from(error, "unreadable", path));
  }

  const Session& session_;
  Manifest& manifest_;
  const FindSink& sink_;
  FindReport report_;
};

}  // namespace

Result<FindReport> run_find(const Session& session, const FindJob& job, const FindSink& sink)
{
  Catalog catalog = TRY(require_catalog(session));
  return FindRun(session, catalog.manifest, sink).run(job);
}

}  // namespace ib
