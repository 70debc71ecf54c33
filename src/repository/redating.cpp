// SPDX-License-Identifier: Apache-2.0
#include "repository/redating.hpp"

#include "base/assert.hpp"
#include "core/names/removable_name.hpp"
#include "repository/documents.hpp"
#include "repository/listing.hpp"
#include "repository/manifest_file.hpp"
#include "repository/proofs.hpp"
#include "repository/signed_store.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace ib {
namespace {

using Times = std::map<Timestamp, Timestamp>;  // as they are dated, and as they shall be

constexpr std::string_view kJsonType = "application/json";

class Redating {
public:
  explicit Redating(const RepositoryContext& repository) : repository_(repository) {}

  Result<std::vector<Redated>> run()
  {
    TRY(list(kManifestPrefix, [](const ObjectName& name) {
      const std::optional<Timestamp> time = manifest_time(name);
      return time ? time : restore_point_time(name);
    }));
    TRY(list(kProofsPrefix, proof_time));
    TRY(require_generations());
    choose_times();
    ScratchFolder scratch = TRY(ScratchFolder::create(repository_.scratch_parent));
    for (const Dated& each : ahead_) TRY(copy(each, scratch));
    TRY(renew_current_restore_point());
    // The restore points first: what is left of them rests on everything that it names.
    for (const std::string_view suffix : {".json", ".db"}) {
      for (const Dated& each : ahead_)
        if (each.info.name.value.ends_with(suffix)) TRY(remove(each.info.name));
    }
    return std::move(redated_);
  }

private:
  struct Dated {
    ObjectInfo info;
    Timestamp time{};
  };

  template <class TimeOf>
  Result<> list(std::string_view prefix, TimeOf time_of)
  {
    const std::unique_ptr<ObjectCursor> cursor =
        TRY(repository_.store.list(std::string(prefix), "", repository_.stop));
    std::vector<Dated> all;
    while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
      if (info->name.value == kCurrentRestorePoint) current_ = *info;
      if (const std::optional<Timestamp> time = time_of(info->name))
        all.push_back({.info = *std::move(info), .time = *time});
    }
    // After the first listing, whose reply tells the store's clock.
    now_ = TRY(repository_.store.now(repository_.stop));
    for (Dated& each : all)
      (is_dated_ahead(each.time, now_) ? ahead_ : others_).push_back(std::move(each));
    return {};
  }

  Result<> require_generations() const
  {
    for (const Dated& each : ahead_) {
      const Metadata& metadata = each.info.metadata;
      const bool is_proof = proof_time(each.info.name).has_value();
      if (is_proof || metadata.empty() || metadata.contains("generation")) continue;
      return fail(Errc::invalid,
                  each.info.name.value + ": was written by a version that counts by these times",
                  "--ignore-manifest " + each.info.name.value + " goes on without it.");
    }
    return {};
  }

  void choose_times()
  {
    choose_times([](const Dated& each) { return !proof_time(each.info.name); }, times_);
    choose_times([](const Dated& each) { return proof_time(each.info.name).has_value(); },
                 proof_times_);
  }

  template <class OfKind>
  void choose_times(OfKind is_of_kind, Times& times) const
  {
    Timestamp last{};
    for (const Dated& each : others_)
      if (is_of_kind(each)) last = std::max(last, each.time);
    for (const Dated& each : ahead_)
      if (is_of_kind(each)) times.emplace(each.time, Timestamp{});
    const auto count = static_cast<std::int64_t>(times.size());
    Timestamp next =
        std::max(last + std::chrono::seconds(1), now_ - std::chrono::seconds(count - 1));
    for (auto& [from, to] : times) {
      to = copied_before(from).value_or(next);
      if (to == next) next += std::chrono::seconds(1);
    }
  }

  /// The time of the copy that one which was killed has made.
  std::optional<Timestamp> copied_before(Timestamp from) const
  {
    for (const Dated& each : ahead_) {
      const std::string run = text_in(each.info.metadata, "run");
      if (each.time != from || run.empty()) continue;
      for (const Dated& other : others_) {
        if (text_in(other.info.metadata, "run") == run &&
            manifest_time(other.info.name).has_value() == manifest_time(each.info.name).has_value())
          return other.time;
      }
    }
    return std::nullopt;
  }

  ObjectName new_name(const Dated& each) const
  {
    if (manifest_time(each.info.name)) return manifest_name(times_.at(each.time));
    if (restore_point_time(each.info.name)) return restore_point_name(times_.at(each.time));
    return proof_name(proof_times_.at(each.time));
  }

