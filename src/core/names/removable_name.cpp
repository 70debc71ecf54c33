// SPDX-License-Identifier: Apache-2.0
#include "core/names/removable_name.hpp"

namespace ib {
namespace {

/// "2026-01-15T03-00-00"
std::optional<Timestamp> time_in_file_name(std::string_view text)
{
  const Result<Timestamp> time = parse_timestamp(text);
  if (!time || format_filename(*time) != text) return std::nullopt;
  return *time;
}

}  // namespace

std::optional<Timestamp> dump_time(const ObjectName& name)
{
  // "2024-01-15T03-00-00-immich-v2.3.1.sql.gz"
  constexpr std::size_t kTime = std::string_view("2024-01-15T03-00-00").size();
  if (!name.value.starts_with(kDatabasePrefix) || !name.value.ends_with(".sql.gz"))
    return std::nullopt;
  return time_in_file_name(std::string_view(name.value).substr(kDatabasePrefix.size(), kTime));
}

std::optional<Timestamp> proof_time(const ObjectName& name)
{
  constexpr std::string_view kJson = ".json";
  if (!name.value.starts_with(kProofsPrefix) || !name.value.ends_with(kJson)) return std::nullopt;
  std::string_view time(name.value);
  time.remove_prefix(kProofsPrefix.size());
  time.remove_suffix(kJson.size());
  return time_in_file_name(time);
}

std::optional<Timestamp> run_start(std::string_view run)
{
  const std::string_view text = run.substr(0, run.find('-'));
  const Result<Timestamp> time = parse_timestamp(text);
  if (!time || format_compact(*time) != text) return std::nullopt;
  return *time;
}

std::string run_of(const ObjectName& name)
{
  if (!name.value.starts_with(kRunsPrefix)) return {};
  const std::size_t end = name.value.find('/', kRunsPrefix.size());
  if (end == std::string::npos) return {};
  return name.value.substr(kRunsPrefix.size(), end - kRunsPrefix.size());
}

std::optional<RemovableName> RemovableName::of(const ObjectName& name)
{
  const std::string_view value = name.value;
  ObjectName plain = name;
  if (value.ends_with(kEncryptedSuffix)) plain.value.resize(value.size() - kEncryptedSuffix.size());
  const bool kept_for_a_while = manifest_time(plain) || restore_point_time(plain) ||
                                value.starts_with(kDatabasePrefix) ||
                                value.starts_with(kRunsPrefix) || value.starts_with(kProofsPrefix);
  if (!kept_for_a_while || !is_valid_object_name(value)) return std::nullopt;
  return RemovableName(name);
}

}  // namespace ib
