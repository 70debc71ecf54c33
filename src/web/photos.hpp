// SPDX-License-Identifier: Apache-2.0
//
// The photos of a restore point, as the page shows and downloads them.
#pragma once

#include "sys/subprocess.hpp"
#include "web/answers.hpp"
#include "web/page_answer.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

namespace ib {

/// The bytes of a download, which another process of this program fetches and compares before it
/// passes them on. To be used and destroyed by the thread that has begun it.
class Download {
public:
  /// `may_lack`: the bytes themselves tell what is missing among them, as a ZIP file does.
  Download(Subprocess process, bool may_lack, std::atomic<unsigned>& running)
      : process_(std::move(process)), may_lack_(may_lack), running_(running)
  {}
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;
  ~Download() { --running_; }

  /// Fills a part of `buffer`. 0 at the end, which is a good one: an error where the process has
  /// failed.
  Result<std::size_t> read(std::span<std::byte> buffer);

private:
  Subprocess process_;
  const bool may_lack_;
  std::atomic<unsigned>& running_;
};

/// A download that has begun.
struct OpenDownload {
  std::unique_ptr<Download> bytes;
  std::optional<std::uint64_t> size;  ///< absent where it is not known before the end
  std::string name;                   ///< as a person would save it
  std::string type;                   ///< its media type
  /// Whether a browser may show it: it cannot run anything.
  bool can_be_shown = false;
};

/// Any thread may call the members.
class Photos {
public:
  using Query = std::multimap<std::string, std::string>;
  static constexpr unsigned kMostDownloads = 4;  // at once

  /// `program` makes the program that runs a command. `folder` takes the lists of photos, and is
  /// emptied first. io where it cannot be made.
  static Result<std::unique_ptr<Photos>> create(
      std::function<Program(const Answers::Arguments&)> program, const std::string& folder,
      const std::function<Timestamp()>& now, const std::stop_token& stop);

  /// What `photos --json` says. `query` has `at`, the time of a restore point, and options of
  /// `photos` by their names. The first question for a restore point reads its dump, which takes a
  /// while, and where that costs much needs `approved=yes`.
  PageAnswer list(const Query& query);
  /// What `download --dry-run --json` says of a choice, or of one photo.
  PageAnswer price(const Query& query);
  /// What `history --json` says of the original of the photo `asset`.
  PageAnswer history(const Query& query);

  /// All that fits, as a ZIP file that is called `title`.
  std::variant<OpenDownload, PageAnswer> open_zip(const Query& query);
  /// The `part` of the photo `asset`.
  std::variant<OpenDownload, PageAnswer> open_file(const Query& query);

private:
  Photos(std::function<Program(const Answers::Arguments&)> program, Folder folder,
         const std::function<Timestamp()>& now, const std::stop_token& stop)
      : program_(std::move(program)),
        folder_(std::move(folder)),
        stop_(stop),
        answers_(program_, now, stop),
        stores_answers_(program_, now, stop)
  {}

  /// The file with the list of the restore point `at`.
  std::variant<std::string, PageAnswer> list_file(const Query& query);
  static PageAnswer ask(Answers& answers, const Answers::Arguments& arguments,
                        std::chrono::seconds at_most_so_old);
  std::variant<OpenDownload, PageAnswer> begin(Answers::Arguments arguments, const Query& query,
                                               bool may_lack);
  /// The answer about the one photo that `query` names.
  std::variant<Json, PageAnswer> photo(const Query& query);
  void remove_old_lists();

  const std::function<Program(const Answers::Arguments&)> program_;
  const Folder folder_;
  const std::stop_token stop_;
  Answers answers_;         // out of lists
  Answers stores_answers_;  // which may take minutes: lists are not to wait for them
  std::mutex listing_;
  std::atomic<unsigned> running_ = 0;
};

}  // namespace ib
