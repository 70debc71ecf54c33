// SPDX-License-Identifier: Apache-2.0
#include "scan/read_ahead.hpp"

#include "base/assert.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// A thread reads at most so many sibling folders at once.
constexpr std::size_t kMostInOneGo = 16;

/// A larger listing's memory is not kept: the next folder is probably small.
constexpr std::size_t kMostLent = 256;

/// How many of the threads are useful if none has to wait. The walk needs a processor too.
std::size_t threads_to_keep_busy(unsigned threads, unsigned processors)
{
  if (processors == 0) processors = std::thread::hardware_concurrency();
  return std::min(threads, std::max(processors, 2U) - 1);
}

}  // namespace

ReadAhead::ReadAhead(const Scope& scope, unsigned threads, unsigned processors,
                     std::size_t entries_at_once, std::stop_token stop)
    : scope_(scope),
      entries_at_once_(entries_at_once),
      fewest_at_work_(threads_to_keep_busy(threads, processors)),
      stop_(std::move(stop)),
      most_at_work_(fewest_at_work_)
{
  for (unsigned i = 0; i < threads; ++i)
    threads_.emplace_back([this](const std::stop_token& end) { work_ahead(end); });
}

ReadAhead::~ReadAhead()
{
  for (std::jthread& thread : threads_) thread.request_stop();
}

/// The order of the walk, which finishes a folder before it continues in the folder's parent.
bool ReadAhead::Before::operator()(const FolderNode* a, const FolderNode* b) const
{
  if (a == b) return false;
  const FolderNode* up_a = a;
  const FolderNode* up_b = b;
  while (up_a->depth > up_b->depth) {
    if (up_a->parent == b) return true;
    up_a = up_a->parent;
  }
  while (up_b->depth > up_a->depth) {
    if (up_b->parent == a) return false;
    up_b = up_b->parent;
  }
  while (up_a->parent != up_b->parent) {
    up_a = up_a->parent;
    up_b = up_b->parent;
  }
  return up_a->index < up_b->index;
}

Result<Folder> ReadAhead::open(const FolderNode& node) const
{
  const FolderNode& parent = *node.parent;
  const std::string_view key = parent.listing.key(parent.listing[node.index]);
  const std::string name(key.substr(0, key.size() - 1));
  return parent.depth == 0 ? open_top_(name) : parent.folder->open_folder(name);
}

/// Marks the entries that the scope covers. Returns how many files must be looked at.
std::size_t ReadAhead::compare_with_scope(FolderNode& node) const
{
  std::size_t files = 0;
  std::string path = node.path;
  const Scope::Files all_files = scope_.files_in(path);
  for (std::size_t i = 0; i < node.listing.size(); ++i) {
    Listing::Entry& entry = node.listing[i];
    const bool is_folder = entry.kind == FileKind::folder;
    if (is_folder || all_files == Scope::Files::by_name) {
      path.resize(node.path.size());
      path += node.listing.key(entry);
    }
    if (is_folder) {
      entry.is_covered = scope_.may_cover_below(path);
      if (entry.is_covered && !entry.is_missing)
        node.folders.push_back(static_cast<std::uint32_t>(i));
    } else {
      entry.is_covered =
          all_files == Scope::Files::by_name ? scope_.covers(path) : all_files == Scope::Files::all;
      if (entry.is_covered && entry.kind == FileKind::file) ++files;
    }
  }
  return files;
}

/// Lists an open folder. If it has few files, also reads their size and time, so that the folder
/// need not stay open while the walk is further down.
Result<> ReadAhead::read(FolderNode& node, const std::string& after) const
{
  TRY(node.listing.read(*node.folder, after, entries_at_once_));
  node.folders.clear();
  node.next_folder = 0;
  node.batches.clear();
  node.next_batch = 0;
  const std::size_t files = compare_with_scope(node);
  if (files > kBatch && !threads_.empty())
    node.batches.assign((node.listing.size() + kBatch - 1) / kBatch, FolderNode::Batch::untouched);
  const bool look_now = files > 0 && files <= kBatch && !threads_.empty();
  const std::size_t known = look_now ? look_at(node, 0, node.listing.size()) : 0;
  node.keep_open =
      node.depth < 2 || node.listing.has_more() || (node.batches.empty() && known < files);
  // A folder may allow listing names but not looking them up. If a file was looked at, it allows
  // both.
  return known > 0 ? Result<>() : node.folder->require_searchable();
}

