// SPDX-License-Identifier: Apache-2.0
#include "store/retrying_store.hpp"

#include "sys/system.hpp"

#include <utility>

namespace ib {
namespace {

class RetryingCursor final : public ObjectCursor {
public:
  RetryingCursor(std::unique_ptr<ObjectCursor> inner, Retrier& retrier, std::stop_token stop)
      : inner_(std::move(inner)), retrier_(retrier), stop_(std::move(stop))
  {}
  Result<std::optional<ObjectInfo>> next() override
  {
    return retrier_.run(stop_, [&](int /*attempt*/) { return inner_->next(); });
  }

private:
  std::unique_ptr<ObjectCursor> inner_;
  Retrier& retrier_;
  std::stop_token stop_;
};

class RetryingStore final : public ObjectStore {
public:
  RetryingStore(std::unique_ptr<ObjectStore> inner, std::shared_ptr<Retrier> retrier)
      : inner_(std::move(inner)), retrier_(std::move(retrier))
  {}

  const StoreAddress& address() const override { return inner_->address(); }

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    const NewObject named = with_operation(object);
    return retrier_->run(stop, [&](int attempt) -> Result<ObjectInfo> {
      if (attempt > 1) TRY(source.seek(0));
      Result<ObjectInfo> stored = inner_->put(named, source, stop);
      if (attempt > 1 && !stored && stored.error().code == Errc::precondition_failed) {
        Result<ObjectInfo> there = inner_->stat(object.name, stop);
        if (there && object.is_confirmed_by(*there)) return there;
        // It is not known whose object has the name, so this is not yet a taken name.
        if (!there && there.error().code == Errc::unavailable) return there;
      }
      return stored;
    });
  }

  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    return retrier_->run(
        stop, [&](int /*attempt*/) { return inner_->create(name, metadata, content_type, stop); });
  }

  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override
  {
    const NewObject named = with_operation(object);
    return retrier_->run(stop, [&](int attempt) -> Result<ObjectInfo> {
      if (attempt > 1) TRY(source.seek(0));
      return inner_->replace(named, source, generation, stop);
    });
  }

  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    return retrier_->run(stop, [&](int /*attempt*/) { return inner_->remove(name, stop); });
  }

  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    return retrier_->run(stop, [&](int /*attempt*/) { return inner_->stat(name, stop); });
  }

  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    // After a break, continues where the sink is.
    const ByteSink counting = [&](ByteView bytes) -> Result<> {
      TRY(sink(bytes));
      offset += bytes.size();
      return {};
    };
    return retrier_->run(
        stop, [&](int /*attempt*/) { return inner_->get(name, counting, stop, offset); });
  }

  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override
  {
    auto cursor = TRY(retrier_->run(
        stop, [&](int /*attempt*/) { return inner_->list(prefix, start, stop, metadata); }));
    return std::make_unique<RetryingCursor>(std::move(cursor), *retrier_, stop);
  }

  StoreFeatures features() const override { return inner_->features(); }
  Result<Timestamp> now(const std::stop_token& stop) override
  {
    return retrier_->run(stop, [&](int /*attempt*/) { return inner_->now(stop); });
  }

private:
  static NewObject with_operation(NewObject object)
  {
    if (object.operation.empty()) object.operation = random_hex(16);
    return object;
  }

  std::unique_ptr<ObjectStore> inner_;
  std::shared_ptr<Retrier> retrier_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_retrying_store(std::unique_ptr<ObjectStore> inner,
                                                 std::shared_ptr<Retrier> retrier)
{
  return std::make_unique<RetryingStore>(std::move(inner), std::move(retrier));
}

}  // namespace ib
