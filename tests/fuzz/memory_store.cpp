// SPDX-License-Identifier: Apache-2.0
#include "fuzz/memory_store.hpp"

#include "fuzz/fuzz.hpp"
#include "store/dir/file_metadata.hpp"

#include <array>

namespace ib::fuzz {
namespace {

constexpr char kBetweenObjects = '\x1e';
constexpr char kBetweenFields = '\x1f';

std::unexpected<Error> read_only()
{
  return fail(Errc::denied, "this store is only read");
}

ObjectInfo info_of(const std::string& name, const MemoryStore::Object& object)
{
  using namespace std::chrono;
  return {.name = {name},
          .size = object.content.size(),
          .metadata = object.metadata,
          .generation = 1,
          .created = sys_days(year(2026) / 1 / 15)};
}

class Cursor final : public ObjectCursor {
public:
  explicit Cursor(std::vector<ObjectInfo> objects) : objects_(std::move(objects)) {}
  Result<std::optional<ObjectInfo>> next() override
  {
    if (next_ == objects_.size()) return std::nullopt;
    return objects_[next_++];
  }

private:
  std::vector<ObjectInfo> objects_;
  std::size_t next_ = 0;
};

}  // namespace

Result<ObjectInfo> MemoryStore::put(const NewObject& object, ByteSource& source,
                                    const std::stop_token&)
{
  Object stored{.metadata = object.metadata, .content = {}};
  std::array<std::byte, 4096> buffer{};
  while (const std::size_t n = TRY(source.read(buffer)))
    stored.content += text_of(ByteView(buffer).first(n));
  const auto [entry, is_new] = objects.emplace(object.name.value, std::move(stored));
  if (!is_new) return fail(Errc::precondition_failed, object.name.value + ": is taken");
  return info_of(entry->first, entry->second);
}

Result<std::unique_ptr<ObjectWriter>> MemoryStore::create(const ObjectName&, const Metadata&,
                                                          const std::string&,
                                                          const std::stop_token&)
{
  return read_only();
}

Result<ObjectInfo> MemoryStore::replace(const NewObject&, ByteSource&, std::uint64_t,
                                        const std::stop_token&)
{
  return read_only();
}

Result<> MemoryStore::remove(const RemovableName&, const std::stop_token&)
{
  return read_only();
}

Result<ObjectInfo> MemoryStore::stat(const ObjectName& name, const std::stop_token&)
{
  const auto found = objects.find(name.value);
  if (found == objects.end()) return fail(Errc::not_found, name.value + ": is not there");
  return info_of(found->first, found->second);
}

Result<> MemoryStore::get(const ObjectName& name, const ByteSink& sink, const std::stop_token&,
                          std::uint64_t offset)
{
  const auto found = objects.find(name.value);
  if (found == objects.end()) return fail(Errc::not_found, name.value + ": is not there");
  return sink(bytes_of(found->second.content).subspan(offset));
}

Result<std::unique_ptr<ObjectCursor>> MemoryStore::list(const std::string& prefix,
                                                        const std::string& start,
                                                        const std::stop_token&, ListedMetadata)
{
  std::vector<ObjectInfo> listed;
  for (const auto& [name, object] : objects)
    if (name.starts_with(prefix) && name >= start) listed.push_back(info_of(name, object));
  return std::make_unique<Cursor>(std::move(listed));
}

Result<Timestamp> MemoryStore::now(const std::stop_token&)
{
  using namespace std::chrono;
  return sys_days(year(2026) / 12 / 1);
}

MemoryStore store_of(std::string_view input)
{
  MemoryStore store;
  for (const std::string_view object : split(input, kBetweenObjects)) {
    const std::vector<std::string_view> fields = split(object, kBetweenFields);
    if (fields.front().empty()) continue;
    MemoryStore::Object& stored = store.objects[std::string(fields[0])];
    if (fields.size() > 1) stored.metadata = parse_attribute(fields[1]);
    if (fields.size() > 2) stored.content = fields[2];
  }
  return store;
}

}  // namespace ib::fuzz
