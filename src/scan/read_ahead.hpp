// SPDX-License-Identifier: Apache-2.0
//
// Reads the folders of a library ahead of the walk, by several threads, in the order in which the
// walk will come to them. Private to this module.
#pragma once

#include "base/result.hpp"
#include "core/selection/scope.hpp"
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

/// What a folder holds, in byte order with "/" appended to the names of folders: so sorted, the
/// order is that of whole paths. A large folder is listed in parts.
class Listing {
public:
  struct Entry {
    std::uint64_t size = 0;  ///< with `is_known`
    std::int64_t mtime_ns = 0;
    std::uint32_t name_begin = 0;
    std::uint16_t key_size = 0;
    FileKind kind = FileKind::file;
    bool is_covered = false;  ///< by the scope: a file itself, or something below a folder perhaps
    bool is_known = false;    ///< whether size and time were read ahead
    bool is_missing = false;  ///< a folder that ought to be there
  };

  std::size_t size() const { return entries_.size(); }
  Entry& operator[](std::size_t i) { return entries_[i]; }
  const Entry& operator[](std::size_t i) const { return entries_[i]; }
  std::string_view key(const Entry& entry) const
  {
    return std::string_view(names_).substr(entry.name_begin, entry.key_size);
  }
  /// Whether there are entries after the last of these.
  bool has_more() const { return has_more_; }

  void add(std::string_view name, bool as_folder, FileKind kind, bool is_missing = false);
  void sort();

  /// Becomes the first `most` entries of `folder` after the key `after`, sorted. The errors of
  /// Folder::read_entries, after which it holds some of them.
  Result<> read(const Folder& folder, std::string_view after, std::size_t most);

  /// Forgets everything, and keeps the memory for what comes next.
  void clear();

private:
  void keep_first(std::size_t count);

  std::string names_;
  std::vector<Entry> entries_;
  bool has_more_ = false;
};

/// A folder of the library that was read, or is being read.
struct FolderNode {
  FolderNode* parent = nullptr;
  std::size_t index = 0;  ///< in the parent's listing
  unsigned depth = 0;     ///< 0: the media root; 1: a top folder
  std::string path = {};  ///< below the media root, ending with a slash
  std::optional<Folder> folder = {};
  Listing listing = {};

  // The rest belongs to ReadAhead.
  enum class State : std::uint8_t { being_read, read, failed };
  enum class Batch : std::uint8_t { untouched, under_way, done };
  State state = State::being_read;
  bool is_entered = false;                  // the walk is in it, or below it
  bool is_near = false;                     // counted as read ahead near the walk
  bool keep_open = false;                   // the walk may need the folder itself
  std::vector<std::uint32_t> folders = {};  // covered ones, by their index in the listing
  std::size_t next_folder = 0;              // the first that nobody has begun to read
  std::size_t opening = 0;                  // how many are being opened and read ahead
  std::vector<std::unique_ptr<FolderNode>> children = {};  // those that were begun ahead, in order
  std::size_t next_child = 0;       // the first of them that the walk has not entered
  std::vector<Batch> batches = {};  // of a large folder's files; empty: no batches
  std::size_t next_batch = 0;       // the first untouched one
};

/// Memory: the listings of at most twice kMostAhead entries and kMostFoldersAhead folders, and of
/// one folder for each thread, beside those on the way down to where the walk is, however wide and
/// deep the tree is. Open folders: as many, but one in which all folders were opened is closed.
/// Once is for folders in those that the walk is in, and once for all others: a thread that was
/// held up with a folder near the walk would else find all the room taken by the others, far ahead,
/// and the walk would have to read all folders up to there itself.
///
/// Where reading costs a processor's time, one thread for each processor reads, the walk's own
/// included: it reads ahead as well while it would wait. More of them would keep the walk from
/// running until there is no room left, and then have nothing to do. Where threads have to wait,
/// for a disk or a network, all of them read.
///
/// A folder that the walk is through with lends its memory to the next one. Were it freed by the
/// walk instead, and allocated by another thread, the two would wait for each other in malloc, and
/// at times take half as long again.
///
/// What fails ahead is not reported: the walk tries again when it comes there, and says what it
/// finds then. The members are for one thread, that of the walk.
class ReadAhead {
public:
  static constexpr std::size_t kMostAhead = std::size_t{64} * 1024;
  static constexpr std::size_t kMostFoldersAhead = 256;
  static constexpr std::size_t kBatch = 512;

  /// `scope` must outlive it. The rest is as in ScanOptions.
  ReadAhead(const Scope& scope, unsigned threads, unsigned processors, std::size_t entries_at_once,
            std::stop_token stop);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// Begins to read below a node whose listing was made by the walk; opens top folders by `open`.
  using OpenTop = std::function<Result<Folder>(const std::string& name)>;
  void begin(FolderNode& root, OpenTop open);

  /// The folder at entry `index` of `parent`, which is covered and not missing: each is asked for,
  /// in order. The errors of opening and reading it; cancelled.
  Result<std::unique_ptr<FolderNode>> enter(FolderNode& parent, std::size_t index);

  /// Waits until the entry at `index` need not be waited for: it is known now, or has to be looked
  /// at by the walk. The same holds for all before the returned index. To be called for each index
  /// that it did not return yet. cancelled.
  Result<std::size_t> settle(FolderNode& node, std::size_t index);

  /// Takes back a folder that the walk is through with.
  void leave(std::unique_ptr<FolderNode> node);

  /// Reads the next part of the node's listing, all of whose entries were passed. False: there is
  /// none.
  Result<bool> read_on(FolderNode& node);

private:
  struct Before {
    bool operator()(const FolderNode* a, const FolderNode* b) const;
  };
  struct Work {
    FolderNode* node = nullptr;
    std::optional<std::size_t> batch = std::nullopt;
    bool all_known = true;                                    // of the batch
    std::vector<std::pair<FolderNode*, bool>> children = {};  // and whether each was read
  };

  static bool has_something_to_begin(const FolderNode& node);
  static std::size_t look_at(FolderNode& node, std::size_t begin, std::size_t end);

  Result<Folder> open(const FolderNode& node) const;
  std::size_t compare_with_scope(FolderNode& node) const;
  Result<> read(FolderNode& node, const std::string& after) const;
  void carry_out(Work& work, const std::stop_token& stop) const;

  std::unique_ptr<FolderNode> make_child(FolderNode& parent, std::size_t index);
  void line_up(FolderNode& node);
  struct Room {
    std::size_t entries = 0, folders = 0;  // that were read ahead
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
  // Guarded by mutex_, as is what FolderNode says belongs to this class:
  std::set<FolderNode*, Before> line_;  // nodes with something to begin, in the order of the walk
  Room near_, far_;
  std::size_t at_work_ = 0, most_at_work_;  // of the threads
  bool walk_waits_ = false;
  std::vector<std::unique_ptr<FolderNode>> spare_;  // empty, with the memory of what they were
  std::vector<std::jthread> threads_;               // last: they use all of the above
};

}  // namespace ib
