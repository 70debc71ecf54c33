// SPDX-License-Identifier: Apache-2.0
//
// Manifests in a temporary folder, and short words for what is in them.
#pragma once

#include "manifest/exchange.hpp"
#include "manifest/manifest.hpp"
#include "manifest/restore_set.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ib::test {

/// A record, and the generation of the run that writes it.
struct Dated {
  FileRecord record;
  std::int64_t run = 1;
};

inline Dated dated(std::string path, std::string_view bytes, std::int64_t run = 1,
                   std::int64_t mtime_ns = 1)
{
  return {.record = file_record(std::move(path), bytes, mtime_ns), .run = run};
}

inline Dated gone(Dated dated)
{
  dated.record.archived = true;
  return dated;
}

inline Dated stored_at(Dated dated, std::string object)
{
  dated.record.object = ObjectName{std::move(object)};
  return dated;
}

/// As an object of an encrypted store.
inline Dated encrypted(Dated dated, std::string recipients)
{
  dated.record.object = ObjectName{"library/ab/" + dated.record.content.sha256.hex() + ".age"};
  dated.record.encrypted = EncryptedObject{
      .size = dated.record.content.size + 200, .crc32c = {77}, .recipients = std::move(recipients)};
  return dated;
}

/// The run of a generation: "run-10", which began ten seconds after 1970.
inline RecordingRun run_of(std::int64_t generation)
{
  return {.generation = static_cast<std::uint64_t>(generation),
          .run = "run-" + std::to_string(generation),
          .started = at(generation)};
}

inline void write(Manifest& manifest, const Dated& dated)
{
  must(manifest.begin_run(run_of(dated.run)));
  must(manifest.record(dated.record));
}

inline std::vector<FileRecord> rows(const Manifest& manifest)
{
  const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
  return drain(cursor);
}

inline void write(Manifest& manifest, const FileRecord& record)
{
  write(manifest, Dated{.record = record});
}

/// "path=object" of each.
inline std::vector<std::string> described(const std::vector<FileRecord>& records)
{
  std::vector<std::string> lines;
  for (const FileRecord& record : records)
    lines.push_back(record.path + "=" + record.object_name().value);
  return lines;
}

/// What the run of a generation left, as its history tells.
inline std::vector<std::string> files_at(const Manifest& manifest, std::int64_t generation)
{
  const RestoreSet set =
      must(RestoreSet::of_generation(manifest, static_cast<std::uint64_t>(generation)));
  return described(drain(must(set.records())));
}

/// The generation that recorded the present state of a path.
inline std::uint64_t since_of(const Manifest& manifest, std::string_view path)
{
  return must(manifest.history(path)).back().since.generation;
}

class Manifests : public testing::Test {
protected:
  std::string file(const std::string& name) const { return dir.file(name); }
  Manifest create() { return must(Manifest::create(file("m" + std::to_string(number_++)))); }
  /// What a store would hold of it.
  std::string packed(Manifest& manifest)
  {
    const std::string path = file("packed" + std::to_string(number_++));
    must(pack(manifest, path));
    return path;
  }

  TempDir dir;

private:
  int number_ = 0;
};

}  // namespace ib::test
