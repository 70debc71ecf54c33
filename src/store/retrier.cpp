// SPDX-License-Identifier: Apache-2.0
#include "store/retrier.hpp"

#include <algorithm>
#include <condition_variable>
#include <random>

namespace ib {
namespace {

class RealBackoff final : public Backoff {
public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }

  double chance() override
  {
    const std::scoped_lock guard(mutex_);
    return std::uniform_real_distribution<double>(0, 1)(random_);
  }

  Result<> wait(std::chrono::milliseconds delay, const std::stop_token& stop) override
  {
    std::unique_lock lock(mutex_);
    never_.wait_for(lock, stop, delay, [] { return false; });
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    return {};
  }

private:
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::mt19937_64 random_{std::random_device{}()};  // guarded by mutex_
};

RetryPolicy in_a_hurry(const RetryPolicy& policy)
{
  // Kubernetes and Docker wait for 10 to 30 seconds unless told otherwise, and then kill.
  constexpr std::chrono::seconds kTotal{20};
  constexpr std::chrono::seconds kCeiling{5};
  return {.first = policy.first,
          .ceiling = std::min<std::chrono::milliseconds>(policy.ceiling, kCeiling),
          .total = std::min<std::chrono::milliseconds>(policy.total, kTotal)};
}

}  // namespace

std::shared_ptr<Backoff> make_real_backoff()
{
  return std::make_shared<RealBackoff>();
}

std::unexpected<Error> Retrier::interrupted(const Error& waited_for)
{
  return fail(Errc::cancelled, "interrupted while waiting: " + waited_for.message);
}

void Retrier::tell(const Error& error)
{
  if (!tell_) return;
  {
    const std::scoped_lock guard(mutex_);
    const auto now = backoff_->now();
    if (told_ && now - *told_ < std::chrono::minutes(1)) return;
    told_ = now;
  }
  tell_(error);
}

Result<> Retrier::wait_for_pause(const std::stop_token& stop)
{
  std::chrono::steady_clock::time_point until;
  {
    const std::scoped_lock guard(mutex_);
    until = pause_until_;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - backoff_->now());
  if (left.count() <= 0) return {};
  return backoff_->wait(left, stop);
}

std::optional<std::chrono::milliseconds> Retrier::next_delay(
    int next, const Error& error, std::chrono::steady_clock::time_point first_failure)
{
  const auto now = backoff_->now();
  const auto elapsed = std::chrono::floor<std::chrono::milliseconds>(now - first_failure);
  const auto delay = retry_delay(hurry_.stop_requested() ? in_a_hurry(policy_) : policy_, next,
                                 error, elapsed, backoff_->chance());
  if (delay && error.retry_after) {
    const std::scoped_lock guard(mutex_);
    pause_until_ = std::max(pause_until_, now + *delay);
  }
  return delay;
}

}  // namespace ib
