// SPDX-License-Identifier: Apache-2.0
#include "repository/manifest_file.hpp"

#include "sys/file_content.hpp"
#include "sys/gzip.hpp"
#include "sys/hash.hpp"
#include "sys/parallel_gzip.hpp"
#include "sys/threaded_sink.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace ib {
namespace {

constexpr std::string_view kGzipMagic =
    "\x1f\x8b";  // RFC 1952; SQLite's files begin with "SQLite format 3"
// Most of a row is digests, which nothing compresses (docs/benchmarks.md, "The manifest").
constexpr int kGzipLevel = 6;
// So they shrink to a third or so. What grows more than this was made to fill a disk.
constexpr std::uint64_t kMostTimesAsLarge = 20;
constexpr std::uint64_t kAnyManifestMayHave = std::uint64_t{64} << 20U;  // bytes, plain
constexpr std::size_t kBufferSize = std::size_t{256} * 1024;
constexpr std::string_view kManifestType = "application/vnd.sqlite3";

}  // namespace

struct IncomingManifest::State {
  PendingFile file;
  ContentHasher hasher;
  std::string head;  // the first bytes, until they tell which form this is
  bool form_known = false;
  std::uint64_t stored = 0, expanded = 0;  // bytes so far
  std::optional<GzipReader> gzip;
  ThreadedSink plain;  // last: its thread uses the file and the hasher

  explicit State(PendingFile pending)
      : file(std::move(pending)), plain([this](ByteView bytes) {
          hasher.update(bytes);
          return file.write(bytes);
        })
  {}

  Result<> take(ByteView bytes) { return gzip ? gzip->write(bytes) : plain.write(bytes); }

  Result<> decide_form()
  {
    form_known = true;
    if (head == kGzipMagic) gzip.emplace([this](ByteView bytes) { return take_expanded(bytes); });
    return take(bytes_of(head));
  }

  Result<> take_expanded(ByteView bytes)
  {
    expanded += bytes.size();
    if (expanded > kAnyManifestMayHave + kMostTimesAsLarge * stored)
      return fail(Errc::corrupt, "it expands to more than any manifest does",
                  "Find out who put it there.");
    return plain.write(bytes);
  }
};

IncomingManifest::IncomingManifest(std::unique_ptr<State> state) : state_(std::move(state)) {}
IncomingManifest::IncomingManifest(IncomingManifest&&) noexcept = default;
IncomingManifest::~IncomingManifest() = default;

Result<IncomingManifest> IncomingManifest::create(const Folder& folder, const std::string& name)
{
  return IncomingManifest(std::make_unique<State>(
      TRY(PendingFile::create(folder, name + ".part", name, PendingFile::Sync::later))));
}

Result<> IncomingManifest::write(ByteView stored)
{
  State& s = *state_;
  s.stored += stored.size();
  if (!s.form_known) {
    const ByteView first = stored.first(std::min(stored.size(), kGzipMagic.size() - s.head.size()));
    s.head += text_of(first);
    stored = stored.subspan(first.size());
    if (s.head.size() == kGzipMagic.size()) TRY(s.decide_form());
  }
  if (stored.empty()) return {};
  return s.take(stored);
}

Result<Content> IncomingManifest::finish()
{
  State& s = *state_;
  if (!s.form_known) TRY(s.decide_form());
  if (s.gzip) TRY(s.gzip->finish());
  TRY(s.plain.finish());
  TRY(s.file.commit_replacing());
  return s.hasher.finish();
}

Result<OutgoingManifest> prepare_manifest(const Folder& folder, const std::string& name,
                                          const StoreFeatures& features)
{
  OutgoingManifest outgoing;
  std::optional<PendingFile> compressed;
  std::optional<ParallelGzipWriter> writer;
  const std::string compressed_name = name + ".gz";
  // Cipher text does not shrink.
  if (features.keeps_encodings || features.encrypts) {
    compressed.emplace(TRY(PendingFile::create(folder, compressed_name + ".part", compressed_name,
                                               PendingFile::Sync::later)));
    writer.emplace(
        [&](ByteView bytes) {
          outgoing.size += bytes.size();
          outgoing.crc32c = crc32c(bytes, outgoing.crc32c);
          return compressed->write(bytes);
        },
        kGzipLevel, ParallelGzipWriter::useful_threads());
  }
  InputFile file = TRY(folder.open_file(name));
  ContentHasher hasher;
  std::vector<std::byte> buffer(kBufferSize);
  while (const std::size_t n = TRY(file.read(buffer))) {
    const ByteView piece = ByteView(buffer).first(n);
    hasher.update(piece);
    if (writer) TRY(writer->write(piece));
  }
  outgoing.plain = hasher.finish();
  outgoing.file = folder.path() + "/" + name;
  if (writer) {
    TRY(writer->finish());
    TRY(compressed->commit_replacing());
    outgoing.file = folder.path() + "/" + compressed_name;
    if (features.keeps_encodings) outgoing.content_encoding = "gzip";
  } else {
    outgoing.size = outgoing.plain.size;
    outgoing.crc32c = outgoing.plain.crc32c;
  }
  return outgoing;
}

NewObject OutgoingManifest::object(const ObjectName& name, Metadata metadata) const
{
  metadata["sha256"] = plain.sha256.hex();
  return {.name = name,
          .size = size,
          .crc32c = crc32c,
          .metadata = std::move(metadata),
          .content_type = std::string(kManifestType),
          .content_encoding = content_encoding};
}

// What is confirmed is worth keeping also when the run was asked to stop: no token in these two.
Result<ObjectInfo> OutgoingManifest::put(ObjectStore& store, const ObjectName& name,
                                         Metadata metadata) const
{
  InputFileSource source(TRY(InputFile::open(file)));
  return store.put(object(name, std::move(metadata)), source, {});
}

Result<ObjectInfo> OutgoingManifest::replace(ObjectStore& store, const ObjectName& name,
                                             Metadata metadata, std::uint64_t generation) const
{
  InputFileSource source(TRY(InputFile::open(file)));
  return store.replace(object(name, std::move(metadata)), source, generation, {});
}

namespace {

Result<ManifestInfo> fetch_once(ObjectStore& store, const ObjectName& name,
                                const std::string& sha256_hex, const Folder& folder,
                                const std::string& file, const std::stop_token& stop)
{
  IncomingManifest copy = TRY(IncomingManifest::create(folder, file));
  TRY(store.get(
      name, [&](ByteView bytes) { return copy.write(bytes).context(name.value); }, stop));
  const Content content = TRY(copy.finish().context(name.value));
  if (!sha256_hex.empty() && content.sha256.hex() != sha256_hex) {
    return fail(Errc::corrupt,
                name.value + ": its bytes are not those that were stored (the SHA-256 differs)");
  }
  return ManifestInfo{.object = name, .bytes = content.size, .sha256 = content.sha256};
}

}  // namespace

Result<ManifestInfo> fetch_manifest(ObjectStore& store, const ObjectName& name,
                                    const std::string& sha256_hex, const Folder& folder,
                                    const std::string& file, const std::stop_token& stop)
{
  Result<ManifestInfo> fetched = fetch_once(store, name, sha256_hex, folder, file, stop);
  if (fetched || fetched.error().code != Errc::corrupt || store.address().folder() != nullptr)
    return fetched;
  return fetch_once(store, name, sha256_hex, folder, file, stop);
}

}  // namespace ib
