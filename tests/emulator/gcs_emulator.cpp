// SPDX-License-Identifier: Apache-2.0
#include "emulator/gcs_emulator.hpp"

#include "emulator/http_server.hpp"
#include "emulator/service.hpp"

#include <stdexcept>

namespace ib::emulator {

struct GcsEmulator::State {
  explicit State(const EmulatorOptions& options)
      : address(options.address),
        service(options),
        line(options.line_rate),
        server(options.address, options.port, service.pause,
               options.line_rate == 0 ? nullptr : &line,
               [this](const Request& request, BodyStream& body) {
                 return service.serve(request, body);
               })
  {}

  std::string address;
  Service service;
  Line line;
  HttpServer server;
};

std::unique_ptr<GcsEmulator> GcsEmulator::start(EmulatorOptions options)
{
  return std::unique_ptr<GcsEmulator>(new GcsEmulator(std::make_unique<State>(options)));
}

GcsEmulator::GcsEmulator(std::unique_ptr<State> state) : state_(std::move(state)) {}

GcsEmulator::~GcsEmulator() = default;

std::string GcsEmulator::url() const
{
  return "http://" + state_->address + ":" + std::to_string(port());
}

std::uint16_t GcsEmulator::port() const
{
  return state_->server.port();
}

EmulatorStats GcsEmulator::stats() const
{
  return state_->service.counters.snapshot();
}

void GcsEmulator::reset_stats()
{
  state_->service.counters.reset();
}

void GcsEmulator::add_fault(FaultRule rule)
{
  state_->service.faults.add(std::move(rule));
}

void GcsEmulator::clear_faults()
{
  state_->service.faults.clear();
}

std::vector<FaultReport> GcsEmulator::faults() const
{
  return state_->service.faults.report();
}

std::vector<std::string> GcsEmulator::faults_not_hit() const
{
  std::vector<std::string> names;
  for (const FaultReport& report : faults()) {
    if (report.hits == 0) names.push_back(report.id);
  }
  return names;
}

namespace {

Version live(Service& service, std::string_view bucket, std::string_view name)
{
  const std::scoped_lock lock(service.buckets.mutex);
  const Bucket* found = service.buckets.find(std::string(bucket));
  return found == nullptr ? nullptr : found->live(std::string(name));
}

}  // namespace

std::vector<std::string> GcsEmulator::list(std::string_view bucket, std::string_view prefix) const
{
  Buckets& buckets = state_->service.buckets;
  const std::scoped_lock lock(buckets.mutex);
  std::vector<std::string> names;
  const Bucket* found = buckets.find(std::string(bucket));
  if (found == nullptr) return names;
  for (const Version& version :
       found->list({.prefix = std::string(prefix), .max_results = SIZE_MAX}).items) {
    names.push_back(version->fields.name);
  }
  return names;
}

std::optional<StoredObject> GcsEmulator::object(std::string_view bucket,
                                                std::string_view name) const
{
  const Version version = live(state_->service, bucket, name);
  if (!version) return std::nullopt;
  const ObjectFields& fields = version->fields;
  return StoredObject{.name = fields.name,
                      .generation = version->generation,
                      .metageneration = version->metageneration,
                      .size = version->blob->size(),
                      .storage_class = fields.storage_class,
                      .content_type = fields.content_type,
                      .content_encoding = fields.content_encoding,
                      .crc32c = fields.crc32c,
                      .md5 = fields.md5,
                      .custom_time = fields.custom_time,
                      .metadata = fields.metadata};
}

std::optional<std::string> GcsEmulator::content(std::string_view bucket,
                                                std::string_view name) const
{
  const Version version = live(state_->service, bucket, name);
  if (!version || version->blob->discarded()) return std::nullopt;
  return version->blob->text();
}

std::int64_t GcsEmulator::put(std::string_view bucket, std::string_view name,
                              std::string_view bytes, std::string_view storage_class,
                              std::map<std::string, std::string> metadata)
{
  Service& service = state_->service;
  BlobWriter writer(service.storage(), name, bytes.size(), true, false);
  writer.append(bytes_of(bytes));
  ObjectFields fields{.name = std::string(name),
                      .storage_class = std::string(storage_class),
                      .content_type = "application/octet-stream",
                      .metadata = std::move(metadata),
                      .crc32c = writer.crc32c().base64(),
                      .md5 = writer.md5().value_or("")};
  const std::scoped_lock lock(service.buckets.mutex);
  Bucket& there =
      service.buckets.all.try_emplace(std::string(bucket), std::string(bucket), Json::Object{})
          .first->second;
  return there.put({.fields = std::move(fields), .blob = writer.finish()})->generation;
}

void GcsEmulator::configure_bucket(std::string_view resource)
{
  const std::string wrong = state_->service.configure_buckets(resource);
  if (!wrong.empty()) throw std::runtime_error(wrong);
}

bool GcsEmulator::corrupt(std::string_view bucket, std::string_view name, std::uint64_t offset)
{
  Service& service = state_->service;
  const Version version = live(service, bucket, name);
  if (!version || offset >= version->blob->size() || version->blob->discarded()) return false;
  BlobWriter writer(service.storage(), name, version->blob->size(), false, false);
  writer.flip_at(offset);
  writer.append(bytes_of(version->blob->text()));
  auto damaged = std::make_shared<StoredVersion>(*version);
  damaged->blob = writer.finish();
  const std::scoped_lock lock(service.buckets.mutex);
  Bucket* there = service.buckets.find(std::string(bucket));
  if (there == nullptr || there->live(std::string(name)) != version) return false;
  there->replace(damaged);
  return true;
}

bool GcsEmulator::remove(std::string_view bucket, std::string_view name)
{
  Buckets& buckets = state_->service.buckets;
  const std::scoped_lock lock(buckets.mutex);
  Bucket* there = buckets.find(std::string(bucket));
  if (there == nullptr || !there->live(std::string(name))) return false;
  there->remove(std::string(name), std::nullopt);
  return true;
}

std::size_t GcsEmulator::open_uploads() const
{
  return state_->service.open_uploads();
}

}  // namespace ib::emulator
