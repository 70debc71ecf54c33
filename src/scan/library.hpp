// SPDX-License-Identifier: Apache-2.0
// The photo library on disk. This program only reads it.
#pragma once

#include "base/result.hpp"
#include "core/names/extra_root.hpp"
#include "sys/file.hpp"

#include <map>
#include <string>
#include <vector>

namespace ib {

/// The media root and the extra roots. An extra root may be a symbolic link. So may the media
/// root's top folders, because people spread them over several disks. Below these, no link is
/// followed. Any thread may call the members at any time.
class Library {
public:
  /// invalid if there is no such folder, if two roots are the same folder, or if one lies in
  /// another. An extra root that cannot be opened is not an error here; the scan reports it.
  static Result<Library> open(const std::string& media_root,
                              const std::vector<ExtraRoot>& extra_roots = {});

  /// invalid if a root overlaps with `folder`, in which the backup is kept. Otherwise each run
  /// could back up what the run before has stored, and both would be lost with one folder.
  Result<> require_outside(const std::string& folder) const;

  /// Opens a file by its path: below the media root, with a leading slash, or below
  /// /@external/NAME/.
  Result<InputFile> open_file(std::string_view path) const;

  const Folder& root() const { return root_; }
  /// The top folder `name`. Null if there is none that can be opened.
  const Folder* top_folder(const std::string& name) const;

  /// The extra roots: name and folder.
  const std::map<std::string, std::string, std::less<>>& extra_roots() const
  {
    return extra_roots_;
  }
  /// Opens an extra root again. Fails with the error of opening it.
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
