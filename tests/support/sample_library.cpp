// SPDX-License-Identifier: Apache-2.0
#include "support/sample_library.hpp"

#include "sys/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>
#include <fstream>

namespace ib::test {
namespace fs = std::filesystem;

void put_file(const std::string& path, std::string_view bytes, std::int64_t mtime_ns)
{
  const std::size_t slash = path.rfind('/');
  fs::create_directories(path.substr(0, slash));
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << bytes;
    ASSERT_TRUE(out.good()) << path;
  }
  const timespec times[2] = {
      {.tv_sec = 0, .tv_nsec = UTIME_OMIT},
      {.tv_sec = mtime_ns / 1'000'000'000, .tv_nsec = mtime_ns % 1'000'000'000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
}

void damage_file(const std::string& path)
{
  const auto time = fs::last_write_time(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(0);
  file.put(byte);
  file.close();
  ASSERT_TRUE(file.good()) << path;
  fs::last_write_time(path, time);
}

void make_sample_library(const std::string& root)
{
  constexpr std::string_view kUser = "3f2b8c1e-0000-4000-8000-000000000001";
  auto put = [&, n = std::int64_t{0}](std::string_view path, std::string_view bytes) mutable {
    put_file(root + "/" + std::string(path), bytes,
             1'500'000'000'000'000'001 + 86'400'123'456'789 * n++);
  };
  for (const std::string_view folder :
       {"upload", "library", "profile", "thumbs", "encoded-video", "backups"}) {
    put(std::string(folder) + "/.immich", "");
  }
  const std::string upload = "upload/" + std::string(kUser);
  put(upload + "/0a/1b/0a1b2c3d-1.jpg", "first picture");
  put(upload + "/0a/1b/0a1b2c3d-2.heic", std::string(300'000, 'h'));
  put(upload + "/ff/ee/ffee0011-3.mov", "live half");
  put(upload + "/9c/00/9c00aa11-4.xmp", "<x:xmpmeta/>");
  put("library/admin/2021/2021-07-04/DSC01003.jpg", "template picture");
  put("library/admin/2021/2021-07-04/DSC01003.jpg.xmp", "<x:xmpmeta>1</x:xmpmeta>");
  put("library/admin/2021/It's \"quoted\" & spaced.jpg", "quoted");
  put("library/admin/2021/new\nline.jpg", "newline");
  put("library/admin/2021/gr\xC3\xBC\xC3\x9F"
      "e \xF0\x9F\x93\xB7.jpg",
      "unicode");
  put("library/admin/2021/not utf-8 \xFF\xFE.jpg", "bytes");
  put("library/admin/2021/back\\slash 100%25 [x].jpg", "odd");
  put("library/admin/2021/" + std::string(251, 'n') + ".jpg", "long");
  put("library/admin/2021/empty.jpg", "");
  put("library/admin/2022/same content.jpg", "template picture");
  put("profile/" + std::string(kUser) + "/avatar.jpg", "avatar");
  put("encoded-video/" + std::string(kUser) + "/ab/cd/abcd0000-MP.mp4", "motion video");
  // A backup leaves these out, because Immich makes them again or changes them often.
  put("encoded-video/" + std::string(kUser) + "/ab/cd/abcd0000.mp4", "transcoded");
  put("thumbs/" + std::string(kUser) + "/ab/cd/abcd0000-preview.jpeg", "preview");
  put("backups/immich-db-backup-1.sql.gz", "old dump");
}

std::ostream& operator<<(std::ostream& out, const FileState& file)
{
  return out << file.bytes.size() << " bytes '" << file.bytes.substr(0, 40) << "' of "
             << file.mtime_ns;
}

std::map<std::string, FileState> files_below(const std::string& root)
{
  std::map<std::string, FileState> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = entry.path().string();
    if (entry.symlink_status().type() != fs::file_type::regular ||
        entry.path().filename() == ".immich")
      continue;
    const Result<std::string> bytes = read_file(path, 1 << 30);
    const Result<InputFile> file = InputFile::open(path);
    if (!bytes || !file) {
      ADD_FAILURE() << path;
      continue;
    }
    files[path.substr(root.size())] = {.bytes = *bytes, .mtime_ns = file->stat()->mtime_ns};
  }
  return files;
}

std::map<std::string, FileState> covered_files_below(const std::string& root)
{
  std::map<std::string, FileState> files = files_below(root);
  std::erase_if(files, [](const auto& file) {
    const std::string& path = file.first;
    const bool motion = path.starts_with("/encoded-video/") && path.ends_with("-MP.mp4");
    return !motion && !path.starts_with("/upload/") && !path.starts_with("/library/") &&
           !path.starts_with("/profile/");
  });
  return files;
}

}  // namespace ib::test
