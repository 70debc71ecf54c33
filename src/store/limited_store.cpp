// SPDX-License-Identifier: Apache-2.0
#include "store/limited_store.hpp"

#include <utility>

namespace ib {
namespace {

/// Feeds `bytes` to `take`, in pieces, as soon as they may move.
template <class Take>
Result<> in_pieces(ByteView bytes, Bandwidth& bandwidth, const std::stop_token& stop,
                   const Take& take)
{
  while (!bytes.empty()) {
    const std::size_t n = TRY(bandwidth.acquire(bytes.size(), stop));
    TRY(take(bytes.first(n)));
    bytes = bytes.subspan(n);
  }
  return {};
}

class LimitedSource final : public ByteSource {
public:
  LimitedSource(ByteSource& inner, Bandwidth& bandwidth, std::stop_token stop)
      : inner_(inner), bandwidth_(bandwidth), stop_(std::move(stop))
  {}

  Result<std::size_t> read(std::span<std::byte> buffer) override
  {
    const std::size_t allowed = TRY(bandwidth_.acquire(buffer.size(), stop_));
    Result<std::size_t> n = inner_.read(buffer.first(allowed));
    bandwidth_.count(static_cast<std::int64_t>(n.value_or(0)) - static_cast<std::int64_t>(allowed));
    return n;
  }

  Result<> seek(std::uint64_t offset) override { return inner_.seek(offset); }

private:
  ByteSource& inner_;
  Bandwidth& bandwidth_;
  std::stop_token stop_;
};

class LimitedWriter final : public ObjectWriter {
public:
  LimitedWriter(std::unique_ptr<ObjectWriter> inner, std::shared_ptr<Bandwidth> bandwidth,
                std::stop_token stop)
      : inner_(std::move(inner)), bandwidth_(std::move(bandwidth)), stop_(std::move(stop))
  {}

  Result<> write(ByteView bytes) override
  {
    return in_pieces(bytes, *bandwidth_, stop_,
                     [&](ByteView piece) { return inner_->write(piece); });
  }
  Result<ObjectInfo> commit() override { return inner_->commit(); }

private:
  std::unique_ptr<ObjectWriter> inner_;
  std::shared_ptr<Bandwidth> bandwidth_;
  std::stop_token stop_;
};

class LimitedStore final : public ObjectStore {
public:
  LimitedStore(std::unique_ptr<ObjectStore> inner, std::shared_ptr<Bandwidth> bandwidth)
      : inner_(std::move(inner)), bandwidth_(std::move(bandwidth))
  {}

  const StoreAddress& address() const override { return inner_->address(); }

  Result<ObjectInfo> put(const NewObject& object, ByteSource& source,
                         const std::stop_token& stop) override
  {
    LimitedSource limited(source, *bandwidth_, stop);
    return inner_->put(object, limited, stop);
  }

  Result<std::unique_ptr<ObjectWriter>> create(const ObjectName& name, const Metadata& metadata,
                                               const std::string& content_type,
                                               const std::stop_token& stop) override
  {
    auto writer = TRY(inner_->create(name, metadata, content_type, stop));
    return std::make_unique<LimitedWriter>(std::move(writer), bandwidth_, stop);
  }

  Result<ObjectInfo> replace(const NewObject& object, ByteSource& source, std::uint64_t generation,
                             const std::stop_token& stop) override
  {
    LimitedSource limited(source, *bandwidth_, stop);
    return inner_->replace(object, limited, generation, stop);
  }

  Result<> remove(const RemovableName& name, const std::stop_token& stop) override
  {
    return inner_->remove(name, stop);
  }

  Result<ObjectInfo> stat(const ObjectName& name, const std::stop_token& stop) override
  {
    return inner_->stat(name, stop);
  }

  Result<> get(const ObjectName& name, const ByteSink& sink, const std::stop_token& stop,
               std::uint64_t offset) override
  {
    const ByteSink limited = [&](ByteView bytes) {
      return in_pieces(bytes, *bandwidth_, stop, sink);
    };
    return inner_->get(name, limited, stop, offset);
  }

  Result<std::unique_ptr<ObjectCursor>> list(const std::string& prefix, const std::string& start,
                                             const std::stop_token& stop,
                                             ListedMetadata metadata) override
  {
    return inner_->list(prefix, start, stop, metadata);
  }

  StoreFeatures features() const override { return inner_->features(); }
  Result<Timestamp> now(const std::stop_token& stop) override { return inner_->now(stop); }

private:
  std::unique_ptr<ObjectStore> inner_;
  std::shared_ptr<Bandwidth> bandwidth_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_limited_store(std::unique_ptr<ObjectStore> inner,
                                                std::shared_ptr<Bandwidth> bandwidth)
{
  return std::make_unique<LimitedStore>(std::move(inner), std::move(bandwidth));
}

}  // namespace ib
