// SPDX-License-Identifier: Apache-2.0
//
// Manifests in a temporary folder, and short words for what is in them.
#pragma once

#include "manifest/exchange.hpp"
#include "manifest/manifest.hpp"
#include "support/builders.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ib::test {

inline FileRecord gone(FileRecord record)
{
  record.archived = true;
  return record;
}

inline FileRecord stored_at(FileRecord record, std::string object)
{
  record.object = ObjectName{std::move(object)};
  return record;
}

inline std::vector<FileRecord> rows(const Manifest& manifest)
{
  const std::unique_ptr<RecordCursor> cursor = must(manifest.records());
  return drain(cursor);
}

/// "path=object" of each file at an instant.
inline std::vector<std::string> files_at(const Manifest& manifest, std::int64_t seconds)
{
  const std::unique_ptr<RecordCursor> cursor = must(manifest.records_at(at(seconds)));
  std::vector<std::string> files;
  for (const FileRecord& record : drain(cursor))
    files.push_back(record.path + "=" + record.object_name().value);
  return files;
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
