// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_store.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace ib::test {

/// Counts the bytes that the inner store reads. Strikes after the first of them.
class FaultyStore::Source final : public ByteSource {
public:
  Source(FaultyStore& store, ByteSource& inner, const ObjectName& name, std::size_t step)
      : store_(store), inner_(inner), name_(name), step_(step)
  {}
  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    if (taken_ > 0) TRY(store_.strike(step_, Fault::When::midway));
    const std::size_t n = TRY(inner_.read(buffer));
    store_.count_bytes(name_, n);
    taken_ += n;
    return n;
  }
  Result<> seek(std::uint64_t offset) override { return inner_.seek(offset); }

private:
  FaultyStore& store_;
  ByteSource& inner_;
  const ObjectName& name_;
  std::size_t step_;
  std::size_t taken_ = 0;
};

class FaultyStore::Writer final : public ObjectWriter {
public:
  Writer(FaultyStore& store, std::unique_ptr<ObjectWriter> inner, ObjectName name)
      : store_(store), inner_(std::move(inner)), name_(std::move(name))
  {}
  Result<> write(ByteView bytes) override
  {
    const std::size_t step = store_.begin_step("write", name_);
    TRY(store_.strike(step, Fault::When::before));
    TRY(inner_->write(bytes));
    store_.count_bytes(name_, bytes.size());
    return store_.strike(step, Fault::When::after);
  }
  Result<ObjectInfo> commit() override
  {
    const std::size_t step = store_.begin_step("commit", name_);
    TRY(store_.strike(step, Fault::When::before));
    ObjectInfo info = TRY(inner_->commit());
    store_.count_stored(name_);
    TRY(store_.strike(step, Fault::When::after));
    return info;
  }

private:
  FaultyStore& store_;
  std::unique_ptr<ObjectWriter> inner_;
  ObjectName name_;
};

FaultyStore::FaultyStore(ObjectStore& inner, std::vector<Fault> faults)
    : inner_(inner), pending_(std::move(faults))
{}

std::size_t FaultyStore::begin_step(std::string_view what, const ObjectName& name)
{
  const std::scoped_lock guard(mutex_);
  steps_.push_back(std::string(what) + " " + name.value);
  return steps_.size();
}

Result<> FaultyStore::strike(std::size_t step, Fault::When when)
{
  const std::scoped_lock guard(mutex_);
  const auto it = std::ranges::find_if(
      pending_, [&](const Fault& fault) { return fault.step == step && fault.when == when; });
  if (it == pending_.end()) return {};
  const Fault fault = *it;
  pending_.erase(it);
  if (fault.kind == Fault::Kind::kill) static_cast<void>(::raise(SIGKILL));
  return fail(fault.code,
              "scripted fault at step " + std::to_string(step) + " (" + steps_[step - 1] + ")");
}

void FaultyStore::count_bytes(const ObjectName& name, std::size_t bytes)
{
  const std::scoped_lock guard(mutex_);
  bytes_sent_[name] += bytes;
}

void FaultyStore::count_stored(const ObjectName& name)
{
  const std::scoped_lock guard(mutex_);
  ++times_stored_[name];
}

std::vector<std::string> FaultyStore::steps() const
{
  const std::scoped_lock guard(mutex_);
  return steps_;
}

std::uint64_t FaultyStore::bytes_sent(const ObjectName& name) const
{
  const std::scoped_lock guard(mutex_);
  const auto it = bytes_sent_.find(name);
  return it == bytes_sent_.end() ? 0 : it->second;
}

std::uint64_t FaultyStore::bytes_sent() const
{
  const std::scoped_lock guard(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [name, bytes] : bytes_sent_) sum += bytes;
  return sum;
}

unsigned FaultyStore::times_stored(const ObjectName& name) const
{
  const std::scoped_lock guard(mutex_);
  const auto it = times_stored_.find(name);
  return it == times_stored_.end() ? 0 : it->second;
}

bool FaultyStore::all_faults_hit() const
{
  const std::scoped_lock guard(mutex_);
  return pending_.empty();
}

Result<ObjectInfo> FaultyStore::put(const NewObject& object, ByteSource& source,
                                    const std::stop_token& stop)
{
  const std::size_t step = begin_step("put", object.name);
  TRY(strike(step, Fault::When::before));
  Source counted(*this, source, object.name, step);
  ObjectInfo info = TRY(inner_.put(object, counted, stop));
  count_stored(object.name);
  TRY(strike(step, Fault::When::after));
  return info;
}

Result<std::unique_ptr<ObjectWriter>> FaultyStore::create(const ObjectName& name,
                                                          const Metadata& metadata,
                                                          const std::string& content_type,
                                                          const std::stop_token& stop)
{
  const std::size_t step = begin_step("create", name);
  TRY(strike(step, Fault::When::before));
  auto writer =
      std::make_unique<Writer>(*this, TRY(inner_.create(name, metadata, content_type, stop)), name);
  TRY(strike(step, Fault::When::after));
  return writer;
}

Result<ObjectInfo> FaultyStore::replace(const NewObject& object, ByteSource& source,
                                        std::uint64_t generation, const std::stop_token& stop)
{
  const std::size_t step = begin_step("replace", object.name);
  TRY(strike(step, Fault::When::before));
  Source counted(*this, source, object.name, step);
  ObjectInfo info = TRY(inner_.replace(object, counted, generation, stop));
  count_stored(object.name);
  TRY(strike(step, Fault::When::after));
  return info;
}

Result<> FaultyStore::remove(const RemovableName& name, const std::stop_token& stop)
{
  const std::size_t step = begin_step("remove", name.name());
  TRY(strike(step, Fault::When::before));
  TRY(inner_.remove(name, stop));
  return strike(step, Fault::When::after);
}

Result<ObjectInfo> FaultyStore::stat(const ObjectName& name, const std::stop_token& stop)
{
  return inner_.stat(name, stop);
}

Result<> FaultyStore::get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
                          std::uint64_t offset)
{
  return inner_.get(name, sink, stop, offset);
}

Result<std::unique_ptr<ObjectCursor>> FaultyStore::list(const std::string& prefix,
                                                        const std::string& start,
                                                        const std::stop_token& stop,
                                                        ListedMetadata metadata)
{
  return inner_.list(prefix, start, stop, metadata);
}

}  // namespace ib::test