/// Returns how many of these files are known now. A file that cannot be looked at stays unknown,
/// and the walk tries again.
std::size_t ReadAhead::look_at(FolderNode& node, std::size_t begin, std::size_t end)
{
  std::size_t known = 0;
  for (std::size_t i = begin; i < std::min(end, node.listing.size()); ++i) {
    Listing::Entry& entry = node.listing[i];
    if (entry.kind != FileKind::file || !entry.is_covered) continue;
    const Result<FileStat> st = node.folder->stat(node.listing.key(entry));
    if (!st) continue;
    entry.size = st->size;
    entry.mtime_ns = st->mtime_ns;
    entry.ctime_ns = st->ctime_ns;
    entry.is_known = true;
    ++known;
  }
  return known;
}

// --- The caller holds the lock ---

std::unique_ptr<FolderNode> ReadAhead::make_child(FolderNode& parent, std::size_t index)
{
  std::unique_ptr<FolderNode> node;
  if (spare_.empty()) {
    node = std::make_unique<FolderNode>();
  } else {
    node = std::move(spare_.back());
    spare_.pop_back();
  }
  node->parent = &parent;
  node->index = index;
  node->depth = parent.depth + 1;
  node->path = parent.path;
  node->path += parent.listing.key(parent.listing[index]);
  return node;
}

bool ReadAhead::has_something_to_begin(const FolderNode& node)
{
  return node.next_folder < node.folders.size() || node.next_batch < node.batches.size();
}

void ReadAhead::enqueue(FolderNode& node)
{
  if (threads_.empty() || !has_something_to_begin(node)) return;
  queue_.insert(&node);
  work_came_.notify_one();
}

/// The walk has entered this folder. So its subfolders are near the walk, and may have to be begun
/// again.
void ReadAhead::enter_now(FolderNode& node)
{
  node.is_entered = true;
  if (wants_a_thread() && room_for(**queue_.begin()).has_much()) work_came_.notify_one();
}

bool ReadAhead::has_work() const
{
  if (queue_.empty()) return false;
  // The files of a folder that is already listed cost no more memory.
  const FolderNode& first = **queue_.begin();
  return first.next_batch < first.batches.size() || room_for(first).has_any();
}

bool ReadAhead::wants_a_thread() const
{
  return at_work_ < most_at_work_ && has_work();
}

ReadAhead::Work ReadAhead::take_work()
{
  FolderNode& node = **queue_.begin();
  Work work{.node = &node};
  const std::size_t folders_left = node.folders.size() - node.next_folder;
  const bool batch_left = node.next_batch < node.batches.size();
  if (batch_left && (folders_left == 0 || !room_for(node).has_any() ||
                     node.next_batch * kBatch <= node.folders[node.next_folder])) {
    work.batch = node.next_batch++;
    node.batches[*work.batch] = FolderNode::Batch::under_way;
  } else {
    // Takes several at once if there are many, so that threads do not wait here for each other.
    const std::size_t count =
        std::clamp<std::size_t>(folders_left / (2 * threads_.size()), 1, kMostInOneGo);
    for (std::size_t i = 0; i < count; ++i) {
      node.children.push_back(make_child(node, node.folders[node.next_folder++]));
      node.children.back()->is_near = node.is_entered;
      work.children.emplace_back(node.children.back().get(), false);
    }
    node.opening += count;
    room_for(node).folders += count;
  }
  if (!has_something_to_begin(node)) queue_.erase(&node);
  return work;
}

