// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/query/photos.hpp"
#include "app/session.hpp"
#include "base/bytes.hpp"
#include "report/download.hpp"

#include <optional>
#include <string>

namespace ib {

struct DownloadJob {
  AssetSelectors selectors;
  std::string below = "/";  ///< as PhotosJob::below
  /// All files of all photos that fit, as a ZIP file. Else one file of one photo.
  bool zip = false;
  PhotoPart part = PhotoPart::original;  ///< without `zip`: which file
  bool dry_run = false;
};

/// Writes files to `out`. Each is fetched to the scratch folder and compared with what is recorded
/// of it before any of its bytes are passed on. A photo that cannot be had is a problem of the
/// report, and a ZIP file then ends with a list of them, MISSING.txt. invalid where nothing fits,
/// or, without `zip`, more than one photo does.
Result<DownloadReport> run_download(const Session& session, const PhotoList& list,
                                    const DownloadJob& job, const ByteSink& out);

}  // namespace ib
