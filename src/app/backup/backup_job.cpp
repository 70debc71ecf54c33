// SPDX-License-Identifier: Apache-2.0
#include "app/backup/backup_job.hpp"

#include "sys/file.hpp"

#include <filesystem>
#include <system_error>

namespace ib {

std::vector<std::string> names_of_library(const BackupJob& job)
{
  if (!job.library) return {};
  std::error_code error;
  std::string named = std::filesystem::absolute(*job.library, error).lexically_normal().string();
  if (error) named.clear();
  std::string real = absolute_path(*job.library);
  for (std::string* name : {&named, &real})
    while (name->size() > 1 && name->ends_with('/')) name->pop_back();
  if (named.empty() || named == real) return {std::move(real)};
  return {std::move(named), std::move(real)};
}

}  // namespace ib
