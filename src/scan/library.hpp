// SPDX-License-Identifier: Apache-2.0
//
// The photo library as it lies on disk. It is only ever read.
#pragma once

#include "base/result.hpp"
#include "core/extra_root.hpp"
#include "core/plan.hpp"
#include "core/problem.hpp"
#include "core/scope.hpp"
#include "sys/file.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ib {

/// The media root, and the extra roots beside it. The media root's top folders may be symbolic
/// links, as people lay them out on several disks, and so may an extra root itself; below them no
/// link is followed. Members may be called from several threads at once.
class Library {
public:
  /// invalid if there is no such folder, or if an extra root and another root are the same or one
  /// lies in the other. That an extra root cannot be opened is for the scan to say.
  static Result<Library> open(const std::string& media_root,
                              const std::vector<ExtraRoot>& extra_roots = {});

  /// invalid if an extra root and `folder`, where the backup itself is kept, overlap: each run
  /// would back up what the one before it has stored.
  Result<> require_outside(const std::string& folder) const;

  /// Opens the file at a path: below the media root (with its leading slash) or /@external/NAME/.
  Result<InputFile> open_file(std::string_view path) const;

  const Folder& root() const { return root_; }
  /// The top folder `name`, or null where there is none that can be opened.
  const Folder* top_folder(const std::string& name) const;

  /// The extra roots: name and folder.
  const std::map<std::string, std::string, std::less<>>& extra_roots() const
  {
    return extra_roots_;
  }
  /// One of them. The error of opening it.
  Result<Folder> open_extra_root(const std::string& name) const;

private:
  Library(Folder root, std::map<std::string, Folder> tops)
      : root_(std::move(root)), tops_(std::move(tops))
  {}
  Folder root_;
  std::map<std::string, Folder> tops_;
  std::map<std::string, std::string, std::less<>> extra_roots_;
  std::map<std::string, Result<Folder>, std::less<>> extra_folders_;
};

struct ScanOptions {
  /// Of the extra roots everything is covered that is not excluded.
  Scope scope;
  /// Top folders that Immich marks with a file of this name, rewritten at each start: where it is
  /// missing, a disk may not be mounted, and a file's absence proves nothing.
  std::vector<std::string> marked_folders;
  std::string marker;
  /// Names a file or folder that is in scope and cannot be backed up.
  std::function<void(Problem)> problem;
  /// Something worth knowing that costs nothing, such as a marker that is missing.
  std::function<void(std::string)> note;
  /// How many threads read folders ahead of next(). What changes meanwhile may be delivered as it
  /// was; whoever reads a file looks again. 0: none, and everything is read when next() comes to
  /// it.
  unsigned threads = 0;
  /// How many processors there are for next() and its threads; those beyond them read only where
  /// some have to wait for a disk or a network. 0: as many as this process may use.
  unsigned processors = 0;
  /// How many entries of one folder are held at a time; a larger folder is read again for those
  /// that follow.
  std::size_t entries_at_once = std::size_t{128} * 1024;
  /// Ends what next() waits for.
  std::stop_token stop = {};
};

/// What a scan passed over because the scope does not cover it.
struct LeftOut {
  std::vector<std::string> top_folders;  ///< not read at all ("thumbs/"), in byte order
  std::map<std::string, std::uint64_t>
      files;  ///< passed over in top folders that were read, and at the top ("")
};

/// How many threads read ahead, if nobody has reason to choose: enough to hide the latency of a
/// network file system, and no burden on a local one.
inline constexpr unsigned kScanThreads = 6;

class Walk;

/// Walks a library, extra roots included, in the byte order of whole paths. Memory is bounded,
/// however wide and deep the tree is: that of the folders on the way down, of some that are read
/// ahead, and of the first entries of a large folder (ScanOptions::entries_at_once), which is then
/// read again for those that follow. If that second reading fails, so does the scan, since too much
/// was said already to call the folder uncertain.
class LibraryScan final : public ScanCursor {
public:
  /// `library` must outlive the scan.
  LibraryScan(const Library& library, ScanOptions options);
  LibraryScan(const LibraryScan&) = delete;
  LibraryScan& operator=(const LibraryScan&) = delete;
  ~LibraryScan() override;
  /// cancelled where it has to wait and the stop is requested.
  Result<std::optional<ScanItem>> next() override;
  const LeftOut& left_out() const { return left_out_; }
  /// Whether a path lies in the scope of this scan. False below /@external/NAME/ where there is no
  /// such root: what it had is left as it is.
  bool covers(const std::string& path) const;

private:
  const Library& library_;
  const ScanOptions options_;
  Scope media_scope_, extra_scope_;
  LeftOut left_out_;
  std::optional<ScanItem> media_item_;  // waits until the extra roots were delivered
  std::unique_ptr<Walk> media_, extra_;
};

}  // namespace ib