/// Records the work that was done. Returns a folder that nobody needs open any more; the caller
/// closes it.
std::optional<Folder> ReadAhead::finish(const Work& work)
{
  FolderNode& node = *work.node;
  if (work.batch) node.batches[*work.batch] = FolderNode::Batch::done;
  if (!work.all_known) node.keep_open = true;
  node.opening -= work.children.size();
  for (const auto& [child, is_read] : work.children) {
    child->state = is_read ? FolderNode::State::read : FolderNode::State::failed;
    if (!is_read) {
      node.keep_open = true;
      continue;
    }
    (child->is_near ? near_ : far_).entries += child->listing.size();
    enqueue(*child);
  }
  if (walk_waits_) work_done_.notify_one();
  return close_if_done(node);
}

std::optional<Folder> ReadAhead::close_if_done(FolderNode& node)
{
  const bool is_done =
      !node.keep_open && node.opening == 0 && !has_something_to_begin(node) &&
      std::ranges::all_of(node.batches, [](auto b) { return b == FolderNode::Batch::done; });
  return is_done ? std::exchange(node.folder, std::nullopt) : std::nullopt;
}

// --- The caller does not hold the lock ---

/// When it is stopped, the remaining work counts as failed: over a network, even a few folders may
/// take longer than a person who stopped the run wants to wait.
void ReadAhead::carry_out(Work& work, const std::stop_token& stop) const
{
  FolderNode& node = *work.node;
  if (work.batch) {
    const std::size_t begin = *work.batch * kBatch;
    look_at(node, begin, begin + kBatch);
    for (std::size_t i = begin; i < std::min(begin + kBatch, node.listing.size()); ++i) {
      const Listing::Entry& entry = node.listing[i];
      if (entry.kind == FileKind::file && entry.is_covered && !entry.is_known)
        work.all_known = false;
    }
  }
  for (auto& [child, is_read] : work.children) {
    if (stop.stop_requested()) return;
    Result<Folder> folder = open(*child);
    if (!folder) continue;
    child->folder = std::move(*folder);
    is_read = read(*child, "").has_value();
    const bool of_no_more_use =
        !child->keep_open && child->folders.empty() && child->batches.empty();
    if (!is_read || of_no_more_use) child->folder.reset();
  }
}

/// The caller holds the lock. This function releases it while it works.
void ReadAhead::do_next_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop)
{
  Work work = take_work();
  if (wants_a_thread()) work_came_.notify_one();
  lock.unlock();
  const std::uint64_t waited_before = times_this_thread_waited();
  carry_out(work, stop);
  const bool waited = times_this_thread_waited() != waited_before;
  lock.lock();
  // Adds threads faster than it removes them: with one too few, a disk would be idle.
  most_at_work_ = waited ? std::min(threads_.size(), most_at_work_ + 2)
                         : std::max(fewest_at_work_, most_at_work_ - 1);
  if (std::optional<Folder> closed = finish(work)) {
    lock.unlock();
    closed.reset();
    lock.lock();
  }
}

void ReadAhead::work_ahead(const std::stop_token& end)
{
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, end, [this] { return wants_a_thread(); });
    if (end.stop_requested()) return;
    ++at_work_;
    do_next_work(lock, end);
    --at_work_;
  }
}

// --- For the walk ---

void ReadAhead::begin(FolderNode& root, OpenTop open_top)
{
  open_top_ = std::move(open_top);
  compare_with_scope(root);
  root.keep_open = true;
  const std::scoped_lock guard(mutex_);
  enter_now(root);
  enqueue(root);
}

template <class Condition>
Result<> ReadAhead::wait(std::unique_lock<std::mutex>& lock, Condition condition)
{
  while (!condition()) {
    if (stop_.stop_requested()) return fail(Errc::cancelled, "interrupted");
    if (has_work()) {
      do_next_work(lock, stop_);
      continue;
    }
    walk_waits_ = true;
    work_done_.wait(lock, stop_, [&] { return condition() || has_work(); });
    walk_waits_ = false;
  }
  return {};
}

