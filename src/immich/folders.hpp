// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The hidden file that Immich writes into each of its folders at every start. Without it, Immich
/// refuses to start again. It is never backed up; a restore creates it.
inline constexpr std::string_view kImmichMarker = ".immich";

/// The six folders of Immich's media root that hold a marker.
std::vector<std::string> immich_folders();

/// What a backup covers by default, as patterns below the media root: originals (upload/,
/// library/), avatars (profile/), and the videos of Android motion photos. Those are originals too,
/// but lie under encoded-video/ with names that end in -MP.mp4.
std::vector<std::string> default_include();

/// What a backup never covers, whatever is included: dumps that Immich is writing, and the state
/// and the recovery key of another backup product.
std::vector<std::string> always_excluded();

/// Why a backup leaves out a top folder ("thumbs/") or an extra root ("@external/photos/") by
/// default: "Immich makes them again".
std::string_view why_left_out(std::string_view top_folder);
/// Why it leaves out single files in a top folder that it covers. `top_folder` is "" for files
/// outside of folders.
std::string_view why_files_left_out(std::string_view top_folder);

}  // namespace ib
