// SPDX-License-Identifier: Apache-2.0
#include "core/selection/rotation.hpp"

#include <algorithm>

namespace ib {
namespace {

/// FNV-1a with the last step of MurmurHash3. Without that step, similar paths would get similar
/// numbers.
std::uint64_t number_of(std::string_view path, std::uint64_t salt)
{
  std::uint64_t hash = 14695981039346656037U ^ salt;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  hash = (hash ^ (hash >> 33U)) * 0xFF51AFD7ED558CCDU;
  hash = (hash ^ (hash >> 33U)) * 0xC4CEB9FE1A85EC53U;
  return hash ^ (hash >> 33U);
}

}  // namespace

Rotation Rotation::at(Timestamp now, std::uint64_t parts)
{
  const auto week = static_cast<std::uint64_t>(std::max<std::int64_t>(0, week_of(now)));
  parts = std::max<std::uint64_t>(1, parts);
  return {.parts = parts, .part = week % parts, .round = week / parts};
}

bool Rotation::is_due(std::string_view path) const
{
  return number_of(path, 0) % parts == part;
}

bool Rotation::chooses(std::string_view path) const
{
  if (!is_due(path)) return false;
  constexpr double kAll = 18446744073709551616.0;  // 2^64
  return affordable >= 1 || static_cast<double>(number_of(path, round + 1)) < affordable * kAll;
}

}  // namespace ib
