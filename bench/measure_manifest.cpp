// SPDX-License-Identifier: Apache-2.0
// Does one step with a manifest as the program does it, and prints its time and memory. For
// bench/manifest.
#include "base/text.hpp"
#include "core/records/file_record.hpp"
#include "manifest/exchange.hpp"
#include "manifest/older_manifest.hpp"
#include "repository/manifest_file.hpp"
#include "sys/file.hpp"

#include <sys/resource.h>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace ib;

namespace {

/// Removes the next tab-separated field from the line and returns it.
std::string_view field(std::string_view& line)
{
  const std::size_t end = std::min(line.find('\t'), line.size());
  const std::string_view text = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return text;
}

template <class Number>
Number number(std::string_view text)
{
  Number value{};
  static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), value));
  return value;
}

/// Builds a manifest from lines of path, size, mtime in nanoseconds, SHA-256, SHA-1 and CRC32C.
Result<> build(const std::string& listing, const std::string& file)
{
  Manifest manifest = TRY(Manifest::create(file));
  TRY(manifest.begin_run({.generation = 1,
                          .run = "20260115T030000Z-01234567",
                          .started = Timestamp(std::chrono::seconds(1'768'446'000))}));
  std::ifstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    FileRecord record;
    record.path = field(rest);
    record.content.size = number<std::uint64_t>(field(rest));
    record.mtime_ns = number<std::int64_t>(field(rest));
    record.content.sha256 = TRY(Sha256::parse(field(rest)));
    record.content.sha1 = TRY(Sha1::parse(field(rest)));
    record.content.crc32c = {number<std::uint32_t>(field(rest))};
    record.storage_class = StorageClass::archive;
    TRY(manifest.record(record));
  }
  return manifest.commit();
}

Result<> expand(const Folder& folder, const std::string& stored, const std::string& name)
{
  InputFile file = TRY(InputFile::open(stored));
  IncomingManifest arriving = TRY(IncomingManifest::create(folder, name));
  std::vector<std::byte> buffer(std::size_t{256} * 1024);
  while (const std::size_t n = TRY(file.read(buffer)))
    TRY(arriving.write(ByteView(buffer).first(n)));
  TRY(arriving.finish());
  return {};
}

/// Takes over old.db. The listing serves as the list of the store's objects.
Result<> take_over(const std::string& folder, const std::string& listing)
{
  OlderManifest older = TRY(OlderManifest::open(folder + "/old.db", "old.db", {}));
  std::ifstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    const ObjectName name{"library" + std::string(field(rest))};
    const auto size = number<std::uint64_t>(field(rest));
    for (int skipped = 0; skipped < 3; ++skipped) static_cast<void>(field(rest));
    TRY(older.add_object(name, size, Crc32c{number<std::uint32_t>(field(rest))},
                         StorageClass::archive));
  }
  Manifest manifest = TRY(Manifest::create(folder + "/taken.db"));
  const TakenOver taken =
      TRY(older.write_into(manifest, Timestamp(std::chrono::seconds(1'768'446'000))));
  if (taken.rows == 0 || taken.dropped > 0)
    return fail(Errc::corrupt, "not all rows were taken over");
  return {};
}

std::uint64_t size_of(const std::string& file)
{
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

/// Moves every file ten times, as by new storage templates whose paths are as long as the ones
/// before, and tells what each move adds to the packed manifest.
Result<> move_all(const std::string& folder)
{
  constexpr unsigned kMoves = 10;
  const std::string file = folder + "/moved.db";
  std::filesystem::copy_file(folder + "/packed.db", file);
  Manifest manifest = TRY(Manifest::open(file, file, Manifest::Known::is_as_packed));
  std::uint64_t before = size_of(folder + "/packed.db"), files = 0;
  const std::uint64_t first = before;
  for (unsigned move = 1; move <= kMoves; ++move) {
    TRY(manifest.begin_run({.generation = move + 1,
                            .run = "20260115T0300" + std::to_string(10 + move) + "Z-01234567",
                            .started = Timestamp(std::chrono::seconds(1'768'446'000 + move))}));
    std::vector<FileRecord> there;
    {
      const std::unique_ptr<RecordCursor> rows = TRY(manifest.records());
      while (std::optional<FileRecord> row = TRY(rows->next()))
        if (!row->archived) there.push_back(std::move(*row));
    }
    files = there.size();
    for (FileRecord& row : there) {
      FileRecord moved = row;
      moved.object = row.object_name();
      moved.path.at(1) = static_cast<char>('a' + move);
      TRY(manifest.record(moved));
      row.archived = true;
      TRY(manifest.record(row));
    }
    const std::string packed = folder + "/moved-" + std::to_string(move) + ".db";
    TRY(pack(manifest, packed));
    const std::uint64_t size = size_of(packed);
    std::printf("  move %2u    %6.1f bytes a file more\n", move,
                static_cast<double>(size - before) / static_cast<double>(files));
    before = size;
  }
  const double each = static_cast<double>(before - first) / static_cast<double>(files * kMoves);
  std::printf("  a move     %6.1f bytes a file (aim: 130)\n", each);
  return each <= 130 ? Result<>() : fail(Errc::invalid, "a move takes more than 130 bytes a file");
}

Result<> read_all(const std::string& file)
{
  const Manifest manifest = TRY(Manifest::open(file, file, Manifest::Known::is_as_packed));
  const std::unique_ptr<RecordCursor> rows = TRY(manifest.records());
  while (TRY(rows->next())) {
  }
  return {};
}

Result<> take(std::string_view step, const std::string& folder, const std::string& listing)
{
  const std::string built = folder + "/built.db";
  const std::string packed = folder + "/packed.db";
  if (step == "build") return build(listing, built);
  const Folder place = TRY(Folder::open(folder));
  if (step == "pack") {
    Manifest manifest = TRY(Manifest::open(built, built, Manifest::Known::is_as_packed));
    return pack(manifest, packed);
  }
  if (step == "compress") {
    TRY(prepare_manifest(place, "packed.db", true));
    return {};
  }
  if (step == "expand") return expand(place, packed + ".gz", "expanded.db");
  if (step == "open") {
    TRY(Manifest::open(packed, packed, Manifest::Known::is_as_packed));
    return {};
  }
  if (step == "check") {
    TRY(Manifest::open(packed, packed));
    return {};
  }
  if (step == "read") return read_all(packed);
  if (step == "moves") return move_all(folder);
  if (step == "take-over") return take_over(folder, listing);
  return fail(Errc::invalid, "no such step");
}

}  // namespace

int main(int argc, char** argv)
{
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() < 3) {
    std::fputs("usage: measure-manifest STEP FOLDER [LISTING]\n", stderr);
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  const Result<> taken = take(arguments[1], arguments[2], arguments.size() > 3 ? arguments[3] : "");
  if (!taken) {
    std::fputs((taken.error().message + "\n").c_str(), stderr);
    return 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  std::printf("  %-10s %7.2f s  %7.2f s CPU  %6.1f MiB\n", arguments[1], seconds.count(),
              cpu(usage.ru_utime) + cpu(usage.ru_stime),
              static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}
