// SPDX-License-Identifier: Apache-2.0
//
// The photo library as it lies on disk. It is only ever read.
#pragma once

#include "base/result.hpp"
#include "core/names/extra_root.hpp"
#include "sys/file.hpp"

#include <map>
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

}  // namespace ib
