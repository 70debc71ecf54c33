// SPDX-License-Identifier: Apache-2.0
#include "core/names/object_name.hpp"

#include "base/text.hpp"

namespace ib {
namespace {

constexpr std::size_t kLongestName = 1024;

std::optional<ObjectName> valid(std::string name)
{
  if (!is_valid_object_name(name)) return std::nullopt;
  return ObjectName{std::move(name)};
}

std::optional<Timestamp> time_between(std::string_view name, std::string_view before,
                                      std::string_view after)
{
  if (!name.starts_with(before) || !name.ends_with(after)) return std::nullopt;
  if (name.size() != before.size() + after.size() + std::string_view("20260115T030000Z").size())
    return std::nullopt;
  name.remove_prefix(before.size());
  name.remove_suffix(after.size());
  const Result<Timestamp> time = parse_timestamp(name);
  if (!time || format_compact(*time) != name) return std::nullopt;
  return *time;
}

}  // namespace

bool is_valid_object_name(std::string_view name)
{
  if (name.empty() || name.size() > kLongestName || !is_valid_utf8(name)) return false;
  if (name.contains('\r') || name.contains('\n') || name.contains('\0')) return false;
  if (name.starts_with(".well-known/acme-challenge/")) return false;
  for (std::string_view rest = name;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

std::optional<ObjectName> library_name(std::string_view file_path)
{
  if (!file_path.starts_with('/')) return std::nullopt;
  return valid("library" + std::string(file_path));
}

std::vector<ObjectName> candidate_names(std::string_view file_path, const Sha256& sha256,
                                        const Sha256& path_sha256, bool first_upload,
                                        std::string_view random)
{
  std::vector<ObjectName> names;
  if (first_upload) {
    if (auto name = library_name(file_path)) names.push_back(*std::move(name));
  }
  if (auto name = valid("versions" + std::string(file_path) + "/" + sha256.hex()))
    names.push_back(*std::move(name));
  const std::string hashed = std::string(kHashedPrefix) + path_sha256.hex() + "/" + sha256.hex();
  names.push_back({hashed});
  names.push_back({hashed + "-" + std::string(random)});
  return names;
}

namespace {

constexpr std::string_view kCheckpoint = "/checkpoint-";
constexpr std::string_view kTakenIn = "/taken-in-";
constexpr std::string_view kHeartbeat = "/heartbeat-";

std::string numbered_name(std::string_view run, std::string_view what, unsigned number,
                          std::string_view extension)
{
  constexpr std::size_t kDigits = 6;  // so that names sort like numbers
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return std::string(kRunsPrefix) + std::string(run) + std::string(what) + digits +
         std::string(extension);
}

std::optional<unsigned> number_in(std::string_view name, std::string_view what,
                                  std::string_view extension)
{
  const std::size_t at = name.find(what);
  if (!name.starts_with(kRunsPrefix) || at == std::string_view::npos || !name.ends_with(extension))
    return std::nullopt;
  name.remove_prefix(at + what.size());
  if (name.size() <= extension.size()) return std::nullopt;
  name.remove_suffix(extension.size());
  return parse_number<std::uint32_t>(name);
}

}  // namespace

ObjectName manifest_name(Timestamp time)
{
  return {"manifest-" + format_compact(time) + ".db"};
}
ObjectName restore_point_name(Timestamp time)
{
  return {"manifest-" + format_compact(time) + ".json"};
}

ObjectName vouching_name(Timestamp time)
{
  return {std::string(kVouchingPrefix) + format_compact(time) + ".json"};
}

ObjectName store_keys_name(Timestamp time)
{
  return {std::string(kStoreKeysPrefix) + format_compact(time) + std::string(kEncryptedSuffix)};
}

ObjectName encrypted_name(const Sha256& id)
{
  const std::string digits = id.hex();
  return {std::string(kLibraryPrefix) + digits.substr(0, 2) + "/" + digits +
          std::string(kEncryptedSuffix)};
}

ObjectName dump_name(Timestamp time)
{
  return {std::string(kDatabasePrefix) + format_filename(time) + ".sql.gz"};
}

ObjectName dump_name(Timestamp time, std::string_view immich_version)
{
  // The version comes from a database, so only the characters of a version are kept.
  std::string version;
  for (const char c : immich_version) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-' || c == '_';
    if (plain) version += c;
  }
  if (version.empty()) version = "unknown";
  return {std::string(kDatabasePrefix) + format_filename(time) + "-immich-" +
          version.substr(0, 64) + ".sql.gz"};
}

ObjectName begin_mark_name(std::string_view run)
{
  return {std::string(kRunsPrefix) + std::string(run) + "/begin.json"};
}
ObjectName end_mark_name(std::string_view run)
{
  return {std::string(kRunsPrefix) + std::string(run) + "/end.json"};
}
ObjectName checkpoint_name(std::string_view run, unsigned number)
{
  return {numbered_name(run, kCheckpoint, number, ".db")};
}
ObjectName taken_in_mark_name(std::string_view run, unsigned checkpoints)
{
  return {numbered_name(run, kTakenIn, checkpoints, ".json")};
}
ObjectName heartbeat_name(std::string_view run, unsigned number)
{
  return {numbered_name(run, kHeartbeat, number, ".json")};
}
ObjectName stopped_mark_name(std::string_view run)
{
  return {std::string(kRunsPrefix) + std::string(run) + "/stopped.json"};
}
ObjectName proof_name(Timestamp time)
{
  return {std::string(kProofsPrefix) + format_filename(time) + ".json"};
}

std::optional<Timestamp> manifest_time(const ObjectName& name)
{
  return time_between(name.value, "manifest-", ".db");
}

std::optional<Timestamp> restore_point_time(const ObjectName& name)
{
  return time_between(name.value, "manifest-", ".json");
}

std::optional<unsigned> checkpoint_number(const ObjectName& name)
{
  return number_in(name.value, kCheckpoint, ".db");
}

std::optional<unsigned> taken_in_number(const ObjectName& name)
{
  return number_in(name.value, kTakenIn, ".json");
}

}  // namespace ib
