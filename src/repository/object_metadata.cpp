// SPDX-License-Identifier: Apache-2.0
#include "repository/object_metadata.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "core/names/object_name.hpp"

namespace ib {
namespace {

template <class D>
std::optional<D> digest_from(std::string_view hex)
{
  const Result<D> digest = D::parse(hex);
  return digest ? std::optional(*digest) : std::nullopt;
}

}  // namespace

std::optional<std::string> path_of(const ObjectInfo& object)
{
  const std::string& name = object.name.value;
  if (name.starts_with(kLibraryPrefix)) return name.substr(kLibraryPrefix.size() - 1);
  if (name.starts_with(kVersionsPrefix)) {
    const std::size_t last = name.rfind('/');
    if (last < kVersionsPrefix.size()) return std::nullopt;
    return name.substr(kVersionsPrefix.size() - 1, last - kVersionsPrefix.size() + 1);
  }
  const auto escaped = object.metadata.find("path");
  if (escaped == object.metadata.end()) return std::nullopt;
  return unescape_bytes(escaped->second);
}

std::optional<Sha256> sha256_of(const ObjectInfo& object)
{
  const auto recorded = object.metadata.find("sha256");
  if (recorded != object.metadata.end()) return digest_from<Sha256>(recorded->second);
  const std::string& name = object.name.value;
  if (name.starts_with(kLibraryPrefix)) return std::nullopt;
  std::string_view last = std::string_view(name).substr(name.rfind('/') + 1);
  return digest_from<Sha256>(last.substr(0, last.find('-')));  // what follows is random
}

std::optional<Sha1> sha1_of(const ObjectInfo& object)
{
  const auto recorded = object.metadata.find("sha1");
  return recorded == object.metadata.end() ? std::nullopt : digest_from<Sha1>(recorded->second);
}

std::optional<std::int64_t> mtime_of(const ObjectInfo& object)
{
  // "2026-01-15T03:00:00.123456789Z"
  const auto text = object.metadata.find("mtime");
  if (text == object.metadata.end() || text->second.size() != 30) return std::nullopt;
  const Result<Timestamp> seconds = parse_timestamp(text->second.substr(0, 19));
  if (!seconds) return std::nullopt;
  std::int64_t nanoseconds = 0;
  for (const char digit : text->second.substr(20, 9))
    nanoseconds = nanoseconds * 10 + (digit - '0');
  return seconds->time_since_epoch() / std::chrono::nanoseconds(1) + nanoseconds;
}

}  // namespace ib
