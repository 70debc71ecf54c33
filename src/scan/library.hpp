// SPDX-License-Identifier: Apache-2.0
//
// The photo library as it lies on disk. It is only ever read.
#pragma once

#include "base/result.hpp"
#include "core/plan.hpp"
#include "core/problem.hpp"
#include "core/scope.hpp"
#include "sys/file.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ib {

/// The media root. Its top folders may be symbolic links, as people lay them out on several disks; below
/// them no link is followed. Members may be called from several threads at once.
class Library {
public:
  /// invalid if there is no such folder.
  static Result<Library> open(const std::string& media_root);

  /// Opens the file at a path below the media root (with its leading slash).
  Result<InputFile> open_file(std::string_view path) const;

  const Folder& root() const { return root_; }
  /// The top folder `name`, or null where there is none that can be opened.
  const Folder* top_folder(const std::string& name) const;

private:
  Library(Folder root, std::map<std::string, Folder> tops) : root_(std::move(root)), tops_(std::move(tops)) {}
  Folder root_;
  std::map<std::string, Folder> tops_;
};

struct ScanOptions {
  Scope scope;
  /// Top folders that Immich marks with a file of this name, rewritten at each start: where it is missing, a
  /// disk may not be mounted, and a file's absence proves nothing.
  std::vector<std::string> marked_folders;
  std::string marker;
  /// Names a file or folder that is in scope and cannot be backed up.
  std::function<void(Problem)> problem;
  /// Something worth knowing that costs nothing, such as a marker that is missing.
  std::function<void(std::string)> note;
};

/// What a scan passed over because the scope does not cover it.
struct LeftOut {
  std::vector<std::string> top_folders;  ///< not read at all ("thumbs/"), in byte order
  std::map<std::string, std::uint64_t>
      files;  ///< passed over in top folders that were read, and at the top ("")
};

/// Walks a library in the byte order of whole paths. Memory is that of the folders on the way down.
class LibraryScan final : public ScanCursor {
public:
  /// `library` must outlive the scan.
  LibraryScan(const Library& library, ScanOptions options);
  Result<std::optional<ScanItem>> next() override;
  const LeftOut& left_out() const { return left_out_; }

private:
  struct Entry {
    std::string key;  ///< the name, with "/" appended to folders: so sorted, the order is that of whole paths
    FileKind kind;
    bool missing = false;  ///< a marked folder that is not there
  };
  struct Level {
    std::string path;      ///< below the media root, ending with a slash
    const Folder* folder;  ///< owned below, or by the library for a top folder
    std::unique_ptr<Folder> owned;
    std::vector<Entry> entries;  ///< descending: the next is at the back
  };

  Result<> start();
  Result<std::optional<ScanItem>> enter_folder(const Entry& entry);
  Result<std::optional<ScanItem>> visit_file(const Entry& entry);
  std::optional<ScanItem> unreadable(const Error& error, std::string_view code, std::string path);
  Result<> push(std::string path, const Folder* folder, std::unique_ptr<Folder> owned);

  const Library& library_;
  ScanOptions options_;
  std::vector<Level> levels_;
  LeftOut left_out_;
  bool started_ = false;
};

}  // namespace ib