  Result<> copy(const Dated& each, const ScratchFolder& scratch)
  {
    const ObjectName name = new_name(each);
    redated_.push_back({.from = each.info.name, .to = name});
    const bool is_there =
        std::ranges::any_of(others_, [&](const Dated& other) { return other.info.name == name; });
    if (is_there) return {};
    return manifest_time(each.info.name) ? copy_manifest(each, name, scratch)
                                         : copy_document(each, name);
  }

  Result<> copy_manifest(const Dated& each, const ObjectName& name, const ScratchFolder& scratch)
  {
    const Folder folder = TRY(Folder::open(scratch.path()));
    const std::string sha256 = repository_.signatures == nullptr
                                   ? text_in(each.info.metadata, "sha256")
                                   : repository_.signatures->signed_sha256(each.info.name);
    TRY(fetch_manifest(repository_.store, each.info.name, sha256, folder, name.value,
                       repository_.stop));
    const OutgoingManifest ready =
        TRY(prepare_manifest(folder, name.value, repository_.store.features()));
    Metadata metadata = each.info.metadata;
    if (const auto parents = metadata.find("parents"); parents != metadata.end())
      parents->second = renamed_parents(parents->second);
    if (const auto base = metadata.find("base"); base != metadata.end())
      base->second = renamed(base->second);
    TRY(ready.put(repository_.store, name, std::move(metadata)));
    return {};
  }

  Timestamp redated(Timestamp time) const
  {
    const auto found = times_.find(time);
    return found == times_.end() ? time : found->second;
  }

  std::string renamed_parents(std::string_view parents) const
  {
    std::string names;
    while (!parents.empty()) {
      const std::size_t comma = std::min(parents.find(','), parents.size());
      names += (names.empty() ? "" : ",") + renamed(std::string(parents.substr(0, comma)));
      parents.remove_prefix(std::min(comma + 1, parents.size()));
    }
    return names;
  }

  std::string renamed(const std::string& manifest) const
  {
    const std::optional<Timestamp> time = manifest_time({manifest});
    return time ? manifest_name(redated(*time)).value : manifest;
  }

  Result<> copy_document(const Dated& each, const ObjectName& name)
  {
    const Timestamp time = proof_time(name) ? proof_times_.at(each.time) : times_.at(each.time);
    const std::string document = TRY(redated_document(
        TRY(get_small(repository_.store, each.info.name, kLargestDocument, repository_.stop)),
        each.info.name.value, time, [&](Timestamp other) { return redated(other); }));
    Metadata metadata = each.info.metadata;
    metadata.erase("sha256");  // of the bytes; they are others now
    // Of a proof: which restore point's files it found whole.
    const Result<Timestamp> point = parse_timestamp(text_in(metadata, "restore-point"));
    if (point) metadata["restore-point"] = format_iso(redated(*point));
    TRY(put_small(repository_.store, name, document, metadata, std::string(kJsonType),
                  repository_.stop));
    if (restore_point_time(name)) newest_point_ = {document, std::move(metadata)};
    return {};
  }

  /// It is a copy for people, and fails without harm.
  Result<> renew_current_restore_point()
  {
    if (!newest_point_ || !current_) return {};
    const auto& [document, metadata] = *newest_point_;
    MemorySource source(bytes_of(document));
    static_cast<void>(repository_.store.replace({.name = current_->name,
                                                 .size = document.size(),
                                                 .crc32c = crc32c(bytes_of(document)),
                                                 .metadata = metadata,
                                                 .content_type = std::string(kJsonType)},
                                                source, current_->generation, repository_.stop));
    return {};
  }

  Result<> remove(const ObjectName& name)
  {
    const std::optional<RemovableName> removable = RemovableName::of(name);
    IB_ASSERT(removable.has_value());
    return repository_.store.remove(*removable, repository_.stop);
  }

  const RepositoryContext& repository_;
  Timestamp now_{};
  std::vector<Dated> ahead_;   // in the order of their names
  std::vector<Dated> others_;  // dated as they should be
  Times times_;                // of manifests and restore points
  Times proof_times_;
  std::optional<ObjectInfo> current_;  // manifest.json
  std::optional<std::pair<std::string, Metadata>> newest_point_;
  std::vector<Redated> redated_;
};

}  // namespace

Result<std::vector<Redated>> redate(const RepositoryContext& repository)
{
  return Redating(repository).run();
}

}  // namespace ib
