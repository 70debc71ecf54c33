// SPDX-License-Identifier: Apache-2.0
//
// Who may see the page.
#pragma once

#include "base/digest.hpp"
#include "sys/password_hash.hpp"
#include "web/network.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

struct AccessRules {
  /// Absent where a proxy logs people in.
  std::optional<PasswordHash> password;
  /// Whose word counts for who somebody is, in `user_header`. Everybody else is refused then.
  std::optional<Network> trusted_proxy = std::nullopt;
  std::string user_header = {};
  /// Of the token that lets a machine read /metrics (Authorization: Bearer ...). A long random one
  /// needs no slow hash, which anybody could make us compute.
  std::optional<Sha256> metrics_token = std::nullopt;
};

/// The sessions of the people who are logged in. They live in memory: a restart ends them. Any
/// thread may call the members. Instants are arguments.
class Access {
public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours kIdle{24 * 7};  ///< ends a session that nobody uses
  static constexpr std::chrono::hours kLongest{24 * 30};
  static constexpr std::size_t kSessions = 20;  ///< the oldest goes
  /// So many wrong passwords of an address are free; then each makes it wait twice as long.
  static constexpr unsigned kFreeTries = 5;
  static constexpr std::chrono::seconds kLongestWait{300};

  explicit Access(AccessRules rules) : rules_(std::move(rules)) {}

  const AccessRules& rules() const { return rules_; }

  struct Login {
    std::string session = {};     ///< the cookie's value; empty: not logged in
    std::chrono::seconds wait{};  ///< how long this address has to wait before the next try
  };
  Login log_in(std::string_view password, const std::string& address, Instant now);
  void log_out(std::string_view session);

  /// What a request that changes something must bring along. Absent if there is no such session.
  std::optional<std::string> csrf_token(std::string_view session, Instant now);

private:
  struct Session {
    std::string csrf;
    Instant began, used;
  };
  struct Failures {
    unsigned count = 0;
    Instant last;
  };
  std::chrono::seconds wait_of(const std::string& address, Instant now);
  static std::chrono::seconds wait_after(const Failures& failures, Instant now);

  const AccessRules rules_;
  std::mutex mutex_;
  std::mutex hashing_;                                    // one at a time: each takes memory
  std::map<std::string, Session, std::less<>> sessions_;  // by the hash of their cookie
  std::map<std::string, Failures> failures_;              // by address
};

}  // namespace ib
