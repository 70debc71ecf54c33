// SPDX-License-Identifier: Apache-2.0
#include "repository/store_marker.hpp"

#include "base/byte_source.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "repository/documents.hpp"
#include "sys/file.hpp"
#include "sys/hash.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestMarker = std::uint64_t{64} * 1024;
constexpr std::size_t kIdBytes = 16;
const std::string kContentType = "application/json";

ObjectName marker_name()
{
  return {std::string(kStoreMarker)};
}

std::unexpected<Error> unreadable(Error error)
{
  error.code = Errc::invalid;
  error.hint =
      "Nothing was changed. Find out who put it there. The store's owner removes it, and the next "
      "backup writes it again where there are restore points; elsewhere `immich-backup init` does.";
  return std::unexpected(std::move(error));
}

}  // namespace

StoreMarker new_marker(std::string id, std::vector<std::string> immich, Timestamp now,
                       std::string key)
{
  return {.id = id.empty() ? random_hex(kIdBytes) : std::move(id),
          .created = now,
          .immich = std::move(immich),
          .program_version = std::string(kVersion),
          .key = std::move(key)};
}

bool is_marker(const ObjectName& name)
{
  return name.value == kStoreMarker;
}

Result<std::string> marker_document(ObjectStore& store, const ObjectInfo& marker,
                                    const std::stop_token& stop)
{
  const auto told = marker.metadata.find(kMarkerDocumentKey);
  if (told != marker.metadata.end()) return told->second;
  return get_small(store, marker.name, kLargestMarker, stop);
}

Result<std::optional<StoreMarker>> find_marker(const RepositoryContext& repository,
                                               const ManifestListing& listing)
{
  if (!listing.marker) return std::nullopt;
  const std::string document =
      TRY(marker_document(repository.store, *listing.marker, repository.stop));
  Result<StoreMarker> marker = parse_store_marker(document, kStoreMarker);
  if (!marker) return unreadable(std::move(marker).error());
  return std::move(*marker);
}

Result<StoreMarker> create_marker(const RepositoryContext& repository, const StoreMarker& marker)
{
  const Result<ObjectInfo> created = put_small(
      repository.store, marker_name(), serialize(marker),
      {{kMarkerDocumentKey, serialize_on_one_line(marker)}}, kContentType, repository.stop);
  if (created) return marker;
  if (created.error().code != Errc::precondition_failed) return std::unexpected(created.error());
  Result<StoreMarker> there = parse_store_marker(
      TRY(get_small(repository.store, marker_name(), kLargestMarker, repository.stop)),
      kStoreMarker);
  if (!there) return unreadable(std::move(there).error());
  return there;
}

Result<> replace_marker(const RepositoryContext& repository, const ManifestListing& listing,
                        const StoreMarker& marker)
{
  const std::string document = serialize(marker);
  const ByteView bytes = bytes_of(document);
  MemorySource source(bytes);
  TRY(repository.store.replace({.name = marker_name(),
                                .size = bytes.size(),
                                .crc32c = crc32c(bytes),
                                .metadata = {{kMarkerDocumentKey, serialize_on_one_line(marker)}},
                                .content_type = kContentType},
                               source, listing.marker ? listing.marker->generation : 0,
                               repository.stop));
  return {};
}

std::optional<std::string> store_nearby(const StoreAddress& address)
{
  const FolderAddress* folder = address.folder();
  if (folder == nullptr) return std::nullopt;
  const auto is_store = [](const std::string& path) {
    return path_exists(path + "/" + std::string(kStoreMarker));
  };
  const auto url = [](const std::string& path) { return StoreAddress::of_folder(path).url(); };
  if (const Result<Folder> opened = Folder::open(folder->path)) {
    if (const Result<std::vector<FolderEntry>> entries = opened->entries())
      for (const FolderEntry& entry : *entries)
        if (const std::string path = folder->path + "/" + entry.name;
            entry.kind == FileKind::folder && is_store(path))
          return url(path);
  }
  const std::string parent = folder->path.substr(0, folder->path.rfind('/'));
  return !parent.empty() && is_store(parent) ? std::optional(url(parent)) : std::nullopt;
}

std::unexpected<Error> no_store(const StoreAddress& address)
{
  const std::string url = address.url();
  std::string what = ": no store was begun there";
  std::string why = "Is the bucket's name right, and the prefix?";
  if (const FolderAddress* folder = address.folder()) {
    why = "Is the disk mounted, and is the path right?";
    const Result<Folder> opened = Folder::open(folder->path);
    const Result<std::vector<FolderEntry>> entries =
        opened ? opened->entries() : std::unexpected(opened.error());
    if (!opened && opened.error().code == Errc::not_found)
      what = ": there is no such folder";
    else if (entries && entries->empty())
      what = ": the folder is empty, and no store was begun there";
  }
  if (const std::optional<std::string> nearby = store_nearby(address))
    return fail(Errc::invalid, url + what,
                "A store is at " + printable(*nearby) + ": --store " + shell_quoted(*nearby));
  return fail(Errc::invalid, url + what,
              "Nothing was written. " + why +
                  " Where a new backup is to begin, run once: immich-backup init --store " +
                  shell_quoted(url));
}

std::unexpected<Error> another_stores_marker(const std::string& url)
{
  return fail(
      Errc::invalid,
      url + ": " + std::string(kStoreMarker) +
          " is not the marker of the store that the restore points here name",
      "Nothing was changed. Find out who put it there, and whether these are the objects of "
      "two stores. With the owner's credential, `immich-backup init --adopt` writes the "
      "marker that the restore points name.");
}

std::unexpected<Error> another_immich(const std::string& url, const std::string& database)
{
  return fail(
      Errc::invalid,
      url + ": is the store of another Immich than " + database + " is the database of",
      "Nothing was written. Is the store's address right, and the database's? Each Immich "
      "needs a store of its own, such as another folder or prefix. If this Immich takes the "
      "other one's place, run once, with the owner's credential: immich-backup init --adopt");
}

bool may_be_same_immich(const std::vector<std::string>& one, const std::vector<std::string>& other)
{
  if (one.empty() || other.empty()) return true;
  return std::ranges::find_first_of(one, other) != one.end();
}

}  // namespace ib