Result<std::unique_ptr<FolderNode>> ReadAhead::enter(FolderNode& parent, std::size_t index)
{
  std::unique_ptr<FolderNode> node;
  bool is_first = false;  // the walk is the first to begin this folder; it was not tried ahead
  {
    std::unique_lock lock(mutex_);
    if (parent.next_child < parent.children.size()) {
      FolderNode& child = *parent.children[parent.next_child];
      IB_ASSERT(child.index == index);
      TRY(wait(lock, [&] { return child.state != FolderNode::State::being_read; }));
      node = std::move(parent.children[parent.next_child++]);
      if (parent.next_child == parent.children.size()) {
        parent.children.clear();
        parent.next_child = 0;
      }
      Room& room = node->is_near ? near_ : far_;
      --room.folders;
      if (node->state == FolderNode::State::read) room.entries -= node->listing.size();
      enter_now(*node);
      if (node->state == FolderNode::State::read) return node;
    } else {
      IB_ASSERT(parent.next_folder < parent.folders.size() &&
                parent.folders[parent.next_folder] == index);
      ++parent.next_folder;
      ++parent.opening;  // keeps it open meanwhile
      is_first = true;
      if (!has_something_to_begin(parent)) queue_.erase(&parent);
      node = make_child(parent, index);
    }
  }
  Result<Folder> folder = open(*node);
  if (is_first) {
    std::optional<Folder> closed;
    const std::scoped_lock guard(mutex_);
    --parent.opening;
    if (folder) closed = close_if_done(parent);
  }
  if (!folder) return std::unexpected(std::move(folder).error());
  node->folder = std::move(*folder);
  if (Result<> listed = read(*node, ""); !listed) {
    Error error = std::move(listed).error();
    if (error.code == Errc::not_found)
      error.code = Errc::io;  // the folder was listed, so this is a failure
    return std::unexpected(std::move(error));
  }
  node->state = FolderNode::State::read;
  const std::scoped_lock guard(mutex_);
  enter_now(*node);
  enqueue(*node);
  return node;
}

void ReadAhead::leave(std::unique_ptr<FolderNode> node)
{
  if (node->listing.size() > kMostLent || node->folders.size() > kMostLent) return;
  node->listing.clear();
  node->folders.clear();
  // This closes the old folder.
  *node = FolderNode{.path = std::move(node->path),
                     .listing = std::move(node->listing),
                     .folders = std::move(node->folders)};
  const std::scoped_lock guard(mutex_);
  if (spare_.size() < kMostFoldersAhead) spare_.push_back(std::move(node));
}

Result<std::size_t> ReadAhead::settle(FolderNode& node, std::size_t index)
{
  if (node.batches.empty()) return node.listing.size();
  const std::size_t number = index / kBatch;
  std::unique_lock lock(mutex_);
  FolderNode::Batch& batch = node.batches[number];
  if (batch == FolderNode::Batch::untouched) {
    // Batches begin in order, and the walk has passed all batches before this one.
    Work work{.node = &node, .batch = node.next_batch++};
    IB_ASSERT(work.batch == number);
    batch = FolderNode::Batch::under_way;
    if (!has_something_to_begin(node)) queue_.erase(&node);
    lock.unlock();
    carry_out(work, stop_);
    lock.lock();
    static_cast<void>(finish(work));
  }
  TRY(wait(lock, [&] { return batch == FolderNode::Batch::done; }));
  return (number + 1) * kBatch;
}

Result<bool> ReadAhead::read_on(FolderNode& node)
{
  if (!node.listing.has_more()) return false;
  const std::string last(node.listing.key(node.listing[node.listing.size() - 1]));
  TRY(read(node, last));
  const std::scoped_lock guard(mutex_);
  enqueue(node);
  return true;
}

}  // namespace ib
