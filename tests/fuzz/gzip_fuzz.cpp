// SPDX-License-Identifier: Apache-2.0
//
// gzip, as dumps and manifests are stored. It expands to the same in pieces of any size, and a
// manifest to no more than its limit. The first byte is the size of the pieces.
#include "fuzz/fuzz.hpp"
#include "repository/manifest_file.hpp"
#include "sys/file.hpp"
#include "sys/gzip.hpp"

#include <algorithm>

namespace {

using namespace ib;

// More than this of one input only costs time.
constexpr std::size_t kEnough = std::size_t{8} << 20U;

struct Expanded {
  bool whole = false;
  std::string text;
  bool operator==(const Expanded&) const = default;
};

Expanded expand(ByteView stored, std::size_t piece)
{
  Expanded expanded;
  GzipReader reader([&](ByteView bytes) -> Result<> {
    if (expanded.text.size() > kEnough) return fail(Errc::too_large, "enough");
    expanded.text += text_of(bytes);
    return {};
  });
  bool ok = true;
  while (ok && !stored.empty()) {
    const ByteView first = stored.first(std::min(piece, stored.size()));
    const Result<> written = reader.write(first);
    if (!written) fuzz::require_safe_to_show(written.error());
    ok = written.has_value();
    stored = stored.subspan(first.size());
  }
  expanded.whole = ok && reader.finish().has_value();
  return expanded;
}

void receive_manifest(ByteView stored, std::size_t piece)
{
  const Folder folder = Folder::open(fuzz::scratch_folder()).value();
  IncomingManifest manifest = IncomingManifest::create(folder, "manifest.db").value();
  std::size_t given = 0;
  while (!stored.empty()) {
    const ByteView first = stored.first(std::min(piece, stored.size()));
    given += first.size();
    if (!manifest.write(first)) return;
    stored = stored.subspan(first.size());
  }
  const Result<Content> content = manifest.finish();
  if (content)
    fuzz::require(content->size <= (std::uint64_t{64} << 20U) + 20 * given,
                  "a manifest is no bomb");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  fuzz::Input input(data, size);
  const std::size_t piece = std::size_t{input.byte()} + 1;
  const ByteView stored = bytes_of(input.rest());
  const Expanded at_once = expand(stored, std::max<std::size_t>(1, stored.size()));
  fuzz::require(at_once == expand(stored, piece) || at_once.text.size() > kEnough || !at_once.whole,
                "gzip expands to the same in pieces");
  receive_manifest(stored, piece);
  return 0;
}
