// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The name of the hidden file that Immich writes into each of its folders at every start, and
/// without which it refuses to start again. Never backed up; made anew by a restore.
inline constexpr std::string_view kImmichMarker = ".immich";

/// The six folders of Immich's media root that hold a marker.
std::vector<std::string> immich_folders();

/// What a backup covers unless told otherwise, as patterns below the media root: originals
/// (upload/, library/), avatars (profile/), and the videos of Android motion photos, which are
/// originals that lie under encoded-video/ with names ending in -MP.mp4.
std::vector<std::string> default_include();

/// What a backup never covers, whatever is included: dumps that Immich is writing at the moment,
/// and the state and recovery key of another backup product.
std::vector<std::string> always_excluded();

/// Why a top folder ("thumbs/"), or an extra root ("@external/photos/"), is not in a backup by
/// default: "Immich makes them again".
std::string_view why_left_out(std::string_view top_folder);
/// Why single files in a top folder that is read ("" for those beside the folders) are not.
std::string_view why_files_left_out(std::string_view top_folder);

}  // namespace ib
