// SPDX-License-Identifier: Apache-2.0
// Walks through a library as a backup does, and does nothing else. For bench/walk.
#include "core/planning/scan_item.hpp"
#include "scan/library.hpp"
#include "scan/library_scan.hpp"

#include <sys/resource.h>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

using namespace ib;

int main(int argc, char** argv)
{
  if (argc < 2) {
    std::fputs("usage: walk-library MEDIA_ROOT [THREADS] [--print]\n", stderr);
    return 2;
  }
  unsigned threads = kScanThreads;
  if (argc > 2)
    static_cast<void>(std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), threads));
  const bool print = argc > 3;
  const auto began = std::chrono::steady_clock::now();
  const Result<Library> library = Library::open(argv[1]);
  Result<std::vector<PathPattern>> all = parse_patterns({"/upload/", "/library/", "/profile/"});
  if (!library || !all) return 1;
  LibraryScan scan(*library,
                   {.scope = Scope(std::move(*all), {}),
                    .marked_folders = {},
                    .marker = ".immich",
                    .problem = [](const Problem& problem) { std::puts(problem.message.c_str()); },
                    .note = [](const std::string&) {},
                    .threads = threads});
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (;;) {
    const Result<std::optional<ScanItem>> item = scan.next();
    if (!item) {
      std::fputs((item.error().message + "\n").c_str(), stderr);
      return 1;
    }
    if (!*item) break;
    const auto* file = std::get_if<SourceFile>(&**item);
    if (file == nullptr) continue;
    ++files;
    bytes += file->size;
    if (print) std::puts(file->path.c_str());
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::fprintf(stderr, "%.2f s, %llu files, %llu bytes, %.1f MiB\n", seconds.count(),
               static_cast<unsigned long long>(files), static_cast<unsigned long long>(bytes),
               static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}
