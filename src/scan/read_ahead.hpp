// SPDX-License-Identifier: Apache-2.0
// Reads the folders of a library ahead of the walk, with several threads, in the order in which the
// walk will reach them. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/selection/scope.hpp"
#include "scan/listing.hpp"
#include "sys/file.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ib {

/// A folder of the library that was read or is being read.
struct FolderNode {
  FolderNode* parent = nullptr;
  std::size_t index = 0;  ///< in the parent's listing
  unsigned depth = 0;     ///< 0: the media root; 1: a top folder
  std::string path = {};  ///< below the media root, ending with a slash
  std::optional<Folder> folder = {};
  Listing listing = {};

  // Only ReadAhead uses the rest.
  enum class State : std::uint8_t { being_read, read, failed };
  enum class Batch : std::uint8_t { untouched, under_way, done };
  State state = State::being_read;
  bool is_entered = false;                  // the walk is in it, or below it
  bool is_near = false;                     // counts as read ahead near the walk
  bool keep_open = false;                   // the walk may need the folder itself
  std::vector<std::uint32_t> folders = {};  // the covered ones, by their index in the listing
  std::size_t next_folder = 0;              // the first one that nobody has begun to read
  std::size_t opening = 0;                  // how many subfolders are being opened and read ahead
  std::vector<std::unique_ptr<FolderNode>> children = {};  // those that were begun ahead, in order
  std::size_t next_child = 0;       // the first one that the walk has not entered
  std::vector<Batch> batches = {};  // of a large folder's files; empty if there are few
  std::size_t next_batch = 0;       // the first untouched one
};

/// The memory is bounded, however wide and deep the tree is. It holds the listings of the folders
/// on the way down to the walk, of one folder per thread, and of at most kMostAhead entries and
/// kMostFoldersAhead folders that are read ahead. This last amount is allowed twice: once for
/// subfolders of the folders that the walk is in, and once for all others. Otherwise the others,
/// far ahead, could take all the room while a thread is delayed near the walk, and the walk would
/// have to read all folders up to there itself. There are as many open folders, but a folder is
/// closed when all its subfolders are open.
///
/// If reading costs processor time, one thread per processor reads, including the walk's own
/// thread, which reads ahead instead of waiting. More threads would keep the walk from running
/// until there is no room left, and would then have nothing to do. If threads wait for a disk or a
/// network, all of them read.
///
/// A folder that the walk has finished passes its memory on to the next one. If the walk freed it
/// and another thread allocated memory, the two would wait for each other in malloc, and could take
/// half as long again.
///
/// Failures ahead are not reported. The walk tries again when it gets there and reports what it
/// finds then. Only the walk's thread may call the members.
class ReadAhead {
public:
  static constexpr std::size_t kMostAhead = std::size_t{64} * 1024;
  static constexpr std::size_t kMostFoldersAhead = 256;
  static constexpr std::size_t kBatch = 512;

  /// `scope` must outlive this object. The other arguments are as in ScanOptions.
  ReadAhead(const Scope& scope, unsigned threads, unsigned processors, std::size_t entries_at_once,
            std::stop_token stop);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// Begins to read below a node that the walk has listed. `open` opens top folders.
  using OpenTop = std::function<Result<Folder>(const std::string& name)>;
  void begin(FolderNode& root, OpenTop open);

  /// The folder at entry `index` of `parent`, which must be covered and not missing. The walk must
  /// call this for each such entry, in order. Fails if the folder cannot be opened or read;
  /// cancelled if a stop is requested.
  Result<std::unique_ptr<FolderNode>> enter(FolderNode& parent, std::size_t index);

  /// Waits until the entry at `index` is settled: its size and time are known, or the walk has to
  /// look at the file itself. All entries before the returned index are settled too. The walk must
  /// call this for each index that was not settled yet. cancelled if a stop is requested.
  Result<std::size_t> settle(FolderNode& node, std::size_t index);

  /// Takes back a folder that the walk has finished.
  void leave(std::unique_ptr<FolderNode> node);

  /// Reads the next part of the node's listing, after the walk has passed all its entries. False if
  /// there is none.
  Result<bool> read_on(FolderNode& node);

private:
  struct Before {
    bool operator()(const FolderNode* a, const FolderNode* b) const;
  };
  struct Work {
    FolderNode* node = nullptr;
    std::optional<std::size_t> batch = std::nullopt;
    bool all_known = true;                                    // all files of the batch are known
    std::vector<std::pair<FolderNode*, bool>> children = {};  // each with whether it was read
  };

  static bool has_something_to_begin(const FolderNode& node);
  static std::size_t look_at(FolderNode& node, std::size_t begin, std::size_t end);

  Result<Folder> open(const FolderNode& node) const;
  std::size_t compare_with_scope(FolderNode& node) const;
  Result<> read(FolderNode& node, const std::string& after) const;
  void carry_out(Work& work, const std::stop_token& stop) const;

  std::unique_ptr<FolderNode> make_child(FolderNode& parent, std::size_t index);
  void enqueue(FolderNode& node);
  struct Room {
    std::size_t entries = 0, folders = 0;  // read ahead so far
    bool has_any() const { return entries < kMostAhead && folders < kMostFoldersAhead; }
    bool has_much() const { return entries < kMostAhead / 2 && folders < kMostFoldersAhead / 2; }
  };
  Room& room_for(const FolderNode& folders_in) { return folders_in.is_entered ? near_ : far_; }
  const Room& room_for(const FolderNode& folders_in) const
  {
    return folders_in.is_entered ? near_ : far_;
  }
  void enter_now(FolderNode& node);
  bool has_work() const;
  bool wants_a_thread() const;
  Work take_work();
  std::optional<Folder> finish(const Work& work);
  static std::optional<Folder> close_if_done(FolderNode& node);

  void do_next_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void work_ahead(const std::stop_token& end);
  template <class Condition>
  Result<> wait(std::unique_lock<std::mutex>& lock, Condition condition);

  const Scope& scope_;
  const std::size_t entries_at_once_;
  const std::size_t fewest_at_work_;
  const std::stop_token stop_;
  OpenTop open_top_;
  std::mutex mutex_;
  std::condition_variable_any work_came_, work_done_;
  // Guarded by mutex_, as are the members of FolderNode that belong to this class:
  std::set<FolderNode*, Before> queue_;  // nodes with something to begin, in the order of the walk
  Room near_, far_;
  std::size_t at_work_ = 0, most_at_work_;  // threads
  bool walk_waits_ = false;
  std::vector<std::unique_ptr<FolderNode>>
      spare_;                          // empty nodes, whose memory is kept for the next folders
  std::vector<std::jthread> threads_;  // last, because they use everything above
};

}  // namespace ib
