// SPDX-License-Identifier: Apache-2.0
#include "web/access.hpp"

#include "base/bytes.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>

namespace ib {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kAddresses = 1000;

/// Who reads the memory, or times a look-up, does not get a cookie of it.
std::string key_of(std::string_view session)
{
  return sha256(bytes_of(session)).hex();
}

}  // namespace

std::chrono::seconds Access::wait_after(const Failures& failures, Instant now)
{
  if (failures.count < kFreeTries) return {};
  const unsigned doublings = std::min(failures.count - kFreeTries, 16U);
  const std::chrono::seconds wait =
      std::min<std::chrono::seconds>(std::chrono::seconds(1U << doublings), kLongestWait);
  const auto over = failures.last + wait;
  return over <= now ? std::chrono::seconds(0)
                     : std::chrono::ceil<std::chrono::seconds>(over - now);
}

std::chrono::seconds Access::wait_of(const std::string& address, Instant now)
{
  const std::lock_guard lock(mutex_);
  const auto failed = failures_.find(address);
  return failed == failures_.end() ? std::chrono::seconds(0) : wait_after(failed->second, now);
}

Access::Login Access::log_in(std::string_view password, const std::string& address, Instant now)
{
  if (const std::chrono::seconds wait = wait_of(address, now); wait.count() > 0)
    return {.wait = wait};
  const std::lock_guard one(hashing_);
  // Many guesses at the same time are many guesses.
  if (const std::chrono::seconds wait = wait_of(address, now); wait.count() > 0)
    return {.wait = wait};
  const bool right = rules_.password && rules_.password->matches(password);
  const std::lock_guard lock(mutex_);
  if (!right) {
    // Who has many addresses makes the oldest forgotten, and each try takes as long as ever.
    if (failures_.size() >= kAddresses && !failures_.contains(address))
      failures_.erase(std::ranges::min_element(
          failures_, {}, [](const auto& entry) { return entry.second.last; }));
    Failures& failures = failures_[address];
    ++failures.count;
    failures.last = now;
    return {.wait = wait_after(failures, now)};
  }
  failures_.erase(address);
  if (sessions_.size() >= kSessions)
    sessions_.erase(std::ranges::min_element(sessions_, {},
                                             [](const auto& entry) { return entry.second.used; }));
  Login login{.session = random_hex(kTokenBytes)};
  sessions_[key_of(login.session)] = {.csrf = random_hex(kTokenBytes), .began = now, .used = now};
  return login;
}

void Access::log_out(std::string_view session)
{
  const std::lock_guard lock(mutex_);
  sessions_.erase(key_of(session));
}

std::optional<std::string> Access::csrf_token(std::string_view session, Instant now)
{
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(key_of(session));
  if (found == sessions_.end()) return std::nullopt;
  if (now - found->second.used > kIdle || now - found->second.began > kLongest) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.csrf;
}

}  // namespace ib
