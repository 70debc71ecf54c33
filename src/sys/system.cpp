// SPDX-License-Identifier: Apache-2.0
#include "sys/system.hpp"

#include "base/assert.hpp"
#include "base/digest.hpp"

#include <malloc.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <thread>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the user

namespace ib {

Timestamp wall_clock_now()
{
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::int64_t instant_between_ctimes()
{
  const auto time_of = [](clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return to_nanoseconds(now.tv_sec, now.tv_nsec);
  };
  const std::int64_t now_ns = time_of(CLOCK_REALTIME);
  // Bounded: the clock may be put back meanwhile.
  for (int i = 0; i < 100 && time_of(CLOCK_REALTIME_COARSE) < now_ns; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return now_ns;
}

void fill_at_random(std::span<std::byte> bytes)
{
  // The kernel never interrupts a request for up to 256 bytes (getrandom(2)).
  IB_ASSERT(bytes.size() <= 256 &&
            ::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
}

std::string random_hex(std::size_t bytes)
{
  std::vector<std::byte> random(bytes);
  fill_at_random(random);
  return to_hex(random);
}

const std::string& own_program()
{
  // Asked later, the kernel would add " (deleted)" to the name of a file that was replaced.
  static const std::string kName = [] {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).string();
  }();
  return kName;
}

std::optional<std::string> environment(const char* name)
{
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::vector<std::pair<std::string, std::string>> environment_of(std::string_view prefix)
{
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos && text.starts_with(prefix))
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

void forbid_core_dumps()
{
  // Of 0 the kernel takes no notice where a program takes core dumps; 1 ends those as well
  // (do_coredump in fs/coredump.c).
  const rlimit limit{.rlim_cur = 1, .rlim_max = 1};
  static_cast<void>(::setrlimit(RLIMIT_CORE, &limit));
}

void share_memory_among_threads()
{
  constexpr int kArenas = 4;
  static_cast<void>(::mallopt(M_ARENA_MAX, kArenas));  // where it fails, more memory is taken
}

std::uint64_t times_this_thread_waited()
{
  rusage usage{};
  return ::getrusage(RUSAGE_THREAD, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_nvcsw) : 0;
}

}  // namespace ib
