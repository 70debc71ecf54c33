// SPDX-License-Identifier: Apache-2.0
#include "repository/object_metadata.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "core/names/object_name.hpp"
#include "sys/hash.hpp"

#include <chrono>

namespace ib {
namespace {

template <class D>
std::optional<D> digest_from(std::string_view hex)
{
  const Result<D> digest = D::parse(hex);
  return digest ? std::optional(*digest) : std::nullopt;
}

/// Of a version, and of what is hashed.
std::optional<Sha256> sha256_in(std::string_view name)
{
  if (name.starts_with(kLibraryPrefix)) return std::nullopt;
  const std::string_view last = name.substr(name.rfind('/') + 1);
  return digest_from<Sha256>(last.substr(0, last.find('-')));  // what follows is random
}

}  // namespace

std::optional<std::string> path_of(const ObjectInfo& object)
{
  const std::string& name = object.name.value;
  if (object.plain) {
    const auto told = object.metadata.find("path");
    return told == object.metadata.end() ? std::nullopt
                                         : std::optional(unescape_bytes(told->second));
  }
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
  return sha256_in(object.name.value);
}

bool names_other_content(const ObjectName& name, const Sha256& content)
{
  const std::optional<Sha256> named = sha256_in(name.value);
  return named && *named != content;
}

bool names_other_path(const ObjectName& name, std::string_view path)
{
  if (!name.value.starts_with(kHashedPrefix)) return false;
  const std::string_view rest = std::string_view(name.value).substr(kHashedPrefix.size());
  return rest.substr(0, rest.find('/')) != sha256(bytes_of(path)).hex();
}

std::optional<Sha1> sha1_of(const ObjectInfo& object)
{
  const auto recorded = object.metadata.find("sha1");
  return recorded == object.metadata.end() ? std::nullopt : digest_from<Sha1>(recorded->second);
}

std::optional<std::int64_t> mtime_of(const ObjectInfo& object)
{
  // "2026-01-15T03:00:00.123456789Z"
  constexpr std::size_t kSeconds = 19, kFraction = 9;
  const auto found = object.metadata.find("mtime");
  if (found == object.metadata.end()) return std::nullopt;
  const std::string_view text = found->second;
  if (text.size() != kSeconds + kFraction + 2) return std::nullopt;
  const Result<Timestamp> time = parse_timestamp(text.substr(0, kSeconds));
  const std::optional<std::uint32_t> fraction =
      parse_number<std::uint32_t>(text.substr(kSeconds + 1, kFraction));
  if (!time || !fraction) return std::nullopt;
  // Anybody may have written this.
  const std::int64_t mtime_ns = to_nanoseconds(time->time_since_epoch().count(), *fraction);
  return mtime_ns == kNoTime ? std::nullopt : std::optional(mtime_ns);
}

}  // namespace ib
