// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/object_store.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ib::test {

/// A fault at the nth step that would change the store. The first step is 1. Steps are put(),
/// create(), replace(), remove(), and a writer's write() and commit().
struct Fault {
  enum class When : std::uint8_t {
    before,  ///< the step had no effect
    midway,  ///< a put() or replace() has read some of its bytes
    after,   ///< the step took effect, but reports a failure
  };
  enum class Kind : std::uint8_t {
    fail,  ///< the step returns an error
    kill,  ///< SIGKILL ends the process
  };
  std::size_t step = 1;
  When when = When::before;
  Kind kind = Kind::fail;
  Errc code = Errc::unavailable;
};

/// A store that passes everything to another one. At the given faults it fails or kills the
/// process. It counts the bytes that are really sent, so that a test can check that nothing was
/// sent twice. A test with faults ends with EXPECT_TRUE(store.all_faults_hit()), because a fault
/// that never occurred proves nothing.
class FaultyStore : public ObjectStore {
public:
  /// `inner` must outlive the store and its writers.
  explicit FaultyStore(ObjectStore& inner, std::vector<Fault> faults = {});

  /// The steps so far: "put library/a.jpg", "write database/x", "commit database/x".
  std::vector<std::string> steps() const;
  /// The bytes that the store read for an object. More than its size if it was sent again.
  std::uint64_t bytes_sent(const ObjectName& name) const;
  std::uint64_t bytes_sent() const;
  /// How many calls of put(), replace() and commit() for an object succeeded in the inner store.
  unsigned times_stored(const ObjectName& name) const;
  bool all_faults_hit() const;

  const StoreAddress& address() const override { return inner_.address(); }
  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override;
  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override;
  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override;
  Result<> remove(const RemovableName& name, const std::stop_token& stop) override;
  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override;
  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override;
  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override;
  StoreFeatures features() const override { return inner_.features(); }
  Result<Timestamp> now(const std::stop_token& stop) override { return inner_.now(stop); }

private:
  class Source;
  class Writer;

  /// Counts a step and returns its number.
  std::size_t begin_step(std::string_view what, const ObjectName& name);
  /// Returns the error with which `step` shall end here, if any. Does not return if the fault kills
  /// the process.
  Result<> strike(std::size_t step, Fault::When when);
  void count_bytes(const ObjectName& name, std::size_t bytes);
  void count_stored(const ObjectName& name);

  ObjectStore& inner_;
  mutable std::mutex mutex_;
  std::vector<Fault> pending_;                      // guarded by mutex_
  std::vector<std::string> steps_;                  // guarded by mutex_
  std::map<ObjectName, std::uint64_t> bytes_sent_;  // guarded by mutex_
  std::map<ObjectName, unsigned> times_stored_;     // guarded by mutex_
};

}  // namespace ib::test
