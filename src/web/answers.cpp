// SPDX-License-Identifier: Apache-2.0
#include "web/answers.hpp"

#include "base/bytes.hpp"
#include "sys/timing.hpp"

#include <array>
#include <utility>

namespace ib {

Result<std::shared_ptr<const Answers::Answer>> Answers::ask(const Arguments& arguments,
                                                            std::chrono::seconds at_most_so_old)
{
  const auto known = [&]() -> std::shared_ptr<const Answer> {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(arguments);
    if (found == known_.end() || found->second->time + at_most_so_old < now_()) return nullptr;
    return found->second;
  };
  if (auto answer = known()) return answer;
  const std::lock_guard one(asking_);
  // Somebody else may have asked meanwhile.
  if (auto answer = known()) return answer;
  auto answer = std::make_shared<const Answer>(TRY(run(arguments)));
  const std::lock_guard lock(mutex_);
  if (const auto old = known_.find(arguments); old != known_.end()) {
    bytes_ -= old->second->text.size();
    known_.erase(old);
  }
  if (bytes_ + answer->text.size() > kLargest) {
    known_.clear();
    bytes_ = 0;
  }
  known_[arguments] = answer;
  bytes_ += answer->text.size();
  return answer;
}

void Answers::forget()
{
  const std::lock_guard lock(mutex_);
  known_.clear();
  bytes_ = 0;
}

Result<Answers::Answer> Answers::run(const Arguments& arguments) const
{
  const std::string command = "`immich-backup " + arguments.front() + "`";
  std::stop_source ends;
  const std::stop_callback stopped(stop_, [&] { ends.request_stop(); });
  const Periodic clock(limit_, [&](const std::stop_token&) { ends.request_stop(); });
  const auto work = [&]() -> Result<Answer> {
    Subprocess process = TRY(Subprocess::start(program_(arguments), ends.get_token()));
    process.close_stdin();
    Answer answer;
    std::array<std::byte, 64UZ * 1024> buffer;
    for (;;) {
      const std::size_t n = TRY(process.read(buffer));
      if (n == 0) break;
      answer.text += text_of(ByteView(buffer).first(n));
      if (answer.text.size() > kLargest)
        return fail(Errc::too_large, "the answer of " + command + " is too large for a page");
    }
    answer.exit_status = TRY(process.finish()).status;
    answer.time = now_();
    return answer;
  };
  Result<Answer> answer = work();
  if (!answer && answer.error().code == Errc::cancelled && !stop_.stop_requested())
    return fail(Errc::unavailable, command + " has not ended within " + format_duration(limit_));
  return answer;
}

}  // namespace ib
