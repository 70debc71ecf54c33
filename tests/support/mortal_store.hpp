// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"
#include "support/dice.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace ib::test {

/// What happens to a machine at its nth call of the store. 0 means never.
struct Trouble {
  enum class When : std::uint8_t { before, midway, after };
  std::size_t kill_at = 0;  ///< the machine is dead: from here on its calls have no effect
  When kill_when = When::before;
  std::size_t deaf_at = 0;          ///< this call takes effect but reports a failure
  std::size_t loses_percent = 0;    ///< how many percent of the replies get lost
  std::size_t interrupted_at = 0;   ///< `meanwhile` runs before this call
  std::function<void()> meanwhile;  ///< may be anything, such as the run of another machine
};

/// The store as one machine sees it, with the troubles of this machine and the clock of the test.
class MortalStore final : public ObjectStore {
public:
  MortalStore(ObjectStore& store, const Timestamp& clock, Trouble trouble, std::uint64_t seed)
      : store_(store), clock_(clock), trouble_(std::move(trouble)), dice_(seed)
  {}

  bool is_dead() const { return dead_; }
  /// The names of the stored objects, with the number of bytes that the store read for each.
  const std::map<std::string, std::uint64_t>& stored() const { return stored_; }
  /// The names that were already taken, with the SHA-256 of the object that was refused.
  const std::map<std::string, std::string>& refused() const { return refused_; }
  const std::set<std::string>& replaced() const { return replaced_; }

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    return operate<ObjectInfo>([&](bool dies) -> Result<ObjectInfo> {
      Source mortal(*this, source, dies);
      Result<ObjectInfo> put = store_.put(object, mortal, stop);
      const std::scoped_lock guard(mutex_);
      if (put) stored_[object.name.value] += mortal.taken();
      if (!put && put.error().code == Errc::precondition_failed &&
          object.metadata.contains("sha256"))
        refused_[object.name.value] = object.metadata.at("sha256");
      return put;
    });
  }
  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override
  {
    return operate<ObjectInfo>([&](bool dies) -> Result<ObjectInfo> {
      Source mortal(*this, source, dies);
      {
        const std::scoped_lock guard(mutex_);
        replaced_.insert(object.name.value);
      }
      return store_.replace(object, mortal, generation, stop);
    });
  }
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    return store_.create(name, metadata, content_type, stop);
  }
  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    return operate<void>([&](bool) { return store_.remove(name, stop); });
  }
  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    return operate<ObjectInfo>([&](bool) { return store_.stat(name, stop); });
  }
  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    return operate<void>([&](bool) { return store_.get(name, sink, stop, offset); },
                         /*may_lose=*/false);
  }
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override
  {
    return operate<std::unique_ptr<ObjectCursor>>(
        [&](bool) { return store_.list(prefix, start, stop, metadata); });
  }
  Result<Timestamp> now(const std::stop_token& /*stop*/) override { return clock_; }
  const StoreAddress& address() const override { return store_.address(); }
  StoreFeatures features() const override { return store_.features(); }

private:
  /// Counts the bytes that are read. If the machine `dies`, the second piece never comes.
  class Source final : public ByteSource {
  public:
    Source(MortalStore& machine, ByteSource& inner, bool dies)
        : machine_(machine), inner_(inner), dies_(dies)
    {}
    Result<std::size_t> read(std::span<std::byte> buffer) override
    {
      if (dies_ && taken_ > 0) return machine_.die();
      const std::size_t n =
          TRY(inner_.read(dies_ ? buffer.first((buffer.size() + 1) / 2) : buffer));
      taken_ += n;
      return n;
    }
    Result<> seek(std::uint64_t offset) override { return inner_.seek(offset); }
    std::uint64_t taken() const { return taken_; }

  private:
    MortalStore& machine_;
    ByteSource& inner_;
    bool dies_;
    std::uint64_t taken_ = 0;
  };

  std::unexpected<Error> die()
  {
    dead_ = true;
    return fail(Errc::io, "this machine is dead");
  }

  template <class T, class Call>
  Result<T> operate(Call call, bool may_lose = true)
  {
    using When = Trouble::When;
    const std::size_t number = ++calls_;
    if (number == trouble_.interrupted_at) trouble_.meanwhile();
    const bool killed = number == trouble_.kill_at;
    if (dead_ || (killed && trouble_.kill_when == When::before)) return die();
    Result<T> result = call(killed && trouble_.kill_when == When::midway);
    if (dead_ || killed) return die();
    if (number == trouble_.deaf_at) return fail(Errc::io, "the reply was lost");
    const std::scoped_lock guard(mutex_);
    if (may_lose && dice_.chance(trouble_.loses_percent))
      return fail(Errc::unavailable, "the reply was lost");
    return result;
  }

  ObjectStore& store_;
  const Timestamp& clock_;
  Trouble trouble_;
  std::atomic<std::size_t> calls_ = 0;
  std::atomic<bool> dead_ = false;
  std::mutex mutex_;
  Dice dice_;                                    // guarded by mutex_
  std::map<std::string, std::uint64_t> stored_;  // guarded by mutex_ while the machine runs
  std::map<std::string, std::string> refused_;   // the same
  std::set<std::string> replaced_;               // the same
};

}  // namespace ib::test
