// SPDX-License-Identifier: Apache-2.0
#include "sys/process_name.hpp"

#include "base/text.hpp"
#include "sys/file.hpp"

#include <unistd.h>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <iterator>
#include <sstream>

namespace ib {
namespace {

constexpr std::uint64_t kLargest = 4096;

std::vector<std::string> words_of(std::string_view text)
{
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

/// What proc(5) tells in /proc/PID/stat.
struct ProcessState {
  char state = '\0';
  std::string started;  ///< in clock ticks since the machine was started
};

std::optional<ProcessState> state_of(std::string_view pid)
{
  const Result<std::string> stat = read_file("/proc/" + std::string(pid) + "/stat", kLargest);
  if (!stat) return std::nullopt;
  // "PID (NAME) STATE ...": a name may hold spaces and parentheses.
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields = words_of(stat->substr(name_end + 1));
  constexpr std::size_t kState = 0;     // the third field of all
  constexpr std::size_t kStarted = 19;  // the 22nd
  if (fields.size() <= kStarted || fields[kState].size() != 1) return std::nullopt;
  return ProcessState{.state = fields[kState].front(), .started = fields[kStarted]};
}

/// What two processes have in common that see each other by number.
std::string neighbourhood()
{
  const Result<std::string> boot = read_file("/proc/sys/kernel/random/boot_id", kLargest);
  std::array<char, PATH_MAX> numbers{};  // "pid:[4026531836]"
  const ssize_t size = ::readlink("/proc/self/ns/pid", numbers.data(), numbers.size());
  if (!boot || size <= 0) return {};
  return boot->substr(0, boot->find('\n')) + " " +
         std::string(numbers.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::string this_process()
{
  const std::string pid = std::to_string(::getpid());
  const std::string around = neighbourhood();
  const std::optional<ProcessState> state = state_of(pid);
  if (around.empty() || !state) return {};
  return around + " " + pid + " " + state->started;
}

std::optional<bool> is_running(std::string_view process)
{
  const std::vector<std::string> words = words_of(process);
  constexpr std::size_t kWords = 4;
  if (words.size() != kWords || words[0] + " " + words[1] != neighbourhood()) return std::nullopt;
  const auto pid = parse_number<int>(words[2]);
  if (!pid || *pid <= 0) return std::nullopt;
  // A signal that is none asks for the process alone. /proc may hide those of others (hidepid).
  if (::kill(*pid, 0) != 0 && errno == ESRCH) return false;
  const std::optional<ProcessState> state = state_of(words[2]);
  if (!state) return std::nullopt;
  const bool has_ended = state->state == 'Z' || state->state == 'X';
  return !has_ended && state->started == words[3];
}

}  // namespace ib
