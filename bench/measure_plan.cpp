// SPDX-License-Identifier: Apache-2.0
// Measures only the planning, with both streams in memory: measure-plan [FILES] (1000000). Plans a
// night without change, and one in which 1 % of the files are new, 1 % changed and 1 % gone.
#include "core/planning/plan.hpp"
#include "core/planning/scan_item.hpp"
#include "core/records/file_record.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

using namespace ib;

namespace {

/// A path of 91 bytes as in Immich. Paths are in the order of their numbers.
std::string path_of(std::uint64_t number)
{
  char path[128];
  std::snprintf(
      path, sizeof path,
      "/upload/3f2b8c1e-0000-4000-8000-000000000001/%02x/%02x/%08x-0000-4000-8000-%012x.jpg",
      static_cast<unsigned>(number >> 16U) & 0xFFU, static_cast<unsigned>(number >> 8U) & 0xFFU,
      static_cast<unsigned>(number), static_cast<unsigned>(number));
  return path;
}

template <class Cursor, class Item, class Given>
class FromMemory final : public Cursor {
public:
  explicit FromMemory(std::vector<Item> items) : items_(std::move(items)) {}
  Result<std::optional<Given>> next() override
  {
    if (next_ == items_.size()) return std::nullopt;
    return std::optional<Given>(std::move(items_[next_++]));
  }

private:
  std::vector<Item> items_;
  std::size_t next_ = 0;
};

int measure(const char* what, std::uint64_t files, bool change)
{
  std::vector<SourceFile> found;
  std::vector<FileRecord> known;
  for (std::uint64_t i = 0; i < files; ++i) {
    const std::uint64_t kind = change ? i % 100 : 99;  // 0: new, 1: gone, 2: changed
    if (kind != 1)
      found.push_back({.path = path_of(i), .size = 1000, .mtime_ns = kind == 2 ? 2 : 1});
    if (kind == 0) continue;
    FileRecord record{.path = path_of(i), .mtime_ns = 1};
    record.content.size = 1000;
    known.push_back(std::move(record));
  }
  FromMemory<ScanCursor, SourceFile, ScanItem> scan(std::move(found));
  FromMemory<RecordCursor, FileRecord, FileRecord> rows(std::move(known));
  const auto began = std::chrono::steady_clock::now();
  const Result<PlanCounts> plan =
      plan_backup(scan, rows, {.in_scope = [](const std::string&) { return true; }},
                  {.read = [](FileToRead) -> Result<> { return {}; },
                   .gone = [](FileRecord) -> Result<> { return {}; }});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (!plan) {
    std::fprintf(stderr, "%s\n", plan.error().message.c_str());
    return 1;
  }
  std::printf("%s: %.2f s, %.2f million files a second (%llu to read, %llu gone)\n", what,
              took.count(), static_cast<double>(files) / took.count() / 1e6,
              static_cast<unsigned long long>(plan->to_read),
              static_cast<unsigned long long>(plan->gone));
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  std::uint64_t files = 1'000'000;
  if (argc > 1) static_cast<void>(std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), files));
  return measure("nothing changed", files, false) +
         measure("3 % new, changed or gone", files, true);
}
