// SPDX-License-Identifier: Apache-2.0
#include "immich/folders.hpp"

namespace ib {

std::vector<std::string> immich_folders()
{
  return {"backups", "encoded-video", "library", "profile", "thumbs", "upload"};
}

std::vector<std::string> default_include()
{
  // StorageCore.getAndroidMotionPath in Immich's server names the videos of motion photos
  // <uuid>-MP.mp4.
  return {"/upload/", "/library/", "/profile/", "/encoded-video/**/*-MP.mp4"};
}

std::vector<std::string> always_excluded()
{
  return {"/backups/*.tmp", "/yucca/"};
}

std::string_view why_left_out(std::string_view top_folder)
{
  if (top_folder == "thumbs/" || top_folder == "encoded-video/") return "Immich makes them again";
  if (top_folder == "backups/") return "the backup takes a dump of its own";
  if (top_folder == "yucca/") return "another backup's state";
  if (top_folder == "@external/") return "the name is taken by --extra-root";
  if (top_folder.starts_with("@external/")) return why_files_left_out(top_folder);
  return "not one of Immich's folders for originals; --include covers it";
}

std::string_view why_files_left_out(std::string_view top_folder)
{
  return top_folder == "encoded-video/" ? why_left_out(top_folder) : "the rules leave them out";
}

}  // namespace ib
