// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include "cli/output.hpp"
#include "cli/progress_line.hpp"
#include "cli/terminal.hpp"
#include "report/layout.hpp"
#include "report/log_json.hpp"
#include "sys/system.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace ib {
namespace {

using Clock = std::chrono::steady_clock;

enum class Style : std::uint8_t { terminal, log, json };

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::milliseconds kLogCheck = std::chrono::seconds(1);
constexpr std::string_view kClearLine = "\r\x1b[K";

/// The members of Progress only record what happened. A thread does the writing, so that a terminal
/// that accepts no bytes does not delay the work.
class Display final : public Progress {
public:
  Display(Style style, DisplayOutput output)
      : style_(style),
        output_(std::move(output)),
        thread_([this](const std::stop_token& stop) { show(stop); })
  {}
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  ~Display() override
  {
    end();
    thread_.request_stop();
    thread_.join();
  }

  void begin(std::string_view step, std::optional<std::uint64_t> total_files,
             std::optional<std::uint64_t> total_bytes) override
  {
    const std::lock_guard lock(mutex_);
    end_step();
    step_ = Step{.name = std::string(step),
                 .total_files = total_files,
                 .total_bytes = total_bytes,
                 .began = Clock::now()};
    step_->rate.sample({}, {});
    last_shown_ = Clock::now();
  }

  void advance(std::uint64_t files, std::uint64_t bytes) override
  {
    const std::lock_guard lock(mutex_);
    if (!step_) return;
    step_->done.files += files;
    step_->done.bytes += bytes;
  }

  void end() override
  {
    const std::lock_guard lock(mutex_);
    end_step();
  }

  void note(std::string_view line) override
  {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(noted(line));
    }
    wake_.notify_one();
  }

private:
  struct Step {
    std::string name;
    std::optional<std::uint64_t> total_files, total_bytes;
    Clock::time_point began;
    Amount done;
    Rate rate;
  };

  std::string noted(std::string_view line) const
  {
    if (style_ == Style::json) return log_json(wall_clock_now(), line);
    if (style_ == Style::log) return format_iso(wall_clock_now()) + " " + printable_message(line);
    return message_for_terminal(printable_message(line), output_.terminal);
  }

  /// The state of a step as a line of the log.
  std::string logged(Step& step, bool done) const
  {
    const StepView view = view_of(step);
    if (style_ == Style::json) return log_json(wall_clock_now(), log_of(view, done));
    return done ? log_end_line(view, wall_clock_now()) : log_line(view, wall_clock_now());
  }

  static StepLog log_of(const StepView& view, bool done)
  {
    return {.step = view.step,
            .done = done,
            .files = view.done.files,
            .bytes = view.done.bytes,
            .total_files = view.total_files,
            .total_bytes = view.total_bytes,
            .elapsed = view.elapsed};
  }

  static StepView view_of(Step& step)
  {
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - step.began);
    step.rate.sample(elapsed, step.done);
    return {.step = step.name,
            .done = step.done,
            .total_files = step.total_files,
            .total_bytes = step.total_bytes,
            .files_per_second = step.rate.files_per_second(),
            .bytes_per_second = step.rate.bytes_per_second(),
            .elapsed = elapsed};
  }

  void end_step()
  {
    if (step_ && style_ != Style::terminal && Clock::now() - step_->began >= output_.log_interval)
      lines_.push_back(logged(*step_, true));
    step_.reset();
  }

  /// Returns what to write now. Call it with the mutex locked.
  std::string take_output()
  {
    std::string text;
    if (line_visible_) text += kClearLine;
    line_visible_ = false;
    for (const std::string& line : lines_) text += line + "\n";
    lines_.clear();
    if (!step_) return text;
    if (style_ == Style::terminal) {
      text += drawn(*step_);
      line_visible_ = true;
    } else if (Clock::now() - last_shown_ >= output_.log_interval) {
      text += logged(*step_, false) + "\n";
      last_shown_ = Clock::now();
    }
    return text;
  }

  std::string drawn(Step& step) const
  {
    // The last column stays free, because writing into it would wrap the line.
    const std::size_t columns = output_.columns();
    std::string line = progress_line(view_of(step), columns > 1 ? columns - 1 : 0);
    if (!output_.terminal.coloured || line.size() < step.name.size()) return line;
    return "\x1b[1m" + step.name + "\x1b[0m" + line.substr(step.name.size());
  }

  void show(const std::stop_token& stop)
  {
    std::unique_lock lock(mutex_);
    const auto period = style_ == Style::terminal ? kRedraw : kLogCheck;
    for (bool last = false; !last;) {
      wake_.wait_for(lock, stop, period, [this] { return !lines_.empty(); });
      last = stop.stop_requested();
      const std::string text = take_output();
      lock.unlock();
      if (!text.empty()) output_.write(text);
      lock.lock();
    }
  }

  const Style style_;
  const DisplayOutput output_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Step> step_;
  std::vector<std::string> lines_;  // the thread will write them
  Clock::time_point last_shown_ = Clock::now();
  bool line_visible_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

std::size_t terminal_columns()
{
  winsize size{};
  constexpr std::size_t kUsual = 80;
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace

std::unique_ptr<Progress> terminal_progress(DisplayOutput output)
{
  return std::make_unique<Display>(Style::terminal, std::move(output));
}

std::unique_ptr<Progress> log_progress(DisplayOutput output)
{
  return std::make_unique<Display>(Style::log, std::move(output));
}

std::unique_ptr<Progress> json_log_progress(DisplayOutput output)
{
  return std::make_unique<Display>(Style::json, std::move(output));
}

std::unique_ptr<Progress> stderr_progress(bool quiet, bool json,
                                          std::chrono::milliseconds log_interval)
{
  if (quiet) return std::make_unique<SilentProgress>();
  const std::string terminal = environment("TERM").value_or("dumb");
  DisplayOutput output{.write = [](std::string_view text) { write_stderr(text); },
                       .columns = terminal_columns,
                       .log_interval = log_interval};
  if (json) return json_log_progress(std::move(output));
  if (::isatty(STDERR_FILENO) == 0 || terminal == "dumb") return log_progress(std::move(output));
  if (const std::optional<Terminal> found = terminal_of(STDERR_FILENO)) output.terminal = *found;
  return terminal_progress(std::move(output));
}

}  // namespace ib
